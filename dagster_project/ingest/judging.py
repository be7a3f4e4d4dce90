"""Texts become typed values, or a reason why not: table `judged`.

`judged(_file, _line, _raw, _reason, _is_known, <our columns>, _version_at)`;
`given.<column>` holds personal values as delivered. Rules across rows are in
`repeats.py`.
"""

from collections.abc import Iterator
from datetime import timedelta

from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.field_spec import FieldSpec
from dagster_project.ingest.kinds import (
    SQL_TYPES,
    Kind,
    TimeRule,
    complaint_sql,
    value_sql,
)
from dagster_project.ingest.layout import Engine, Layout
from dagster_project.ingest.mapping import (
    VERSION,
    present_fields,
    text_column,
    texts_sql,
)
from dagster_project.ingest.source_spec import SourceSpec
from dagster_project.warehouse import identifier, literal

#: Clocks of vendors run ahead of ours by less than this.
TOLERANCE = timedelta(hours=1)
#: Older dates are defaults of other systems (1899-12-30, 0001-01-01), not events.
EARLIEST = "1900-01-01"


def judge(engine: Engine, source: SourceSpec, layout: Layout) -> None:
    """Fill `judged` from `read_rows` and `batch_files`.

    Raises RejectedFile when a required column is missing.
    """
    feed = source.feed_spec
    present = present_fields(source, layout)
    version = _version_rule(source)
    values = [
        f"{_typed(name, kind, present.get(name), source)} as {identifier(name)}"
        for name, kind in feed.fields.items()
    ]
    given = [
        f"{_text_or_null(name, present)} as {identifier(f'given.{name}')}"
        for name in feed.personal
    ]
    moment = value_sql("timestamp", text_column(VERSION), version) if version else None
    values.append(f"{moment or 'null::TIMESTAMP'} as {VERSION}")
    reasons = [*_reasons(feed, present), *_version_reasons(source)]
    engine.execute(f"""
        create or replace temp table judged as
        with texts as ({texts_sql(source, layout)}),
        typed as (select *, {", ".join([*values, *given])} from texts)
        select _file, _line, _raw,
            coalesce(_problem, nullif(concat_ws('; ', {", ".join(reasons)}), ''))
                as _reason,
            false as _is_known,
            {", ".join(identifier(name) for name in feed.fields)}, {VERSION},
            {", ".join(identifier(f"given.{name}") for name in feed.personal) or "null"}
        from typed""")


def _typed(name: str, kind: Kind, field: FieldSpec | None, source: SourceSpec) -> str:
    if field is None:
        return f"null::{SQL_TYPES[kind]}"
    time = TimeRule(source.timezone, field.unit, field.format)
    return value_sql(kind, text_column(name), time)


def _text_or_null(name: str, present: dict[str, FieldSpec]) -> str:
    return text_column(name) if name in present else "null::VARCHAR"


def _version_rule(source: SourceSpec) -> TimeRule | None:
    version = source.version_at
    if version is None:
        return None
    return TimeRule(source.timezone, version.unit, version.format)


def _reasons(feed: FeedSpec, present: dict[str, FieldSpec]) -> Iterator[str]:
    for name, field in present.items():
        yield from _value_reasons(feed, name, field)
    for name in feed.required:
        yield _when(f"{text_column(name)} is null", f"{name}: missing")
    for group in feed.one_of:
        absent = " and ".join(f"{identifier(name)} is null" for name in group)
        yield _when(absent, f"{' | '.join(group)}: one of them is needed")
    for check in feed.checks:
        yield _when(check.when, check.reason)


def _value_reasons(feed: FeedSpec, name: str, field: FieldSpec) -> Iterator[str]:
    kind, column, text = feed.fields[name], identifier(name), text_column(name)
    if complaint := complaint_sql(kind, text):
        unread = f"{text} is not null and {column} is null"
        yield f"case when {unread} then {literal(f'{name}: ')} || {complaint} end"
    if kind in ("timestamp", "date"):
        yield _when(f"{column} < '{EARLIEST}'", f"{name}: before {EARLIEST}")
    if kind == "timestamp":
        yield _when(f"{column} > _latest", f"{name}: later than its delivery")
    if field.min is not None:
        yield _when(f"{column} < {field.min}", f"{name}: less than {field.min}")
    if field.max is not None:
        yield _when(f"{column} > {field.max}", f"{name}: more than {field.max}")
    if allowed := feed.values.get(name):
        values = ", ".join(literal(value) for value in allowed)
        words = f"{name}: not one of {', '.join(allowed)}"
        yield _when(f"{column} not in ({values})", words)


def _version_reasons(source: SourceSpec) -> Iterator[str]:
    if source.version_at:
        unread = f"{text_column(VERSION)} is not null and {VERSION} is null"
        yield _when(unread, "version_at: not a timestamp")
        yield _when(f"{VERSION} > _latest", "version_at: later than its delivery")


def _when(condition: str, reason: str) -> str:
    return f"case when {condition} then {literal(reason)} end"
