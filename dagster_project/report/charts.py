"""The data of the charts: plain numbers and labels, drawn by static/page.js."""

import json
from typing import Any

from markupsafe import Markup

from dagster_project.report import words
from dagster_project.report.migration import Migration
from dagster_project.report.revenue import Revenue
from dagster_project.report.segments import Model

# Fewer flows are read faster in the table.
FLOWS_WORTH_A_CHART = 3


def chart_data(
    revenue: Revenue, models: list[Model], moves: dict[str, Migration]
) -> Markup:
    """All charts by their element id, as JSON that cannot leave its script block."""
    charts: dict[str, Any] = {}
    if len(revenue.months) > 1:
        charts["chart-mrr"] = _mrr(revenue)
    for index, model in enumerate(models, start=1):
        flows = _flows(moves[model.name])
        if len(flows["links"]) >= FLOWS_WORTH_A_CHART:
            charts[f"chart-moves-{index}"] = flows
    text = json.dumps(charts, ensure_ascii=True, allow_nan=False, sort_keys=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def mrr_in_words(revenue: Revenue) -> str:
    """What the MRR chart shows, for those who do not see it."""
    first, last = revenue.months[0], revenue.months[-1]
    return (
        f"MRR by month: {words.money(first.mrr, revenue.currency)} in"
        f" {words.month(first.month)}, {words.money(last.mrr, revenue.currency)} in"
        f" {words.month(last.month)}. The movements of each month are in the table"
        " below the chart."
    )


def _mrr(revenue: Revenue) -> dict[str, Any]:
    months = revenue.months
    series = {
        kind: [_plain(month.movements[kind]) for month in months]
        for kind in revenue.kinds
    }
    if revenue.opens_with_all:
        series = {kind: [None, *amounts[1:]] for kind, amounts in series.items()}
    return {
        "type": "mrr",
        "currency": revenue.currency,
        "months": [words.month(month.month) for month in months],
        "mrr": [_plain(month.mrr) for month in months],
        "kinds": [{"kind": k, "label": words.plain(k)} for k in revenue.kinds],
        "movements": series,
    }


def _flows(moves: Migration) -> dict[str, Any]:
    """Both sides get their own nodes: a way there and back is no circle."""
    counted = [move for move in moves.moves if move.customers]
    links = [
        {"from": m.origin, "to": m.target, "customers": m.customers} for m in counted
    ]
    return {"type": "moves", "links": links}


def _plain(value: Any) -> float | None:
    return float(value) if words.is_known(value) else None
