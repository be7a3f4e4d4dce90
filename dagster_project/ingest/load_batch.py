"""A batch of files: read, judged, stored; the counts of each."""

from dataclasses import replace
from datetime import date

from dagster_project.errors import SegmentsError
from dagster_project.ingest.batches import Batch
from dagster_project.ingest.judging import Judged, fetch_bytes, judge
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.ingest.mapping import absent_columns
from dagster_project.ingest.missing_keys import missing_key
from dagster_project.ingest.raw_files import prepare_raw, store_raw, sync_folders
from dagster_project.ingest.reading.layout import Engine
from dagster_project.ingest.reading.lines import RejectedFile
from dagster_project.ingest.repeats import settle_repeats
from dagster_project.privacy.tombstones import drop_tombstoned
from dagster_project.settings import Settings
from dagster_project.warehouse import identifier, literal

LOADED = "_reason is null and not _is_known"


def load_batch(engine: Engine, settings: Settings, batch: Batch) -> list[LedgerRow]:
    """Bring files into raw; the ledger row of each with counts, status and reason.

    What lies below raw is complete and durable when it returns. The ledger is the
    caller's: until it is written, the rows do not count.
    """
    batch.describe_to(engine)
    try:
        judged = judge(engine, batch.source, batch.layout, batch.paths)
    except RejectedFile as rejection:
        if len(batch.files) > 1:
            loads = (load_batch(engine, settings, single) for single in batch.singles())
            return [row for rows in loads for row in rows]
        return [rejected(batch.files[0].row, rejection)]
    settle_repeats(engine, batch.source)
    drop_tombstoned(engine, settings, batch.source)
    fetch_bytes(engine, batch.source, batch.layout, batch.paths)
    rows = _counted(engine, settings, batch, judged)
    prepare_raw(engine, settings, batch.source.feed_spec)
    for number, row in enumerate(rows):
        stored = store_raw(engine, settings, batch.source.feed_spec, row, number)
        _reconcile(row, *stored)
    sync_folders(settings, batch.source.feed_spec)
    return rows


def rejected(row: LedgerRow, rejection: RejectedFile) -> LedgerRow:
    """The ledger row of a file of which nothing is taken."""
    return replace(
        row,
        status="rejected",
        reason=str(rejection),
        lines=0,
        loaded=0,
        quarantined=0,
        known=0,
        blank=0,
        filtered=0,
        dates=(),
    )


def _counted(
    engine: Engine, settings: Settings, batch: Batch, read: Judged
) -> list[LedgerRow]:
    counts = _counts(engine)
    dates = _business_dates(engine, settings, batch)
    absent = absent_columns(batch.source, batch.layout)
    rows = []
    for number, file in enumerate(batch.files):
        if number in read.rejected:
            rows.append(rejected(file.row, read.rejected[number]))
            continue
        judged, loaded, quarantined, known = counts.get(number, (0,) * 4)
        blank = read.blank.get(number, 0)
        row = replace(
            file.row,
            status="loaded",
            reason=f"without {', '.join(absent)}" if absent else None,
            lines=judged + blank,
            loaded=loaded,
            quarantined=quarantined,
            known=known,
            blank=blank,
            filtered=read.filtered.get(number, 0),
            dates=dates.get(number, ()),
        )
        if quarantined and not loaded and _are_judged(engine, row, number):
            reason = missing_key(
                engine, batch.source, batch.layout, batch.paths[number]
            ) or _why_all_bad(engine, number)
            row = replace(row, status="rejected", reason=reason)
        rows.append(row)
    return rows


def _counts(engine: Engine) -> dict[int, tuple[int, ...]]:
    """Per file: judged, loaded, quarantined and known rows."""
    found = engine.execute(f"""
        select _file, count(*), count(*) filter ({LOADED}), count(_reason),
            count(*) filter (_is_known)
        from judged group by _file""")
    return {number: tuple(counts) for number, *counts in found.fetchall()}


def _business_dates(
    engine: Engine, settings: Settings, batch: Batch
) -> dict[int, tuple[date, ...]]:
    feed = batch.source.feed_spec
    if feed.business_date is None:
        return {}
    day = identifier(feed.business_date)
    if feed.fields[feed.business_date] == "timestamp":
        local = day
        if settings.timezone != "UTC":
            local = f"timezone({literal(settings.timezone)}, timezone('UTC', {day}))"
        day = f"cast({local} as DATE)"
    found = engine.execute(f"""
        select _file, list(distinct {day} order by {day}) from judged
        where {LOADED} and {day} is not null group by _file""")
    return {number: tuple(days) for number, days in found.fetchall()}


def _are_judged(engine: Engine, row: LedgerRow, number: int) -> bool:
    """Whether bad rows say something about this source.

    Of a line that cannot be read nobody knows whether it was meant for a source that
    wants only some of a file.
    """
    if not row.filtered:
        return True
    query = """select 1 from judged where _file = ? and _reason is not null
        and not starts_with(_reason, 'line: ') limit 1"""
    return bool(engine.execute(query, [number]).fetchall())


def _why_all_bad(engine: Engine, number: int) -> str:
    worst = engine.execute(
        """
        select _reason, count(*) as rows from judged
        where _file = ? and _reason is not null
        group by all order by rows desc, _reason limit 1""",
        [number],
    ).fetchall()
    reason, rows = worst[0]
    return f"all rows are bad, most often ({rows:,} times): {reason}"


def _reconcile(row: LedgerRow, loaded: int, quarantined: int) -> None:
    total = loaded + quarantined + row.known + row.blank
    if total != row.lines or loaded != row.loaded:
        raise SegmentsError(
            f"{row.path}: {row.lines} lines became {loaded} loaded, {quarantined} "
            f"quarantined, {row.known} known and {row.blank} blank ones"
        )
