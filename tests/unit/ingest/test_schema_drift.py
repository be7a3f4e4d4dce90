"""Which columns a delivery has; names only, and what happens without a required key."""

import gzip
import json
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest_company import SEEN_AT, Company

from dagster_project.ingest.known_layouts import keep_layouts, known_layouts
from dagster_project.ingest.schema_drift import DeliveredColumn, is_read

EVENT = {
    "messageId": "e1",
    "anonymousId": "a1",
    "type": "page",
    "at": "2026-11-20T10:00:00Z",
}
MAPPED = {
    "event_id": "messageId",
    "anonymous_id": "anonymousId",
    "event_type": "type",
    "event_at": "at",
    "url": "context.page.url",
}


def columns_of(company: Company) -> dict[str, list[DeliveredColumn]]:
    """By path, of every file of the company."""
    paths = {file.row.file_id: file.path for file in company.ingest().files}
    layouts, of_file = known_layouts(company.settings)
    return {paths[f]: list(layouts[name]) for f, name in of_file.items()}


def names_of(company: Company) -> list[str]:
    (columns,) = columns_of(company).values()
    return [column.name for column in columns]


def test_the_header_of_a_csv_file_is_kept_whether_it_is_read_or_not(invoices):
    invoices.deliver(
        "a.csv",
        "Invoice Line ID,invoice_id,invoiced_at,amount,cost centre\n"
        "L1,I1,2026-11-20,1,x\n",
    )
    assert names_of(invoices) == [
        "amount",
        "cost_centre",
        "invoice_id",
        "invoice_line_id",
        "invoiced_at",
    ]


def test_parquet_columns_are_kept_with_their_types(company):
    company.source(
        feed="payments", path="*.parquet", format="parquet", delivery="events"
    )
    table = {"payment_id": ["p"], "paid_at": ["2026-11-20"], "status": ["failed"]}
    pq.write_table(pa.table({**table, "fee": [1.5]}), company.landing / "p.parquet")
    (columns,) = columns_of(company).values()
    assert DeliveredColumn("fee", "DOUBLE", True) in columns
    assert DeliveredColumn("paid_at", "VARCHAR", True) in columns


def test_json_keys_are_kept_down_to_two_levels(company):
    company.source(
        feed="web_events",
        path="*.jsonl.gz",
        format="jsonl",
        delivery="events",
        fields=MAPPED,
    )
    page = {"url": "https://x", "title": "t"}
    rows = [
        {**EVENT, "context": {"page": page, "library": {"name": "js"}}, "empty": {}},
        {**EVENT, "messageId": "e2", "context": [1], "tags": ["a"], "nothing": None},
    ]
    content = gzip.compress("\n".join(map(json.dumps, rows)).encode())
    company.deliver("e.jsonl.gz", content)
    assert names_of(company) == [
        *("anonymousId", "at", "context", "context.library", "context.page", "empty"),
        *("messageId", "nothing", "tags", "type"),
    ]


def test_the_keys_of_a_json_list_are_kept(company):
    company.source(
        feed="web_events",
        path="*.json",
        format="json",
        delivery="events",
        fields=MAPPED,
    )
    company.deliver("e.json", json.dumps([EVENT, {**EVENT, "messageId": "e2", "v": 1}]))
    assert names_of(company) == ["anonymousId", "at", "messageId", "type", "v"]


def test_a_key_of_half_of_the_documents_is_usual(events):
    rows = [
        {**dict.fromkeys(["anonymous_id", "event_type"], "page"), "event_id": f"e{i}"}
        | {"event_at": "2026-11-20"}
        | ({"half": 1} if i % 2 else {})
        | ({"seldom": 1} if i == 1 else {})
        for i in range(40)
    ]
    events.deliver("e.jsonl", rows)
    (columns,) = columns_of(events).values()
    usual = {column.name: column.is_usual for column in columns}
    assert usual["half"] and usual["event_id"] and not usual["seldom"]


@pytest.mark.parametrize(
    "key",
    ["ann@example.com", "2026-11-20", "1234567", "9f86d081884c7d65", 'a"b', "x" * 99],
)
def test_a_key_that_is_data_is_not_kept(events, key):
    row = {"event_id": "e", "anonymous_id": "a", "event_type": "page"}
    events.deliver(
        "e.jsonl", [{**row, "event_at": "2026-11-20", "by": {key: 1}, key: 2}]
    )
    kept = names_of(events)
    assert not [name for name in kept if key in name]
    assert "event_id" in kept


