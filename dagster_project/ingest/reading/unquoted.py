"""Records without quotes: a line is one text, cut at each delimiter when it is mapped.

Quotes are ordinary characters in it; read as csv they would open a cell.
"""

from typing import Any

from dagster_project.warehouse import literal

#: The only group of the pattern that reads such lines.
WHOLE_LINE = "line"


def as_one_text(declared: Any) -> Any:
    """A declaration with `quote: none` as the one that reads its lines whole.

    Raises ValueError for a format that knows no quotes.
    """
    if not isinstance(declared, dict) or declared.get("quote") != "none":
        return declared
    if declared.get("format") != "csv":
        raise ValueError("quote: is for format csv")
    return {**declared, "format": "regex", "pattern": f"(?P<{WHOLE_LINE}>(?s:.*))"}


def parts_sql(line: str, delimiter: str) -> str:
    """The cells of a line as a list, as SQL."""
    return f"string_split({line}, {literal(delimiter)})"


def problem_sql(parts: str, wanted: int) -> str:
    """What made the row unreadable, here another number of cells, as SQL."""
    return f"""coalesce(problem, case when len({parts}) <> {wanted}
        then 'row: ' || len({parts}) || ' cells, not {wanted}' end)"""
