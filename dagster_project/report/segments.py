"""Sizes of the segments of each model, in the order and words of the registry."""

from dataclasses import dataclass
from typing import Any

from dagster_project.report import words
from dagster_project.report.published import Published

SMALL_GROUP = 10
NOT_KNOWN = "unknown"


@dataclass(frozen=True)
class Segment:
    """One segment of a model and how many customers are in it."""

    name: str
    title: str
    means: str
    rule: str
    customers: int | None
    share: float | None

    @property
    def is_small(self) -> bool:
        """Whether so few are in it that a mean would describe single customers."""
        return bool(self.customers) and (self.customers or 0) < SMALL_GROUP

    @property
    def is_unknown(self) -> bool:
        """Whether it holds the customers whose data is missing."""
        return self.name == NOT_KNOWN


@dataclass(frozen=True)
class Model:
    """One segmentation model with its segments in declared order."""

    name: str
    title: str
    kind: str | None
    goal: str | None
    kpi: str | None
    owner: str | None
    segments: list[Segment]

    @property
    def overlaps(self) -> bool:
        """Whether a customer may be in several of its segments."""
        return self.kind == "micro"


def models(published: Published) -> list[Model]:
    """Every model of the registry or of the assignments, by title."""
    rows = published.rows(
        """with assigned as (
            select model, segment, count(*) as customers
            from {customer_segments} where model is not null group by model, segment
        ),
        everyone as (
            select count(distinct customer_id) as customers from {customer_segments}
        )
        select coalesce(registry.model, assigned.model) as model,
            coalesce(registry.segment, assigned.segment) as segment,
            registry.* exclude (model, segment, customers),
            case when assigned.customers is not null then assigned.customers
                when everyone.customers > 0 then 0
                else registry.customers end as customers,
            everyone.customers as everyone
        from {segment_registry} as registry
        full join assigned
            on registry.model = assigned.model and registry.segment = assigned.segment
        cross join everyone
        order by 1, registry.segment_order nulls last, 2"""
    )
    by_model: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["model"] is not None and row["segment"] is not None:
            by_model.setdefault(row["model"], []).append(row)
    found = [_model(name, group) for name, group in by_model.items()]
    return sorted(found, key=lambda model: (model.overlaps, model.title, model.name))


def _model(name: str, rows: list[dict[str, Any]]) -> Model:
    def said(column: str) -> Any:
        return next((row[column] for row in rows if row[column]), None)

    kind = said("kind")
    counted = sum(row["customers"] or 0 for row in rows)
    total = rows[0]["everyone"] if kind == "micro" else counted
    ordered = sorted(rows, key=lambda row: row["segment"] == NOT_KNOWN)
    return Model(
        name=name,
        title=said("title") or words.plain(name),
        kind=kind,
        goal=said("goal"),
        kpi=said("kpi"),
        owner=said("owner"),
        segments=[_segment(row, total) for row in ordered],
    )


def _segment(row: dict[str, Any], total: int) -> Segment:
    customers = row["customers"]
    is_counted = customers is not None and total
    name = row["segment"]
    means = row["means"]
    if not means and name == NOT_KNOWN:
        means = "The data that the model needs is not there"
    return Segment(
        name=name,
        title="Unknown" if name == NOT_KNOWN else words.plain(name),
        means=means or "",
        rule=row["rule"] or "",
        customers=customers,
        share=customers / total if is_counted else None,
    )
