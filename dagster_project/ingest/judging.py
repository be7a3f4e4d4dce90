"""Texts become typed values, or a reason why not: table `judged`.

`judged(_file, _line, _reason, _is_known, _is_wanted, _digest, _raw, <our columns>,
_version_at)`; `_raw` is kept of faulty rows only, `given.<column>` holds personal
values as delivered. Rules across rows are in `repeats.py`.
"""

from dataclasses import dataclass
from pathlib import Path

from dagster_project.ingest.faults import row_faults, version_faults
from dagster_project.ingest.grammar.field_spec import FieldSpec
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.kinds import (
    SQL_TYPES,
    Kind,
    TimeRule,
    value_sql,
)
from dagster_project.ingest.mapping import (
    VERSION,
    native_value,
    present_fields,
    text_column,
    texts_sql,
)
from dagster_project.ingest.reading.layout import Engine, Layout
from dagster_project.ingest.reading.lines import RejectedFile
from dagster_project.ingest.reading.rows import read_deliveries
from dagster_project.warehouse import identifier

LINES = ("jsonl", "regex")


@dataclass(frozen=True)
class Judged:
    """Per file: blank lines, unwanted rows; and the files not read to their end."""

    blank: dict[int, int]
    rejected: dict[int, RejectedFile]
    filtered: dict[int, int]


def judged_sql(source: SourceSpec, layout: Layout, rows: str) -> str:
    """The query of `judged` over the rows of a delivery and `batch_files`.

    Raises RejectedFile when a required column is missing.
    """
    feed = source.feed_spec
    present = present_fields(source, layout)
    version = _version_rule(source)
    values = [
        f"{_typed(name, kind, present.get(name), source, layout)} as {identifier(name)}"
        for name, kind in feed.fields.items()
    ]
    given = [
        f"{_text_or_null(name, present)} as {identifier(f'given.{name}')}"
        for name in feed.personal
    ]
    moment = value_sql("timestamp", text_column(VERSION), version) if version else None
    values.append(f"{moment or 'null::TIMESTAMP'} as {VERSION}")
    faults = [*row_faults(feed, present), *version_faults(source)]
    reasons = ", ".join(f"case when {when} then {what} end" for when, what in faults)
    # Words are only put together for rows that need them.
    is_faulty = " or ".join(f"({when})" for when, _ in faults)
    return f"""
        with texts as ({texts_sql(source, layout, rows)}),
        typed as (select *, {", ".join([*values, *given])} from texts),
        faulty as (
            select *, coalesce(
                _problem, case when {is_faulty} then concat_ws('; ', {reasons}) end
            ) as _reason
            from typed
        )
        select _file, _line, _reason, false as _is_known, _is_wanted, _digest,
            case when _reason is not null and _is_wanted
                then {_bytes(source, "_raw")} end as _raw,
            {", ".join(identifier(name) for name in feed.fields)}, {VERSION},
            {", ".join(identifier(f"given.{name}") for name in feed.personal) or "null"}
        from faulty"""


def _bytes(source: SourceSpec, raw: str) -> str:
    """A line without the newline that its reader ended it with."""
    return f"array_slice({raw}, 1, -2)" if source.format in LINES else raw


def _typed(
    name: str, kind: Kind, field: FieldSpec | None, source: SourceSpec, layout: Layout
) -> str:
    if field is None:
        return f"null::{SQL_TYPES[kind]}"
    if value := native_value(source, name, field, layout):
        return value
    time = TimeRule(source.timezone, field.unit, field.format)
    return value_sql(kind, text_column(name), time)


def _text_or_null(name: str, present: dict[str, FieldSpec]) -> str:
    return text_column(name) if name in present else "null::VARCHAR"


def _version_rule(source: SourceSpec) -> TimeRule | None:
    version = source.version_at
    if version is None:
        return None
    return TimeRule(source.timezone, version.unit, version.format)


def judge(
    engine: Engine, source: SourceSpec, layout: Layout, paths: list[Path]
) -> Judged:
    """Fill `judged` from files of one layout; what was not wanted is counted and gone.

    Raises RejectedFile when a required column is missing or the engine cannot read a
    file.
    """
    statement = "create or replace temp table judged as"
    read = read_deliveries(
        engine,
        source,
        layout,
        paths,
        lambda rows: f"{statement} {judged_sql(source, layout, rows)}",
    )
    for number in read.rejected:
        engine.execute("delete from judged where _file = ?", [number])
    filtered: dict[int, int] = {}
    if source.where or source.explode or source.unpivot:
        unwanted = engine.execute(
            "select _file, count(*) from judged where not _is_wanted group by _file"
        )
        filtered = dict(unwanted.fetchall())
        engine.execute("delete from judged where not _is_wanted")
    return Judged(read.blank, read.rejected, filtered)


def fetch_bytes(
    engine: Engine, source: SourceSpec, layout: Layout, paths: list[Path]
) -> None:
    """Read the bytes of rows that turned out to be faulty after they were read."""
    late = "_reason is not null and _raw is null"
    if not engine.execute(f"select 1 from judged where {late} limit 1").fetchall():
        return
    wanted = f"select distinct _file, _line from judged where {late}"
    read_deliveries(
        engine,
        source,
        layout,
        paths,
        lambda rows: (
            f"""
            create or replace temp table late_bytes as
            select file, line, first({_bytes(source, "raw")}) as raw
            from ({rows}) semi join ({wanted}) on file = _file and line = _line
            group by file, line"""
        ),
    )
    engine.execute(f"""
        update judged set _raw = late_bytes.raw from late_bytes
        where _file = file and _line = line and {late}""")
