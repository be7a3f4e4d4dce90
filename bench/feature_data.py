"""Raw rows of a large company, written as Parquet without any delivery.

The same numbers give the same rows: they come from MD5, which no version of the engine
changes. One file of events per day: 2 in 100 events come again on the same day or the
next, 1 in 100 comes one or two days late.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.warehouse import connect, identifier, literal

DAYS = 365
LAST = date(2026, 6, 30)
FIRST = LAST - timedelta(days=DAYS - 1)

EVENTS = """
with numbers as (
    select n, md5_number_lower('e' || n) as r, n // 6 as s, n % 6 as position
    from range({first}, {last}) as numbers (n)
),

sessions as (
    select *, md5_number_lower('s' || s) as q from numbers
),

events as (
    select
        *,
        cast(floor({customers} * pow((q % 1000003) / 1000003.0, 1.5)) as bigint) as who,
        cast({day} as timestamp) + to_seconds(cast(
            (q >> 20) % 80000 + position * (q >> 40) % 1200 + r % 60 as bigint
        )) as event_at,
        (r >> 8) % 100 as is_late,
        (r >> 16) % 50 as is_twice
    from sessions
)

select
    substr(md5('e' || n), 1, 32) as event_id,
    md5_number_lower(md5('e' || n)) as _id_hash,
    'a' || who || case when q % 10 = 0 then 'p' else '' end as anonymous_id,
    case when (q >> 8) % 10 < 6 then 'u' || who end as user_id,
    case when r % 2 = 0 then 'page' else 'track' end as event_type,
    case when r % 2 = 0 then null
        when r % 40 = 1 then 'signed_in'
        when r % 40 = 3 then 'cart_created'
        when r % 40 = 5 then 'checkout_started'
        when r % 40 = 7 then 'card_declined'
        when r % 4 = 1 then 'feature_used'
        else 'viewed' end as event_name,
    event_at,
    event_at + to_seconds(cast(2 + case when is_late = 0 then 86400 * (1 + r % 2) else 0 end as bigint)) as received_at,
    'https://shop.example/p/' || (r >> 24) % 500 as url,
    case when position = 0 and (q >> 12) % 3 = 0 then 'https://www.google.com/' end as referrer,
    case when position = 0 and (q >> 12) % 3 = 1 then 'newsletter' end as utm_source,
    case when position = 0 and (q >> 12) % 3 = 1 then 'email' end as utm_medium,
    case when (q >> 16) % 3 = 0 then 'mobile' else 'desktop' end as device_type,
    'Windows' as os,
    'Firefox' as browser,
    case when who % 4 = 0 then 'FR' else 'DE' end as country,
    case when r % 5 = 0 then 'p' || (r >> 24) % 500 end as product_id,
    case when r % 50 = 2 then 'term ' || (r >> 24) % 90 end as search_term,
    case when r % 4 = 1 and r % 40 not in (1, 5) then 'f' || (r >> 30) % 12 end as feature,
    case when is_late = 0 then 1 + r % 2 else 0 end as late_days,
    case when is_twice = 0 then 1 + (r >> 4) % 2 else 0 end as again_days
