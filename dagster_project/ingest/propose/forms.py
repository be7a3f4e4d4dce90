"""The forms of one field in a proposal: names in expressions, times, words for ours."""

import re
from dataclasses import dataclass
from typing import Any

from dagster_project.ingest.propose.matching import Match, Matching, key_of
from dagster_project.ingest.propose.sample import words
from dagster_project.ingest.propose.values import Look

#: A label of a vendor, not something that a person wrote.
LABEL = re.compile(r"[A-Za-z$][A-Za-z0-9_ $-]{0,30}|[01]")
MOST_LABELS = 20
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Proposed:
    """The form of one field, the vendor columns it reads, and why."""

    spec: Any
    columns: tuple[str, ...]
    reason: str


def written(look: Look) -> dict[str, str]:
    """How a declaration says the way in which times are written."""
    if look.unit:
        return {"unit": look.unit}
    return {"format": look.format} if look.format else {}


def name_in_sql(column: str) -> str:
    """A vendor column as an expression names it."""
    parts = column.split(".")
    return ".".join(part if PLAIN.fullmatch(part) else f'"{part}"' for part in parts)


def translated(
    matching: Matching, match: Match, allowed: tuple[str, ...], values: list[str]
) -> tuple[Any, str]:
    """Their words for ours; those that are not understood stay as they are."""
    theirs = sorted({value.strip() for value in values if value.strip()})
    known = words()["values"].get(match.field, {})
    mapped = {
        label: ours
        for label in theirs[:MOST_LABELS]
        if label not in allowed and LABEL.fullmatch(label)
        for ours, names in known.items()
        if ours in allowed and key_of(label) in [key_of(name) for name in names]
    }
    default = words()["defaults"].get(matching.feed.name, {}).get(match.field)
    unknown = [one for one in theirs if one not in allowed and one not in mapped]
    if not mapped and not (unknown and default):
        more = ", some of its values are none of ours" if unknown else ""
        return match.column, more
    spec: dict[str, Any] = {
        "path": match.column,
        "values": mapped or {allowed[0]: allowed[0]},
    }
    if default:
        spec["default"] = default
        spec["values"] = {**{a: a for a in allowed if a in theirs}, **spec["values"]}
        return spec, ""
    return spec, ", some of its values are none of ours" if unknown else ""
