"""Vendor columns become our columns, still as texts: the SQL of one source.

Whether a text is a good value is judged in `judging.py`.
"""

import difflib
import re

from dagster_project.ingest.expressions import number_sql, vendor_column
from dagster_project.ingest.field_spec import PSEUDO_COLUMNS, FieldSpec
from dagster_project.ingest.layout import Layout
from dagster_project.ingest.lines import RejectedFile
from dagster_project.ingest.source_spec import SourceSpec
from dagster_project.warehouse import identifier, literal

VERSION = "_version_at"


def text_column(name: str) -> str:
    """The SQL name of one of our columns before it is typed."""
    return identifier(f"t.{name}")


def present_fields(source: SourceSpec, layout: Layout) -> dict[str, FieldSpec]:
    """The mapped columns that this delivery can fill.

    Raises RejectedFile when a required one is not among them, naming the header.
    """
    present = {
        name: field
        for name, field in source.mapped.items()
        if not field.paths or any(_held(layout, path) for path in field.paths)
    }
    feed = source.feed_spec
    for name in feed.required:
        if name not in present:
            raise RejectedFile(_missing(name, source.mapped[name].paths, layout))
    for group in feed.one_of:
        if not present.keys() & set(group):
            raise RejectedFile(_missing(" | ".join(group), group, layout))
    return present


def absent_columns(source: SourceSpec, layout: Layout) -> list[str]:
    """Vendor columns that the declaration names and the delivery has not."""
    named = [path for field in source.fields.values() for path in field.path[:1]]
    return sorted({path for path in named if not _held(layout, path)})


def texts_sql(source: SourceSpec, layout: Layout) -> str:
    """A query of (_file, _line, _raw, _latest, _problem, `t.<column>`...).

    Rows that the source's `where` does not want are left out. `_problem` also says
    where an expression met a text instead of a number. `_latest` is up to when an event
    of this file may have happened.
    """
    present = present_fields(source, layout)
    columns = [f"{_text(f)} as {text_column(n)}" for n, f in present.items()]
    if source.version_at:
        path = source.version_at.path
        text = vendor_column(path) if path else "_version_text"
        columns.append(f"{text} as {text_column(VERSION)}")
    problem = _number_complaints(source, present)
    return f"""
        with vendor as ({_vendor_sql(source, layout)})
        select _file, _line, _raw, _latest, {problem} as _problem, {", ".join(columns)}
        from vendor {_where(source)}"""


def version_in_path(source: SourceSpec, name: str) -> str | None:
    """The version that the path of a delivery carries, where the source says so.

    Raises RejectedFile when the path does not carry it.
    """
    if source.version_at is None or source.version_at.file_path is None:
        return None
    pattern = source.version_at.file_path
    found = re.search(pattern, name)
    if not found:
        raise RejectedFile(f"version_at: {pattern!r} is not in the path")
    return found.group(1) if found.re.groups else found.group()


def _held(layout: Layout, path: str) -> bool:
    return path in PSEUDO_COLUMNS or layout.holds(path)


def _vendor_sql(source: SourceSpec, layout: Layout) -> str:
    pseudo = {
        "_path": "_path",
        "_line": "cast(line as VARCHAR)",
        "_row": "try(decode(raw))",
    }
    paths = (*source.vendor_paths, *_unpivoted(source))
    columns = [
        f"nullif(trim({pseudo.get(path) or layout.cell(path)}, ' \t\r\n'), '')"
        f" as {vendor_column(path)}"
        for path in dict.fromkeys(paths)
    ]
    own = ["file as _file", "line as _line", "raw as _raw", "problem as _problem"]
    own += ["_latest", "_version_text"]
    return f"""
        select {", ".join([*own, *columns])}
        from read_rows inner join batch_files using (file)
        where not is_empty"""


def _unpivoted(source: SourceSpec) -> tuple[str, ...]:
    return (source.unpivot.key, source.unpivot.value) if source.unpivot else ()


def _text(field: FieldSpec) -> str:
    if field.value is not None:
        return literal(field.value)
    if field.expression:
        text = f"nullif(trim(cast({field.expression.sql} as VARCHAR)), '')"
    else:
        columns = ", ".join(vendor_column(path) for path in field.path)
        text = f"coalesce({columns})" if len(field.path) > 1 else columns
    if field.values:
        cases = " ".join(
            f"when {literal(theirs)} then {literal(ours)}"
            for theirs, ours in field.values.items()
        )
        other = text if field.default is None else literal(field.default)
        return f"case {text} {cases} else {other} end"
    return (
        text if field.default is None else f"coalesce({text}, {literal(field.default)})"
    )


def _where(source: SourceSpec) -> str:
    if not (condition := source.condition):
        return ""
    wanted = ["_problem is not null", f"coalesce({condition.sql}, false)"]
    wanted += [_is_no_number(path) for path in condition.numbers]
    return f"where {' or '.join(wanted)}"


def _number_complaints(source: SourceSpec, present: dict[str, FieldSpec]) -> str:
    expressions = {name: field.expression for name, field in present.items()}
    complaints = [
        f"case when {_is_no_number(path)} then "
        f"{literal(f'{name}: {path} is not a number')} end"
        for name, expression in {**expressions, "where": source.condition}.items()
        for path in (expression.numbers if expression else ())
    ]
    if not complaints:
        return "_problem"
    return f"coalesce(_problem, nullif(concat_ws('; ', {', '.join(complaints)}), ''))"


def _is_no_number(path: str) -> str:
    return f"({vendor_column(path)} is not null and {number_sql(path)} is null)"


def _missing(name: str, paths: tuple[str, ...], layout: Layout) -> str:
    header = [layout.key(title) for title in layout.titles]
    wanted = " | ".join(paths) or name
    near = difflib.get_close_matches(wanted.lower(), header, n=2, cutoff=0.5)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    found = f"found: {', '.join(header)}{hint}"
    return f"required column {wanted} for {name} is missing; {found}"
