"""Writes the one query that judges every customer by every rule model.

The query is built in layers, each a projection of the one below: what is true, which
rule took the customer, how far the thresholds are, which comparison decided. Only
numbers travel through the layers; names are looked up at the end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from dagster_project.segmentation.predicate_tree import (
    Condition,
    Junction,
    comparisons,
    conjuncts,
)
from dagster_project.segmentation.predicate_values import Features
from dagster_project.segmentation.rule_model import Reason, RuleModel
from dagster_project.warehouse import identifier

FARTHEST = 999_999
# Planning time grows faster than the number of models in one projection (DuckDB 2.0,
# a busy machine: 100 models 6 s, 200 models 86 s); a scan of the source is cheap.
MODELS_PER_SCAN = 20
FLOATS = ("double", "float", "real")

Layer = Callable[[int, RuleModel], Iterator[str]]


def assignment_query(
    models: Sequence[RuleModel], features: Features, source: str
) -> str:
    """One row per customer, as-of date and model, in numbers.

    Columns: customer_id, as_of_date, answer: struct(model, outcome, coverage, margin,
    next_outcome, reason, value).
    """
    numbered = list(enumerate(models))
    starts = range(0, len(numbered), MODELS_PER_SCAN)
    return " union all ".join(
        _scan(numbered[at : at + MODELS_PER_SCAN], features, source) for at in starts
    )


def _scan(
    models: Sequence[tuple[int, RuleModel]], features: Features, source: str
) -> str:
    layers: tuple[Layer, ...] = (_truths, _outcome, _distances, _margin, _near, _reason)
    query = source
    for layer in layers:
        columns = ", ".join(c for j, model in models for c in layer(j, model))
        query = f"(select *, {columns} from {query})"
    answers = ", ".join(_answer(j, model, features) for j, model in models)
    return f"select customer_id, as_of_date, unnest([{answers}]) as answer from {query}"


def _truths(j: int, model: RuleModel) -> Iterator[str]:
    """Each rule, and each condition of a rule that joins several by `and`."""
    for i, predicate in enumerate(model.predicates):
        yield f"{predicate.sql} as p{j}_{i}"
        parts = conjuncts(predicate.root)
        for c, part in enumerate(parts if len(parts) > 1 else ()):
            yield f"{part.sql} as p{j}_{i}_{c}"


def _outcome(j: int, model: RuleModel) -> Iterator[str]:
    """Which rule took the customer, and the share of the features that are known."""
    yield f"{_first_rule(j, model)} as o{j}"
    known = " + ".join(f"({identifier(f)} is not null)::int" for f in model.features)
    yield f"({known}) / {len(model.features)}::double as coverage{j}"


def _distances(j: int, model: RuleModel) -> Iterator[str]:
    """How far the thresholds are that could change the segment, and what follows.

    Those of the rule that took the customer, and that of an earlier rule of which
    nothing else fails. Relative to the threshold, absolute where it is 0.
    """
    yield f"{_first_rule(j, model, after=f'o{j}')} as later{j}"
    for t in model.thresholds:
        limit = t.comparison.right[0].text
        scale = abs(float(limit)) or 1.0
        away = f"abs({t.comparison.left.sql}::double - ({limit})::double) / {scale!r}"
        others = " and ".join(f"p{j}_{t.rule}_{c}" for c in t.others)
        entered = f"o{j} > {t.rule}" + (f" and {others}" if others else "")
        when = f"o{j} = {t.rule} or ({entered})"
        yield f"case when {when} then {away} end as d{j}_{t.reason}"


def _margin(j: int, model: RuleModel) -> Iterator[str]:
    columns = ", ".join(f"d{j}_{t.reason}" for t in model.thresholds)
    yield (f"least({columns})" if columns else "null::double") + f" as margin{j}"


def _near(j: int, model: RuleModel) -> Iterator[str]:
    """The nearest threshold, the first of equally near ones, and where it leads."""
    near = [f"when d{j}_{t.reason} = margin{j} then" for t in model.thresholds]
    which = [f"{n} {t.reason}" for n, t in zip(near, model.thresholds, strict=True)]
    leads = [
        f"{n} case when o{j} = {t.rule} then later{j} else {t.rule} end"
        for n, t in zip(near, model.thresholds, strict=True)
    ]
    yield f"{_case(which)} as near{j}"
    yield f"{_case(leads)} as next{j}"


def _reason(j: int, model: RuleModel) -> Iterator[str]:
    """The comparison that decided: of the rule, the missing one, or the nearest."""
    cases = []
    number = 0
    for i, predicate in enumerate(model.predicates):
        deciding = _first_of(predicate.root, number, wanted=True)
        cases.append(f"when o{j} = {i} then {deciding}")
        number += len(list(comparisons(predicate.root)))
    failed = _first_of(model.predicates[0].root, 0, wanted=False)
    cases.append(f"when o{j} = {model.otherwise} then coalesce(near{j}, {failed})")
    for k, r in _missing_first(model):
        null = f"{identifier(r.feature)} is null and " if r.is_missing else ""
        unjudged = f"o{j} = {-1 - r.rule} and {null}{r.comparison.sql} is null"
        cases.append(f"when {unjudged} then {k}")
    yield f"{_case(cases)} as reason{j}"


def _answer(j: int, model: RuleModel, features: Features) -> str:
    by_feature: dict[str, list[str]] = {}
    for k, reason in enumerate(model.reasons):
        by_feature.setdefault(reason.feature, []).append(str(k))
    values = [
        f"when reason{j} in ({', '.join(numbers)}) then {rendered(name, features)}"
        for name, numbers in by_feature.items()
    ]
    near = f"least(round(margin{j}, 6), {FARTHEST})::decimal(18, 6)"
    margin = f"case when margin{j} is not null then {near} end"
    return (
        f"{{'model': {j}, 'outcome': o{j}, 'coverage': coverage{j}::decimal(9, 6), "
        f"'margin': {margin}, 'next_outcome': next{j}, 'reason': reason{j}, "
        f"'value': {_case(values, 'varchar')}}}"
    )


def _first_rule(j: int, model: RuleModel, after: str | None = None) -> str:
    """The first rule that is true, or stops; of those after an outcome if given."""
    cases = []
    for i in range(model.otherwise):
        guard = f"{after} < {i} and " if after else ""
        cases.append(f"when {guard}p{j}_{i} then {i}")
        cases.append(f"when {guard}p{j}_{i} is null then {-1 - i}")
    return f"case {' '.join(cases)} else {model.otherwise} end"


def _first_of(root: Condition, number: int, wanted: bool) -> str:
    """The first comparison of a condition that is true (or false, if not wanted).

    Without an `or` the first of a true condition is known beforehand.
    """
    plain = all(not isinstance(part, Junction) for part in conjuncts(root))
    if wanted and plain:
        return str(number)
    check = "" if wanted else "not "
    return _case(
        f"when {check}{c.sql} then {number + k}"
        for k, c in enumerate(comparisons(root))
    )


def _missing_first(model: RuleModel) -> list[tuple[int, Reason]]:
    """What may have stopped a rule: of each comparison the missing features first."""
    position = {(r.rule, r.comparison): k for k, r in enumerate(model.reasons)}
    return sorted(
        enumerate(model.reasons),
        key=lambda item: (
            item[1].rule,
            position[item[1].rule, item[1].comparison],
            not item[1].is_missing,
        ),
    )


def rendered(name: str, features: Features) -> str:
    """A value as text: the same for the same number on every machine."""
    if features[name].type.startswith(FLOATS):
        return f"printf('%.9g', {identifier(name)})"
    return f"{identifier(name)}::varchar"


def _case(whens: Iterable[str], null_type: str = "int") -> str:
    joined = " ".join(whens)
    return f"case {joined} end" if joined else f"null::{null_type}"
