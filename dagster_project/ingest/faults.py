"""What makes a row faulty: conditions over its typed columns and the words for them.

Texts that cannot be typed at all are in `kinds.py`, rules across rows in `repeats.py`.
"""

from collections.abc import Iterator
from datetime import timedelta

from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.grammar.field_spec import FieldSpec
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.kinds import complaint_sql
from dagster_project.ingest.mapping import VERSION, text_column
from dagster_project.warehouse import identifier, literal

#: Clocks of vendors run ahead of ours by less than this.
TOLERANCE = timedelta(hours=1)
#: Older dates are defaults of other systems (1899-12-30, 0001-01-01), not events.
EARLIEST = "1900-01-01"

Fault = tuple[str, str]  # the condition and the words, as SQL


def row_faults(feed: FeedSpec, present: dict[str, FieldSpec]) -> Iterator[Fault]:
    """Whatever may be wrong with the mapped columns of a row of a feed."""
    for name, field in present.items():
        yield from _value_faults(feed, name, field)
    for name in feed.required:
        yield f"{text_column(name)} is null", literal(f"{name}: missing")
    for group in feed.one_of:
        absent = " and ".join(f"{identifier(name)} is null" for name in group)
        yield absent, literal(f"{' | '.join(group)}: one of them is needed")
    for check in feed.checks:
        yield check.when, literal(check.reason)


def _value_faults(feed: FeedSpec, name: str, field: FieldSpec) -> Iterator[Fault]:
    kind, column, text = feed.fields[name], identifier(name), text_column(name)
    if complaint := complaint_sql(kind, f"cast({text} as VARCHAR)"):
        unread = f"{text} is not null and {column} is null"
        yield unread, f"{literal(f'{name}: ')} || {complaint}"
    if kind in ("timestamp", "date"):
        yield f"{column} < '{EARLIEST}'", literal(f"{name}: before {EARLIEST}")
    if kind == "timestamp":
        yield f"{column} > _latest", literal(f"{name}: later than its delivery")
    if field.min is not None:
        yield f"{column} < {field.min}", literal(f"{name}: less than {field.min}")
    if field.max is not None:
        yield f"{column} > {field.max}", literal(f"{name}: more than {field.max}")
    if allowed := feed.values.get(name):
        values = ", ".join(literal(value) for value in allowed)
        words = f"{name}: not one of {', '.join(allowed)}"
        yield f"{column} not in ({values})", literal(words)


def version_faults(source: SourceSpec) -> Iterator[Fault]:
    """Whatever may be wrong with the version of a row."""
    if source.version_at:
        unread = f"{text_column(VERSION)} is not null and {VERSION} is null"
        yield unread, "'version_at: not a timestamp'"
        yield f"{VERSION} > _latest", "'version_at: later than its delivery'"
