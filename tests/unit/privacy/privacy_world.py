"""A shop with two customers, Ada and Bob, and deliveries of every format."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.ingest.file_set import file_set, raw_relations
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.load import ingest
from dagster_project.ingest.outcome import IngestResult
from dagster_project.ingest.personal import email_hash, phone_hash
from dagster_project.privacy.erase import erase
from dagster_project.privacy.request import Request, new_request
from dagster_project.privacy.resolve import subject_of
from dagster_project.privacy.search import files_with
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, parquet_list

ADA = "Ada.Lovelace@mail.example"
ADA_PHONE = "+44 20 7946 0991"
BOB = "bob@mail.example"
#: What must be nowhere after Ada is erased.
HERS = (ADA, ADA_PHONE, "Ada Lovelace", "user-ada-1815", "device-ada-1", "bc-ada-77")
DAY = datetime(2026, 11, 20, 12)
SEEN_AT = datetime(2026, 11, 21, 2)

SOURCES = {
    "web_events": "path: web/*.jsonl*\nformat: jsonl\ndelivery: events",
    "billing_customers": "path: billing/*.csv*\nformat: csv\ndelivery: upserts",
    "payments": "path: payments/*.parquet\nformat: parquet\ndelivery: upserts",
    "survey_responses": "path: survey/*.json\nformat: json\ndelivery: events",
    "tickets": "path: tickets/*.jsonl\nformat: jsonl\ndelivery: upserts\n"
    "where: status <> 'spam'",
    "invoice_lines": "path: invoices/*.csv\nformat: csv\ndelivery: events",
}


class Shop:
    """A home with a landing folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.declarations = folder / "declarations"
        (self.declarations / "sources").mkdir(parents=True)
        for feed, text in SOURCES.items():
            path = self.declarations / "sources" / f"{feed}.yml"
            path.write_text(f"feed: {feed}\n{text}\n")
        self.settings = Settings(
            home=folder / "home",
            landing=folder / "landing",
            declarations=self.declarations,
            pepper="the pepper of a test",
        )
        self.landing = folder / "landing"
        self.landing.mkdir()

    def deliver(self, name: str, content: str | bytes | list[Any]) -> Path:
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".parquet"):
            pq.write_table(pa.Table.from_pylist(content), path)  # type: ignore[arg-type]
            return path
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        return path

    def deliver_everything(self) -> None:
        self.deliver("web/a.jsonl.gz", [event("e1", ADA_EVENT), event("e2", BOB_EVENT)])
        self.deliver("billing/a.csv", CUSTOMERS)
        self.deliver("payments/a.parquet", PAYMENTS)
        self.deliver("survey/a.json", json.dumps(ANSWERS, indent=1))
        self.deliver("tickets/a.jsonl", TICKETS)
        self.deliver("invoices/a.csv", INVOICES)
        self.deliver("invoices/broken.csv", BROKEN)
        self.deliver("unclaimed/notes.csv", f"who,what\n{ADA},called\n{BOB},wrote\n")

    def ingest(self, seen_at: datetime = SEEN_AT) -> IngestResult:
        sources = load_sources(self.declarations / "sources")
        return ingest(self.settings, sources, seen_at=seen_at)

    def forget(self, on_step: Callable[[str], None] = lambda step: None) -> Request:
        """Erase Ada, by all that a release would know of her."""
        return erase(self.settings, self.request(), on_step)

    def request(self) -> Request:
        pepper = self.settings.pepper_bytes
        ids = {
            ("email_hash", email_hash(pepper, ADA)),
            ("phone_hash", phone_hash(pepper, ADA_PHONE)),
            ("user_id", "user-ada-1815"),
            ("anonymous_id", "device-ada-1"),
            ("billing_customer_id", "bc-ada-77"),
        }
        with connect() as engine:
            subject = subject_of(engine, self.settings, ids)
        return new_request(subject, [], [], f"asked by {ADA}")

    def raw(self, feed: str, columns: str) -> list[tuple[Any, ...]]:
        files = raw_relations(self.settings, file_set(self.settings))[feed]
        if not files:
            return []
        query = (
            f"select {columns} from read_parquet({parquet_list(files)}) order by all"
        )
        return duckdb.execute(query).fetchall()

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        return {feed: self.raw(feed, "*") for feed in SOURCES}

    def holding(self, *values: str) -> dict[Path, set[str]]:
        """The files that hold a value; the pepper is no place for data."""
        roots = [self.settings.home, self.landing]
        return files_with(roots, values or HERS)


def event(event_id: str, columns: dict[str, Any]) -> dict[str, Any]:
    times = {"event_at": DAY.isoformat(), "received_at": DAY.isoformat()}
    return {"event_id": event_id, "event_type": "page", **times, **columns}


ADA_EVENT = {
    "user_id": "user-ada-1815",
    "anonymous_id": "device-ada-1",
    "email": ADA,
    "traits": {"name": "Ada Lovelace", "plan": "pro"},
    "url": f"https://shop.example/?email={ADA.replace('@', '%40')}",
}
BOB_EVENT = {"user_id": "u2", "anonymous_id": "a2", "email": BOB}
CUSTOMERS = (
    "billing_customer_id,email,user_id,name,phone,created_at\r\n"
    f"bc-ada-77,{ADA},user-ada-1815,Ada Lovelace,{ADA_PHONE},2026-11-01\r\n"
    f'8,{BOB},u2,"Bob\r\nthe Second",+49 30 1234567,2026-11-02\r\n'
    f"bc-ada-77,{ADA.upper()},user-ada-1815,Ada Lovelace,{ADA_PHONE},not a date\r\n"
    f"bc-ada-77,{ADA},user-ada-1815,Ada Lovelace,{ADA_PHONE},2026-11-01\r\n"
)
PAYMENTS = [
    {
        "payment_id": f"p{n}",
        "billing_customer_id": customer,
        "invoice_id": invoice,
        "paid_at": DAY,
        "amount": 5,
        "status": "succeeded",
    }
    for n, (customer, invoice) in enumerate(
        [("bc-ada-77", "i1"), ("8", "i2"), (None, "i1"), (None, "i2")]
    )
]
ANSWERS = [
    {"response_id": f"r-{who}", "question_id": "q", "email": who, "answer_text": text}
    | {"submitted_at": DAY.isoformat(), "answer_number": 9.10}
    for who, text in ((ADA, "fine"), (BOB, f"as {ADA} says"))
]
TICKETS = [
    {"ticket_id": f"t{n}", "opened_at": DAY.isoformat(), "status": status} | columns
    for n, (status, columns) in enumerate(
        [
            ("open", {"user_id": "user-ada-1815", "body": f"call {ADA_PHONE}"}),
            ("open", {"user_id": "u2", "body": f"my friend {ADA}, {ADA_PHONE}"}),
            ("spam", {"user_id": "user-ada-1815", "body": "x"}),
            ("open", {"user_id": "u2", "opened_at": "?", "body": f"ask {ADA}"}),
        ]
    )
]
INVOICES = (
    "invoice_line_id,invoice_id,billing_customer_id,invoiced_at,amount,quantity\n"
    "l1,i1,bc-ada-77,2026-11-19,5,1\nl2,i2,8,2026-11-19,5,8\n"
    "l3,i1,bc-ada-77,2026-11-19,much,1\n"
)
BROKEN = f'invoice_line_id,invoice_id,invoiced_at,amount\n"x,{ADA},2026-11-19,1\nl9,i,'
