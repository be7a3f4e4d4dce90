"""Says why one customer is in each segment, from a release and the declarations.

Reads published tables only; nothing is assigned here. `explain_text.py` prints it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from dagster_project.errors import UsageError
from dagster_project.segmentation.explain_rules import tried_rules
from dagster_project.segmentation.explanation import Explanation, Trait
from dagster_project.segmentation.plain_words import feature_words, value_words
from dagster_project.segmentation.predicate_values import Features
from dagster_project.segmentation.rule_model import read_rules
from dagster_project.segmentation.rule_registry import OTHERWISE_MEANS, UNKNOWN_MEANS
from dagster_project.segmentation.rule_sql import rendered
from dagster_project.segmentation.spec import UNKNOWN, ModelSpec, RulesSpec

TRAITS = 5


@dataclass(frozen=True)
class _Release:
    """The published tables of one release and the declared features."""

    connection: duckdb.DuckDBPyConnection
    schema: str
    features: Features

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows by column name; `{schema}` in the query is the release's."""
        result = self.connection.execute(query.format(schema=self.schema), values)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def has(self, table: str, *columns: str) -> bool:
        """Whether the release has a table with these columns."""
        try:
            relation = self.connection.table(f"{self.schema}.{table}")
        except duckdb.CatalogException:
            return False
        return set(columns) <= set(relation.columns)


def explain_customer(
    connection: duckdb.DuckDBPyConnection,
    customer_id: str,
    models: Sequence[ModelSpec],
    features: Features,
    schema: str = "main",
) -> list[Explanation]:
    """One explanation per model and segment of a customer, sorted by model.

    Reads `customer_features`, `customer_segments` and, for clusters, `cluster_models`
    of a release in `schema`. A model that is declared but not in the release is left
    out. Raises UsageError with the nearest ids for an unknown customer.
    """
    release = _Release(connection, schema, features)
    customer = "from {schema}.customer_features where customer_id = ?"
    if not release.rows(f"select 1 {customer}", customer_id):
        raise UsageError(_no_such_customer(release, customer_id))
    declared = {model.name: model for model in models}
    assigned = release.rows(
        "from {schema}.customer_segments where customer_id = ? order by model, segment",
        customer_id,
    )
    return [_explained(release, one, declared.get(one["model"])) for one in assigned]


def _explained(
    release: _Release, assigned: dict[str, Any], spec: ModelSpec | None
) -> Explanation:
    name = assigned["reason_feature"]
    known = name in release.features
    base = Explanation(
        model=assigned["model"],
        title=spec.title if spec else None,
        kind=getattr(spec, "kind", None),
        segment=assigned["segment"],
        means=UNKNOWN_MEANS if assigned["segment"] == UNKNOWN else None,
        assigned=assigned,
        reason=feature_words(release.features[name]) if known else name,
    )
    if isinstance(spec, RulesSpec):
        return _by_rules(release, base, spec)
    return replace(base, traits=_traits(release, assigned))


def _by_rules(release: _Release, base: Explanation, spec: RulesSpec) -> Explanation:
    means = {rule.name: rule.means for rule in spec.segments}
    means[spec.otherwise] = spec.otherwise_means or OTHERWISE_MEANS
    base = replace(base, means=base.means or means.get(base.segment))
    model = read_rules([spec], release.features)[0]
    if not release.has("customer_features", *model.features):
        return base
    tried = tried_rules(
        release.connection,
        model,
        release.features,
        f"{release.schema}.customer_features",
        base.assigned["customer_id"],
    )
    last = tried[-1]
    now = {True: last.segment, None: UNKNOWN, False: spec.otherwise}[last.holds]
    return replace(base, tried=tried, segment_now=now)


def _traits(release: _Release, assigned: dict[str, Any]) -> tuple[Trait, ...]:
    """What tells the customer's cluster from the next one, the clearest first."""
    if not release.has("cluster_models"):
        return ()
    rows = release.rows(
        """
        select own.feature, own.centroid_raw as typical, other.centroid_raw as next
        from {schema}.cluster_models as own
        left join {schema}.cluster_models as other
            on other.model = own.model
            and other.feature = own.feature
            and other.segment_name = ?
        where own.model = ? and own.segment_name = ?
        order by
            own.weight * power(own.centroid - other.centroid, 2) desc nulls last,
            own.feature
        limit ?
        """,
        assigned["next_segment"],
        assigned["model"],
        assigned["segment"],
        TRAITS,
    )
    return tuple(_trait(release, assigned["customer_id"], row) for row in rows)


def _trait(release: _Release, customer_id: str, row: dict[str, Any]) -> Trait:
    name = row["feature"]
    value = None
    if name in release.features and release.has("customer_features", name):
        (found,) = release.rows(
            f"select {rendered(name, release.features)} as value "
            "from {schema}.customer_features where customer_id = ?",
            customer_id,
        )
        value = found["value"]
    feature = release.features.get(name)
    words = feature_words(feature) if feature else name
    return Trait(name, words, value_words(value), row["typical"], row["next"])


def _no_such_customer(release: _Release, customer_id: str) -> str:
    near = release.rows(
        "select customer_id from {schema}.customer_features "
        "order by levenshtein(customer_id, ?), customer_id limit 3",
        customer_id,
    )
    ids = ", ".join(row["customer_id"] for row in near)
    return f"no customer {customer_id!r} in this release; the nearest ids are: {ids}"