def test_a_title_that_is_data_is_not_kept(invoices):
    invoices.deliver(
        "a.csv",
        "invoice_line_id,invoice_id,invoiced_at,amount,ann@example.com,+49301234567\n"
        "L1,I1,2026-11-20,1,x,y\n",
    )
    assert len(names_of(invoices)) == 4


def test_files_of_one_layout_share_it_and_a_second_reading_changes_nothing(invoices):
    line = "invoice_line_id,invoice_id,invoiced_at,amount\nL{},I1,2026-11-20,1\n"
    invoices.deliver("a.csv", line.format(1))
    invoices.deliver("b.csv", line.format(2))
    invoices.ingest()
    layouts, of_file = known_layouts(invoices.settings)
    assert (len(layouts), len(of_file)) == (1, 2)
    ((name, columns),) = layouts.items()
    keep_layouts(invoices.settings, dict.fromkeys(of_file, columns))
    assert known_layouts(invoices.settings) == ({name: columns}, of_file)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("messageId", True),
        ("context.page", True),
        ("context", True),
        ("context.page.url.path", True),
        ("context.library", False),
        ("message", False),
    ],
)
def test_a_column_is_read_if_a_path_lies_in_it_or_it_in_a_path(
    company, column, expected
):
    company.source(
        feed="web_events", path="*", format="jsonl", delivery="events", fields=MAPPED
    )
    assert is_read(company.sources[0], column) is expected


def test_what_an_unpivot_turns_is_read(company):
    company.source(
        feed="survey_responses",
        path="*.csv",
        format="csv",
        delivery="events",
        unpivot={"prefix": "Q", "key": "question_id", "value": "answer_text"},
        fields={"response_id": "id", "submitted_at": "at"},
    )
    read = [is_read(company.sources[0], name) for name in ("q1", "id", "IP")]
    assert read == [True, True, False]


# A required column that no row has


def test_a_json_file_without_a_required_key_is_rejected_with_the_keys_found(company):
    company.source(
        feed="web_events", path="*", format="jsonl", delivery="events", fields=MAPPED
    )
    rows = [{**EVENT, "anonymousId": f"a{i}"} for i in range(3)]
    company.deliver("e.jsonl", [{"messageID": r.pop("messageId"), **r} for r in rows])
    (rejected,) = company.ingest().rejected
    assert rejected.reason == (
        "required key messageId for event_id is in no row; "
        "found: anonymousId, at, messageID, type; nearest: messageID"
    )


def test_a_json_file_without_any_of_the_keys_that_name_somebody_is_rejected(company):
    company.source(
        feed="web_events", path="*", format="jsonl", delivery="events", fields=MAPPED
    )
    company.deliver("e.jsonl", [{**EVENT, "anonymousId": None} | {"x": 1}])
    (rejected,) = company.ingest().rejected
    assert rejected.reason is not None
    assert rejected.reason.startswith("all rows are bad")  # the key is there, empty
    row = {key: value for key, value in EVENT.items() if key != "anonymousId"}
    company.deliver("e.jsonl", [row])
    rejected = company.ingest(SEEN_AT + timedelta(hours=1)).rejected[-1]
    assert rejected.reason is not None
    assert "required key anonymousId for anonymous_id | user_id is in no row" in (
        rejected.reason
    )


def test_rows_that_are_bad_for_another_reason_keep_it(events):
    row = {"event_id": "e", "anonymous_id": "a", "event_type": "page"}
    events.deliver("e.jsonl", [{**row, "event_at": "yesterday"}])
    (rejected,) = events.ingest().rejected
    assert rejected.reason == (
        "all rows are bad, most often (1 times): event_at: not a timestamp"
    )


def test_a_parquet_file_without_a_required_column_is_rejected_with_its_header(company):
    company.source(
        feed="payments", path="*.parquet", format="parquet", delivery="events"
    )
    table = {"payment_id": ["p"], "payed_at": ["2026-11-20"], "status": ["failed"]}
    pq.write_table(pa.table(table), company.landing / "p.parquet")
    (rejected,) = company.ingest().rejected
    assert rejected.reason == (
        "required column paid_at for paid_at is missing; "
        "found: payment_id, payed_at, status; nearest: payed_at"
    )
