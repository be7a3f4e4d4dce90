"""Which tables of the demo are delivered, and how their files are written.

What is in the tables is in `sql/`; which days a file holds is in `deliveries`.
"""

from dataclasses import dataclass

CSV = "format csv, header true"
JSON = "format json"
PARQUET = "format parquet, compression zstd"
GZIP = ", compression gzip"
ALL = "* exclude (delivered_on)"
# A line of text as it is: JSON has escaped every character that CSV would.
LINES = "format csv, header false, quote '', escape '', delimiter e'\\x01'"


@dataclass(frozen=True)
class Feed:
    """A table of the demo and how its deliveries are written."""

    table: str
    path: str
    order: str
    options: str
    columns: str = ALL

    def file_name(self, label: str, chunk: int) -> str:
        """The path below landing; only the first chunk goes without a number."""
        part = f"-{chunk + 1:04d}" if chunk else ""
        return self.path.format(label + part)


BILLING = (
    Feed(
        "billing_customers",
        "billing/customers-{}.csv",
        "updated_at, billing_customer_id",
        CSV,
    ),
    Feed(
        "subscriptions",
        "billing/subscriptions-{}.csv",
        "updated_at, subscription_id",
        CSV,
    ),
    Feed(
        "invoice_lines",
        "billing/invoice_lines-{}.csv.gz",
        "invoiced_at, invoice_line_id",
        CSV + GZIP,
        "* exclude (delivered_on, firm)",
    ),
    Feed(
        "payments",
        "billing/payments-{}.parquet",
        "updated_at, payment_id",
        PARQUET,
    ),
)
SURVEY = (
    Feed(
        "survey_responses",
        "survey/responses-{}.csv",
        "submitted_at, response_id, question_id",
        CSV,
    ),
)
PEOPLE = (
    Feed("accounts", "crm/accounts-{}.parquet", "updated_at, account_id", PARQUET),
    Feed(
        "contacts",
        "crm/contacts-{}.jsonl.gz",
        "updated_at, contact_id",
        JSON + GZIP,
    ),
    Feed(
        "consents",
        "consents/changes-{}.csv",
        "changed_at, email, phone, user_id, purpose, channel",
        CSV,
        "* exclude (delivered_on, firm, n)",
    ),
    Feed("tickets", "support/tickets-{}.jsonl", "updated_at, ticket_id", JSON),
    Feed(
        "campaign_events",
        "campaigns/events-{}.parquet",
        "event_at, event_id",
        PARQUET,
    ),
)
CATALOGUE = (
    Feed("products", "catalogue/products-{}.csv", "product_id", CSV),
    Feed("plans", "catalogue/plans-{}.csv", "rank, plan_id", CSV),
    Feed("plan_features", "catalogue/plan_features-{}.csv", "plan_id, feature", CSV),
    Feed("offers", "catalogue/offers-{}.jsonl", "updated_at, offer_id", JSON),
    Feed(
        "entitlements",
        "catalogue/entitlements-{}.parquet",
        "updated_at, billing_customer_id, user_id, feature, starts_on",
        PARQUET,
    ),
)
WEB = Feed(
    "web_events",
    "web/events-{}.jsonl.gz",
    "received_at, event_id",
    LINES + GZIP,
    "line",
)
FEEDS = (*BILLING, *SURVEY, *PEOPLE, *CATALOGUE, WEB)
