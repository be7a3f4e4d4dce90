"""Vendor columns become our columns, still as texts: the SQL of one source.

Whether a text is a good value is judged in `judging.py`.
"""

import difflib
import re

from dagster_project.ingest.currencies import major_sql
from dagster_project.ingest.grammar.expressions import number_sql, vendor_column
from dagster_project.ingest.grammar.field_spec import FieldSpec
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.kinds import TimeRule
from dagster_project.ingest.native import native_value_sql
from dagster_project.ingest.reading.layout import Layout
from dagster_project.ingest.reading.lines import RejectedFile
from dagster_project.ingest.vendor_columns import holds, native_column, vendor_sql
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
        if not field.paths or any(holds(source, layout, p) for p in field.paths)
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
    """Vendor columns that the declaration names and the delivery has not.

    Where it names several, one of them is enough.
    """
    named = [field.path for field in source.fields.values() if field.path]
    absent = {
        paths[0]
        for paths in named
        if not any(holds(source, layout, path) for path in paths)
    }
    return sorted(absent)


def texts_sql(source: SourceSpec, layout: Layout, rows: str) -> str:
    """The query of the rows of a delivery with our columns, still as texts.

    `rows` is a query as `reading/rows.py` makes it. The result has (_file, _line, _raw,
    _digest, _latest, _is_wanted, _problem, `t.<column>`...). `_problem` also says where
    an expression met a text instead of a number. `_latest` is up to when an event of
    this file may have happened. Columns with a `native_value` keep the type
    that they were delivered with.
    """
    present = present_fields(source, layout)
    columns = [
        f"{_delivered(source, name, field, layout)} as {text_column(name)}"
        for name, field in present.items()
    ]
    if source.version_at:
        path = source.version_at.path
        text = vendor_column(path) if path else "_version_text"
        columns.append(f"{text} as {text_column(VERSION)}")
    problem = _complaints(source, present)
    return f"""
        with vendor as ({vendor_sql(source, layout, rows)})
        select _file, _line, _raw, _digest, _latest,
            not is_empty and ({_is_wanted(source)}) as _is_wanted,
            {problem} as _problem, {", ".join(columns)}
        from vendor"""


def native_value(
    source: SourceSpec, name: str, field: FieldSpec, layout: Layout
) -> str | None:
    """One of our columns from one typed column of the delivery, as SQL.

    None when it must be read as a text.
    """
    is_plain = len(field.path) == 1 and not field.values and field.default is None
    native = layout.native_kind(field.path[0]) if is_plain else None
    if native is None or field.unit or field.format or field.minor:
        return None
    time = TimeRule(source.timezone)
    kind = source.feed_spec.fields[name]
    return native_value_sql(kind, native, text_column(name), time)


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


def _delivered(source: SourceSpec, name: str, field: FieldSpec, layout: Layout) -> str:
    if native_value(source, name, field, layout):
        return native_column(field.path[0])
    if field.minor:
        currency = _text(source.mapped[field.minor.currency])
        return major_sql(_text(field), currency, field.minor.digits)
    return _text(field)


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
        other = text if field.default is None else _constant(field.default)
        return f"case {text} {cases} else {other} end"
    return f"coalesce({text}, {literal(field.default)})" if field.default else text


def _constant(text: str) -> str:
    return literal(text) if text else "null::VARCHAR"


def _is_wanted(source: SourceSpec) -> str:
    if not (condition := source.condition):
        return "true"
    wanted = ["_problem is not null", f"coalesce({condition.sql}, false)"]
    wanted += [_is_no_number(path) for path in condition.numbers]
    return " or ".join(wanted)


def _complaints(source: SourceSpec, present: dict[str, FieldSpec]) -> str:
    expressions = {name: field.expression for name, field in present.items()}
    complaints = [
        f"case when {_is_no_number(path)} then "
        f"{literal(f'{name}: {path} is not a number')} end"
        for name, expression in {**expressions, "where": source.condition}.items()
        for path in (expression.numbers if expression else ())
    ]
    complaints += [
        f"case when {condition.sql} then {literal(reason)} end"
        for reason, condition in source.refusals.items()
    ]
    complaints += [
        f"case when {_text(field)} is not null"
        f" and {_text(source.mapped[field.minor.currency])} is null"
        f" then {literal(f'{name}: minor units of no currency')} end"
        for name, field in present.items()
        if field.minor
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
