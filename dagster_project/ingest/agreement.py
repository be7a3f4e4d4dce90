"""Whether the parts of a source declaration fit each other and the feed.

Raises ValueError with the key first; the grammar itself is in `source_spec.py`.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb

from dagster_project.declarations import did_you_mean
from dagster_project.ingest.expressions import Expression, vendor_column
from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.field_spec import PSEUDO_COLUMNS, FieldSpec
from dagster_project.ingest.kinds import Kind
from dagster_project.warehouse import connect, literal

if TYPE_CHECKING:
    from dagster_project.ingest.source_spec import SourceSpec

#: How each kind of column may be called in a declaration.
READ_AS: dict[Kind, tuple[str, ...]] = {
    "integer": ("integer", "decimal"),
    "decimal": ("decimal", "integer"),
    "timestamp": ("timestamp", "date"),
    "date": ("date", "timestamp"),
    "json": ("json",),
    "traits": ("json",),
}
#: The formats for which a key means something.
FORMATS = {
    "delimiter": ("csv",),
    "header": ("csv",),
    "skip": ("csv",),
    "pattern": ("regex",),
    "explode": ("json", "jsonl"),
    "unpivot": ("csv", "parquet", "json", "jsonl"),
}
LISTS = re.compile(r"[^\[\]\"]+\[\]([^\[\]\"]+\[\])*")
NUMBERS = ("integer", "decimal")
TIMES = ("timestamp", "date")


def check_agreement(source: "SourceSpec", feed: FeedSpec) -> None:
    """Raises ValueError for the first thing that does not fit."""
    _check_format(source)
    _check_coverage(source, feed)
    for name, field in source.fields.items():
        for reason in _misfits(field, feed.fields[name], feed.values.get(name)):
            raise ValueError(f"fields.{name}: {reason}")
    for column in source.id:
        if column not in feed.fields:
            hint = did_you_mean(column, feed.fields)
            raise ValueError(f"id: {feed.name} has no column {column}{hint}")
    _check_engine_reads_it(source)


def _check_format(source: "SourceSpec") -> None:
    for key, formats in FORMATS.items():
        if key in source.model_fields_set and source.format not in formats:
            wanted = " and ".join(formats)
            raise ValueError(f"{key}: is for format {wanted}, not {source.format}")
    if source.explode and not LISTS.fullmatch(source.explode):
        raise ValueError("explode: names a list, for example answers[]")
    if source.format == "regex" and not source.pattern:
        raise ValueError("pattern: format regex needs one")
    for path in source.vendor_paths if source.pattern else ():
        if path not in source.groups and path not in PSEUDO_COLUMNS:
            hint = did_you_mean(path, source.groups)
            raise ValueError(f"fields: the pattern has no group {path}{hint}")


def _check_coverage(source: "SourceSpec", feed: FeedSpec) -> None:
    given = set(source.mapped)
    for key in ("key", "value") if source.unpivot else ():
        column = getattr(source.unpivot, key)
        if column not in feed.fields:
            hint = did_you_mean(column, feed.fields)
            raise ValueError(f"unpivot.{key}: {feed.name} has no column {column}{hint}")
    for column in feed.required:
        if column not in given:
            raise ValueError(f"fields: {feed.name} needs {column}, which is not mapped")
    for group in feed.one_of:
        if not given & set(group):
            raise ValueError(f"fields: {feed.name} needs one of {', '.join(group)}")


def _misfits(
    field: FieldSpec, kind: Kind, values: tuple[str, ...] | None
) -> Iterator[str]:
    allowed = READ_AS.get(kind, ("text",))
    if field.type and field.type not in allowed:
        yield f"is a {allowed[0]}, it cannot be read as {field.type}"
    if (field.min is not None or field.max is not None) and kind not in NUMBERS:
        yield f"min and max are for numbers, this is a {kind}"
    if (field.unit or field.format) and kind not in TIMES:
        yield f"unit and format are for times, this is a {kind}"
    constants = [*(field.values or {}).values(), field.value, field.default]
    for constant in constants if values else ():
        if constant is not None and values and constant not in values:
            hint = did_you_mean(constant, values)
            yield f"{constant!r} is not one of {', '.join(values)}{hint}"


def _check_engine_reads_it(source: "SourceSpec") -> None:
    """What parses may still have wrong arguments or types."""
    fields = {f"fields.{n}": f.expression for n, f in source.fields.items()}
    expressions = {k: e for k, e in {**fields, "where": source.condition}.items() if e}
    if not expressions and not source.pattern:
        return
    with connect() as engine:
        for key, expression in expressions.items():
            _try(engine, key, _on_no_rows(expression))
        if source.pattern:
            _try(
                engine,
                "pattern",
                f"select regexp_matches('', {literal(source.pattern)})",
            )


def _on_no_rows(expression: Expression) -> str:
    columns = ["null as nothing"]
    columns += [f"null::VARCHAR as {vendor_column(path)}" for path in expression.paths]
    return f"select {expression.sql} from (select {', '.join(columns)}) where false"


def _try(engine: duckdb.DuckDBPyConnection, key: str, query: str) -> None:
    try:
        engine.execute(query)
    except duckdb.Error as error:
        raise ValueError(f"{key}: {str(error).splitlines()[0]}") from error
