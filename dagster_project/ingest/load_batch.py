"""A batch of files: read, judged, stored; the counts of each."""

from dataclasses import replace
from datetime import date

from dagster_project.errors import SegmentsError
from dagster_project.ingest.batches import Batch
from dagster_project.ingest.judging import judge
from dagster_project.ingest.layout import Engine
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.ingest.lines import RejectedFile
from dagster_project.ingest.mapping import absent_columns
from dagster_project.ingest.raw_files import prepare_raw, store_raw, sync_folders
from dagster_project.ingest.reading import ReadResult, read_deliveries
from dagster_project.ingest.repeats import settle_repeats
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
        paths = [file.delivery.path for file in batch.files]
        read = read_deliveries(engine, batch.source, batch.layout, paths)
        judge(engine, batch.source, batch.layout)
    except RejectedFile as rejection:
        if len(batch.files) > 1:
            loads = (load_batch(engine, settings, single) for single in batch.singles())
            return [row for rows in loads for row in rows]
        return [rejected(batch.files[0].row, rejection)]
    settle_repeats(engine, batch.source)
    rows = _counted(engine, settings, batch, read)
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
    engine: Engine, settings: Settings, batch: Batch, read: ReadResult
) -> list[LedgerRow]:
    counts = _counts(engine)
    dates = _business_dates(engine, settings, batch)
    absent = absent_columns(batch.source, batch.layout)
    rows = []
    for number, file in enumerate(batch.files):
        if number in read.rejected:
            rows.append(rejected(file.row, read.rejected[number]))
            continue
        delivered, judged, loaded, quarantined, known = counts.get(number, (0,) * 5)
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
            filtered=delivered - judged,
            dates=dates.get(number, ()),
        )
        if quarantined and not loaded:
            row = replace(row, status="rejected", reason=_why_all_bad(engine, number))
        rows.append(row)
    return rows


def _counts(engine: Engine) -> dict[int, tuple[int, ...]]:
    """Per file: delivered, judged, loaded, quarantined and known rows."""
    found = engine.execute(f"""
        with delivered as (
            select file, count(*) as delivered from read_rows group by file
        ),
        settled as (
            select _file as file, count(*) as judged,
                count(*) filter ({LOADED}) as loaded,
                count(_reason) as quarantined, count(*) filter (_is_known) as known
            from judged group by _file
        )
        select file, delivered, coalesce(judged, 0), coalesce(loaded, 0),
            coalesce(quarantined, 0), coalesce(known, 0)
        from delivered left join settled using (file)""")
    return {number: tuple(counts) for number, *counts in found.fetchall()}


def _business_dates(
    engine: Engine, settings: Settings, batch: Batch
) -> dict[int, tuple[date, ...]]:
    feed = batch.source.feed_spec
    if feed.business_date is None:
        return {}
    day = identifier(feed.business_date)
    if feed.fields[feed.business_date] == "timestamp":
        local = f"timezone({literal(settings.timezone)}, timezone('UTC', {day}))"
        day = f"cast({local} as DATE)"
    found = engine.execute(f"""
        select _file, list(distinct {day} order by {day}) from judged
        where {LOADED} and {day} is not null group by _file""")
    return {number: tuple(days) for number, days in found.fetchall()}


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