from events
"""

# The same again; one in a hundred of them says another time.
AGAIN = """
select * replace (
    received_at + interval 4 day as received_at,
    event_at + case when _id_hash % 100 = 0 then interval 1 day else interval 0 day end
        as event_at
)
"""

OTHERS = {
    "billing_customers": (
        1.0,
        """
        'b' || n as billing_customer_id, 'u' || n as user_id, md5('m' || n) as email_hash,
        case when n % 4 = 0 then 'FR' else 'DE' end as country, 'EUR' as currency,
        {first}::timestamp + to_hours(cast(r % 8000 as bigint)) as created_at
        """,
    ),
    "subscriptions": (
        1.2,
        """
        's' || n as subscription_id, 'b' || n % {customers} as billing_customer_id,
        {first}::date + cast(r % 340 as integer) as starts_on,
        case when r % 3 = 0
            then {first}::date + cast(r % 340 + 30 + (r >> 9) % 200 as integer) end
            as ends_on,
        'basic' as plan_id, 'basic' as plan, 10 + (r >> 4) % 90 as monthly_amount,
        'EUR' as currency, 'active' as status
        """,
    ),
    "invoice_lines": (
        10.0,
        """
        'l' || n as invoice_line_id, 'i' || n // 2 as invoice_id,
        'b' || (n // 2) % {customers} as billing_customer_id,
        {first}::timestamp + to_seconds(cast(r % 31536000 as bigint)) as invoiced_at,
        'p' || (r >> 24) % 500 as product_id, 1 as quantity,
        case when r % 30 = 0 then -1 else 1 end * (5 + (r >> 40) % 9000 / 100) as amount,
        'EUR' as currency
        """,
    ),
    "payments": (
        3.0,
        """
        'y' || n as payment_id, 'b' || n % {customers} as billing_customer_id,
        {first}::timestamp + to_seconds(cast(r % 31536000 as bigint)) as paid_at,
        10 as amount, 'EUR' as currency,
        case when r % 20 = 0 then 'failed' else 'succeeded' end as status
        """,
    ),
    "survey_responses": (
        0.2,
        """
        'r' || n as response_id, 'recommend' as question_id, 'nps' as survey_kind,
        'u' || (n * 7) % {customers} as user_id, r % 11 as answer_number,
        {first}::timestamp + to_seconds(cast((r >> 8) % 31536000 as bigint)) as submitted_at
        """,
    ),
    "tickets": (
        0.1,
        """
        't' || n as ticket_id, 'b' || (n * 3) % {customers} as billing_customer_id,
        {first}::timestamp + to_seconds(cast(r % 31536000 as bigint)) as opened_at,
        'question' as type, 'open' as status, r % 6 as csat, 5 + r % 50 as handle_minutes
        """,
    ),
}


def write_raw(folder: Path, customers: int, events: int) -> None:
    """Write `<feed>/<name>.parquet` below a folder; about 1.5 CPU-s per million."""
    with connect() as engine:
        engine.execute("set threads = 2; set preserve_insertion_order = false")
        for number in range(DAYS):
            _write_day(engine, folder, number, customers, events)
        for feed, (share, columns) in OTHERS.items():
            texts = columns.format(customers=customers, first=literal(FIRST))
            rows = (
                f"select n, {texts} from (select n, md5_number_lower('{feed}' || n)"
                f" as r from range({int(customers * share)}) as numbers (n))"
            )
            _copy(engine, folder, feed, f"{feed}-all", 1, rows)


def _write_day(engine, folder: Path, number: int, customers: int, events: int) -> None:
    """The file of a day, from the events of this day and of the two before."""
    rows = EVENTS.format(
        first=events * number // DAYS,
        last=events * (number + 1) // DAYS,
        customers=customers,
        day=literal(FIRST + timedelta(days=number)),
    )
    engine.execute(f"create or replace temp table events_{number} as {rows}")
    parts = []
    for back in range(min(number, 2) + 1):
        rows = f"from events_{number - back}"
        parts.append(f"select * {rows} where late_days = {back}")
        parts.append(f"{AGAIN} {rows} where again_days = {back} + 1")
    query = " union all ".join(parts)
    _copy(engine, folder, "web_events", f"day-{number:03d}", number + 1, query)
    if number >= 2:
        engine.execute(f"drop table events_{number - 2}")


def _copy(engine, folder: Path, feed: str, name: str, sequence: int, rows: str) -> None:
    columns = FEEDS[feed].columns
    origin = {
        "_file_id": literal(name),
        "_line": "row_number() over ()",
        "_loaded_at": literal(LAST),
        "_received": str(sequence),
    }
    found = {row[0] for row in engine.execute(f"describe {rows}").fetchall()}
    select = ", ".join(
        f"cast({origin.get(c) or (identifier(c) if c in found else 'null')} as {t})"
        f" as {identifier(c)}"
        for c, t in columns.items()
    )
    path = folder / feed / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    engine.execute(
        f"copy (select {select} from ({rows})) to {literal(path)}"
        " (format parquet, compression zstd, compression_level 1)"
    )


def ledger_rows(folder: Path) -> Iterator[LedgerRow]:
    """What the ledger would know of the files."""
    for sequence, path in enumerate(sorted(folder.glob("*/*.parquet")), start=1):
        feed, name = path.parent.name, path.stem
        dates: tuple[date, ...] = ()
        if name.startswith("day-"):
            day = int(name.removeprefix("day-"))
            dates = tuple(
                FIRST + timedelta(days=d) for d in range(max(day - 2, 0), day + 1)
            )
        yield LedgerRow(
            file_id=name,
            content=name,
            source=feed,
            feed=feed,
            delivery="events" if feed == "web_events" else "upserts",
            path=str(path),
            bytes=path.stat().st_size,
            lines=1,
            loaded=1,
            quarantined=0,
            known=0,
            blank=0,
            filtered=0,
            status="loaded",
            reason=None,
            first_seen_at=datetime.combine(LAST, datetime.min.time()),
            sequence=sequence,
            declaration="",
            reading=1,
            version=None,
            dates=dates,
        )
