"""Whether the parts of a source declaration fit each other and the feed.

Raises ValueError with the key first; the grammar itself is in `source_spec.py`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import duckdb

from dagster_project.declarations import did_you_mean
from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.grammar.expressions import Expression, vendor_column
from dagster_project.ingest.grammar.field_spec import PSEUDO_COLUMNS, FieldSpec
from dagster_project.ingest.kinds import Kind
from dagster_project.warehouse import connect, literal

if TYPE_CHECKING:
    from dagster_project.ingest.grammar.source_spec import SourceSpec

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
    "columns": ("csv",),
    "quote": ("csv",),
    "pattern": ("regex",),
    "explode": ("json", "jsonl"),
    "unpivot": ("csv", "parquet", "json", "jsonl"),
}
LISTS = re.compile(r"([^\[\]\"?]+\[\]\??)+")
NUMBERS = ("integer", "decimal")
TIMES = ("timestamp", "date")


def check_agreement(source: "SourceSpec", feed: FeedSpec) -> None:
    """Raises ValueError for the first thing that does not fit."""
    _check_format(source)
    _check_coverage(source, feed)
    for name, field in source.fields.items():
        for reason in _misfits(field, feed.fields[name], feed.values.get(name)):
            raise ValueError(f"fields.{name}: {reason}")
        if field.minor and not _has_currency(source, field.minor.currency):
            raise ValueError(f"fields.{name}: minor names a mapped currency column")
    for column in source.id:
        if column not in feed.fields:
            hint = did_you_mean(column, feed.fields)
            raise ValueError(f"id: {feed.name} has no column {column}{hint}")
    _check_engine_reads_it(source)


def _check_format(source: "SourceSpec") -> None:
    written_as = "csv" if source.is_split else source.format
    for key, formats in FORMATS.items():
        is_ours = key == "pattern" and source.is_split
        given = key in source.model_fields_set and not is_ours
        if given and written_as not in formats:
            wanted = " and ".join(formats)
            raise ValueError(f"{key}: is for format {wanted}, not {source.format}")
    if source.explode and not LISTS.fullmatch(source.explode):
        raise ValueError("explode: names a list, for example answers[]")
    if source.format == "regex" and not source.pattern:
        raise ValueError("pattern: format regex needs one")
    _check_columns(source)
    _check_named_paths(source)


def _check_columns(source: "SourceSpec") -> None:
    if source.columns and source.header:
        raise ValueError("columns: names those of a file without a header: header: 0")
    twice = [name for name, n in Counter(source.columns).items() if n > 1]
    if twice:
        raise ValueError(f"columns: {twice[0]} is there twice")
    if source.is_split and (not source.columns or source.skip):
        raise ValueError("quote: none needs columns and knows no skip")
    if source.unpivot and source.columns:
        raise ValueError("unpivot: its columns come from a header, not from columns")


def _check_named_paths(source: "SourceSpec") -> None:
    """A file that does not name its columns itself has those of the declaration."""
    names = source.columns or source.groups
    what = "columns has no" if source.columns else "the pattern has no group"
    for path in source.vendor_paths if names else ():
        name = path.partition(".")[0] if source.columns else path
        if name not in names and path not in PSEUDO_COLUMNS:
            raise ValueError(f"fields: {what} {path}{did_you_mean(path, names)}")


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
    if field.minor and kind != "decimal":
        yield f"minor is for amounts, this is a {kind}"
    if (field.unit or field.format) and kind not in TIMES:
        yield f"unit and format are for times, this is a {kind}"
    constants = [*(field.values or {}).values(), field.value, field.default]
    for constant in constants if values else ():
        if constant and values and constant not in values:
            hint = did_you_mean(constant, values)
            yield f"{constant!r} is not one of {', '.join(values)}{hint}"


def _has_currency(source: "SourceSpec", column: str) -> bool:
    return column in source.mapped and source.feed_spec.fields[column] == "currency"


def _check_engine_reads_it(source: "SourceSpec") -> None:
    """What parses may still have wrong arguments or types."""
    fields = {f"fields.{n}": f.expression for n, f in source.fields.items()}
    refusals = {f"refuse.{reason}": e for reason, e in source.refusals.items()}
    found = {**fields, **refusals, "where": source.condition}
    expressions = {key: expression for key, expression in found.items() if expression}
    if not expressions and not source.pattern:
        return
    engine = _engine()
    for key, expression in expressions.items():
        _try(engine, key, _on_no_rows(expression))
    if source.pattern:
        test = f"select regexp_matches('', {literal(source.pattern)})"
        _try(engine, "pattern", test)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    # One for all declarations: opening it costs more than all that is asked of it.
    return connect()


def _on_no_rows(expression: Expression) -> str:
    columns = ["null as nothing"]
    columns += [f"null::VARCHAR as {vendor_column(path)}" for path in expression.paths]
    return f"select {expression.sql} from (select {', '.join(columns)}) where false"


def _try(engine: duckdb.DuckDBPyConnection, key: str, query: str) -> None:
    try:
        engine.execute(query)
    except duckdb.Error as error:
        raise ValueError(f"{key}: {str(error).splitlines()[0]}") from error
