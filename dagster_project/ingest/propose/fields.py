"""How each of our columns is got from the columns that were matched."""

import re
from typing import Any

from dagster_project.ingest.propose.forms import (
    Proposed,
    name_in_sql,
    translated,
    written,
)
from dagster_project.ingest.propose.matching import Match, Matching, key_of
from dagster_project.ingest.propose.sample import Columns, Sample, words
from dagster_project.ingest.propose.stand_ins import stand_ins
from dagster_project.ingest.propose.values import Look

MONEY = ("amount", "unit_price", "monthly_amount", "price", "unit_amount")
CENTS = re.compile(r"(?i)(cents?|minor|pence)$")


def propose_fields(matching: Matching, sample: Sample) -> dict[str, Proposed]:
    """Our columns in the order of the feed, as far as they could be found."""
    given = sample.lists[matching.explode] if matching.explode else sample.columns
    found = {
        name: _field(matching, match, given) for name, match in matching.matches.items()
    }
    found |= stand_ins(matching, found, given)
    return {name: found[name] for name in matching.feed.fields if name in found}


def version_of(matching: Matching) -> dict[str, Any] | None:
    """What orders the versions of an id, if a column says it."""
    known = [key_of(word) for word in words()["version"]]
    for word in known:
        for column, look in matching.looks.items():
            if key_of(column.split(".")[-1]) == word and look.shape in ("time", "date"):
                return {"path": column, **written(look)}
    return None


def _field(matching: Matching, match: Match, given: Columns) -> Proposed:
    kind = matching.feed.fields[match.field]
    spec: Any = match.column
    reason = match.reason
    if kind in ("timestamp", "date") and (form := written(match.look)):
        spec = {"path": match.column, **form}
        reason += _other_reading(match.look, given[match.column])
    elif kind == "decimal" and CENTS.search(match.column):
        spec = {"sql": f"{name_in_sql(match.column)} / 100"}
        reason += ", in minor units"
    elif match.field in MONEY and match.look.shape == "integer":
        reason += ' (in minor units? then {sql: "... / 100"})'
    elif kind == "currency" and _has_small(given[match.column]):
        spec = {"sql": f"upper({name_in_sql(match.column)})"}
    elif allowed := matching.feed.values.get(match.field):
        spec, more = translated(matching, match, allowed, given[match.column])
        reason += more
    return Proposed(spec, (match.column,), reason)


def _has_small(values: list[str]) -> bool:
    return any(value != value.upper() for value in values)


def _other_reading(look: Look, values: list[str]) -> str:
    """Days before months, or the other way round."""
    if not look.format or not look.format.startswith(("%d/%m", "%m/%d")):
        return ""
    parts = [re.findall(r"\d+", value)[:2] for value in values]
    numbers = [int(number) for part in parts for number in part]
    return " (days or months first: no row tells)" if max(numbers) <= 12 else ""
