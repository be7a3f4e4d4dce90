"""What a held night would have published, read from the file that was kept of it.

Printing is in `held.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.commands.released import RELEASED, attach, has_table, rows
from dagster_project.errors import UsageError
from dagster_project.gates.waivers import Waiver, waivers_in_force
from dagster_project.publish.catalogue import RELEASE_ID, Release, parse_release_id
from dagster_project.publish.durable import readable_errors
from dagster_project.publish.pointer import current_release
from dagster_project.publish.status import read_log
from dagster_project.settings import Settings
from dagster_project.warehouse import connect

# The views of a held night name tables by the catalog under which they were made.
HELD = "work"

FAILED = """
select table_name || '.' || check_name as check, check_name, tool, severity, observed,
    expected, failing_rows, sample_keys, why
from work.night.check_results
where not passed
order by severity, tool, table_name, check_name
"""

BASE = """
select count(*) as customers, sum(mrr)::decimal(18, 2) as mrr
from {catalog}.{schema}.customer_features
"""

SIZES = """
with
held as (
    select model, segment, count(*) as customers
    from work.marts.customer_segments group by all
),
current as ({current})
select model, segment, coalesce(held.customers, 0) as held, current.customers as current
from held full join current using (model, segment)
order by model, segment
"""

CURRENT_SIZES = """
    select model, segment, count(*) as customers
    from released.main.customer_segments group by all
"""

NO_SIZES = "select ''::varchar as model, ''::varchar as segment, 0 as customers limit 0"


def find_held(settings: Settings, as_of: date) -> Path:
    """The file of the newest held try at a night.

    Raises UsageError with what is known about that night when there is none.
    """
    with readable_errors("reading the held nights"):
        folder = settings.home / "held"
        kept = [p for p in folder.glob("*.duckdb") if RELEASE_ID.fullmatch(p.stem)]
    tries = [p for p in kept if parse_release_id(p.stem)[0] == as_of]
    if not tries:
        raise UsageError(_what_became_of(settings, as_of))
    return max(tries, key=lambda path: parse_release_id(path.stem))


@contextmanager
def open_held(
    path: Path, current: Release | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A held night as `work` and the current release as `released`, read-only."""
    with connect() as connection:
        attach(connection, path, HELD)
        if current:
            attach(connection, current.database, RELEASED)
        yield connection


def failed_checks(
    connection: duckdb.DuckDBPyConnection, waivers: Sequence[Waiver]
) -> list[dict[str, Any]]:
    """The checks that failed, critical ones first, with who has accepted each."""
    found = (
        rows(connection, FAILED) if _has(connection, "night", "check_results") else []
    )
    for failed in found:
        names = {failed["check"], failed["check_name"]}
        accepted = [waiver.text for waiver in waivers if waiver.check in names]
        failed["accepted"] = accepted[0] if accepted else None
    return found


def would_have_published(settings: Settings, as_of: date) -> dict[str, Any]:
    """All that `segments inspect` shows of a night, as plain values."""
    path = find_held(settings, as_of)
    current = current_release(settings)
    with open_held(path, current) as connection:
        failed = failed_checks(connection, waivers_in_force(settings, as_of))
        return {
            "as_of": as_of,
            "held": path.stem,
            "file": path,
            "current": current.release_id if current else None,
            "reasons": _reasons(settings, path.stem),
            "failed_checks": failed,
            "base": _base(connection, current),
            "segments": _sizes(connection, current),
        }


def _base(
    connection: duckdb.DuckDBPyConnection, current: Release | None
) -> list[dict[str, Any]]:
    """Customers and MRR; empty when the features were never computed."""
    if not _has(connection, "features", "customer_features"):
        return []
    (held,) = rows(connection, BASE.format(catalog=HELD, schema="features"))
    before: dict[str, Any] = {}
    if current and has_table(connection, RELEASED, "main", "customer_features"):
        query = BASE.format(catalog=RELEASED, schema="main")
        (before,) = rows(connection, query)
    return [
        _compared({"measure": name, "held": value, "current": before.get(name)})
        for name, value in held.items()
    ]


def _sizes(
    connection: duckdb.DuckDBPyConnection, current: Release | None
) -> list[dict[str, Any]]:
    """Customers per segment; empty when nobody was segmented."""
    if not _has(connection, "marts", "customer_segments"):
        return []
    has = current and has_table(connection, RELEASED, "main", "customer_segments")
    sizes = rows(connection, SIZES.format(current=CURRENT_SIZES if has else NO_SIZES))
    if has:
        sizes = [{**size, "current": size["current"] or 0} for size in sizes]
    return [_compared(size) for size in sizes]


def _compared(measure: dict[str, Any]) -> dict[str, Any]:
    held, current = measure["held"], measure["current"]
    change = None if held is None or current is None else held - current
    return {**measure, "change": change}


def _has(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    return has_table(connection, HELD, schema, name)


def _reasons(settings: Settings, release_id: str) -> list[str]:
    log = [entry for entry in read_log(settings) if entry.release_id == release_id]
    return list(log[-1].reasons) if log else []


def _what_became_of(settings: Settings, as_of: date) -> str:
    log = [entry for entry in read_log(settings) if entry.as_of == as_of]
    if not log:
        return f"no night of {as_of} was ever run in {settings.home}"
    last = log[-1]
    if last.decision == "held":
        return (
            f"{as_of} was held at {last.at:%Y-%m-%d %H:%M} UTC, but its file is no "
            f"longer kept; the reasons were: {'; '.join(last.reasons)}"
        )
    named = f" ({last.release_id})" if last.release_id else ""
    return f"{as_of} was not held: the last try at it was {last.decision}{named}"
