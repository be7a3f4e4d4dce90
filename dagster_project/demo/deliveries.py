"""Which file holds which days of which feed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
# The initial export comes by the month; the last two weeks came day by day.
DAILY = timedelta(days=14)


@dataclass(frozen=True)
class Feed:
    """A table of the demo and how its deliveries are written."""

    table: str
    path: str
    columns: str
    order: str
    options: str

    def file_name(self, label: str, chunk: int) -> str:
        """The path below landing; only the first chunk goes without a number."""
        part = f"-{chunk + 1:04d}" if chunk else ""
        return self.path.format(label + part)


CSV = "format csv, header true"
ALL = "* exclude (delivered_on)"
# A line of text as it is: JSON has escaped every character that CSV would.
LINES = "format csv, header false, quote '', escape '', delimiter e'\\x01'"

BILLING_AND_SURVEY = (
    Feed(
        "billing_customers",
        "billing/customers-{}.csv",
        ALL,
        "updated_at, billing_customer_id",
        CSV,
    ),
    Feed(
        "subscriptions",
        "billing/subscriptions-{}.csv",
        ALL,
        "updated_at, subscription_id",
        CSV,
    ),
    Feed(
        "invoice_lines",
        "billing/invoice_lines-{}.csv.gz",
        "* exclude (delivered_on, firm)",
        "invoiced_at, invoice_line_id",
        f"{CSV}, compression gzip",
    ),
    Feed(
        "payments",
        "billing/payments-{}.parquet",
        ALL,
        "updated_at, payment_id",
        "format parquet, compression zstd",
    ),
    Feed(
        "survey_responses",
        "survey/responses-{}.csv",
        ALL,
        "submitted_at, response_id, question_id",
        CSV,
    ),
)
WEB = Feed(
    "web_events",
    "web/events-{}.jsonl.gz",
    "line",
    "received_at, event_id",
    f"{LINES}, compression gzip",
)


@dataclass(frozen=True)
class Delivery:
    """One day, or one month of the initial export."""

    label: str
    first: date
    last: date


def months(since: date, until: date) -> Iterator[list[Delivery]]:
    """The deliveries of a window, month by month."""
    first = since
    while first <= until:
        next_month = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        last = min(next_month - DAY, until)
        if next_month - DAY <= until - DAILY:
            yield [Delivery(f"{first:%Y-%m}", first, last)]
        else:
            yield days(first, last)
        first = last + DAY


def days(first: date, last: date) -> list[Delivery]:
    """One delivery for each day."""
    dates = [first + DAY * n for n in range((last - first).days + 1)]
    return [Delivery(day.isoformat(), day, day) for day in dates]
