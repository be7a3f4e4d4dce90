"""Erasing one customer from deliveries and raw leaves the others as they were."""

import gzip
import json

import pyarrow.parquet as pq
from privacy_world import ADA, BOB, HERS, SEEN_AT, SOURCES, Shop

from dagster_project.ingest.ledger import open_ledger
from dagster_project.privacy.erase import erase
from dagster_project.privacy.request import new_request, pending, proofs, proofs_path
from dagster_project.privacy.resolve import subject_of
from dagster_project.warehouse import connect


def test_no_file_holds_what_was_erased(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    assert len(shop.holding()) > 12
    shop.forget()
    assert shop.holding() == {}


def test_rows_of_others_and_their_lines_stay(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    before = shop.everything()
    shop.forget()
    after = shop.everything()
    for feed in SOURCES:
        assert set(after[feed]) < set(before[feed]), feed
    assert shop.raw("web_events", "event_id, _line") == [("e2", 2)]
    assert shop.raw("billing_customers", "billing_customer_id, _line") == [("8", 3)]
    assert shop.raw("payments", "payment_id") == [("p1",), ("p3",)]
    assert shop.raw("survey_responses", "_line") == [(2,)]
    assert shop.raw("tickets", "ticket_id") == [("t1",)]
    assert shop.raw("invoice_lines", "invoice_line_id") == [("l2",)]


def test_what_is_left_of_a_delivery_is_as_it_was(shop: Shop) -> None:
    shop.deliver_everything()
    before = {p: p.stat().st_mtime_ns for p in shop.landing.rglob("*") if p.is_file()}
    shop.ingest()
    shop.forget()
    assert before == {path: path.stat().st_mtime_ns for path in before}
    packed = gzip.decompress((shop.landing / "web/a.jsonl.gz").read_bytes())
    first, second = packed.decode().splitlines()
    assert (first, json.loads(second)["event_id"]) == ("", "e2")
    customers = (shop.landing / "billing/a.csv").read_bytes()
    assert customers.split(b"\r\n")[1:5] == [
        b"",
        b'8,bob@mail.example,u2,"Bob',
        b'the Second",+49 30 1234567,2026-11-02',
        b"",
    ]
    answers = json.loads((shop.landing / "survey/a.json").read_text())
    assert answers[0] is None
    assert answers[1]["answer_text"] == "as <erased> says"
    assert b": 9.1\n" in (shop.landing / "survey/a.json").read_bytes()
    payments = pq.read_table(shop.landing / "payments/a.parquet").to_pylist()
    assert [row["payment_id"] for row in payments] == [None, "p1", None, "p3"]
    tickets = (shop.landing / "tickets/a.jsonl").read_text().splitlines()
    assert tickets[0] == tickets[2] == tickets[3] == ""
    assert json.loads(tickets[1])["body"] == "my friend <erased>, <erased>"
    notes = (shop.landing / "unclaimed/notes.csv").read_text()
    assert notes == f"who,what\n\n{BOB},wrote\n"


def test_a_redacted_file_is_no_new_delivery(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    shop.forget()
    after = shop.everything()
    result = shop.ingest()
    assert [file.row.path for file in result.files if file.is_new] == []
    for path in shop.landing.rglob("*"):
        path.touch()
    result = shop.ingest()
    assert [file.row.path for file in result.files if file.is_new] == []
    assert shop.everything() == after
    assert shop.holding() == {}


def test_the_ledger_counts_what_was_taken_out_as_blank(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    with open_ledger(shop.settings) as ledger:
        before = {row.file_id: row for row in ledger.rows("loaded")}
    shop.forget()
    with open_ledger(shop.settings) as ledger:
        after = {row.file_id: row for row in ledger.rows("loaded")}
    assert before.keys() == after.keys()
    for file_id, row in after.items():
        assert row.lines == before[file_id].lines
        assert row.lines == row.loaded + row.quarantined + row.known + row.blank
        assert len(shop.raw(row.feed, "_line")) == row.loaded


def test_a_short_id_is_found_where_ids_stand_and_nowhere_else(shop: Shop) -> None:
    header = "invoice_line_id,invoice_id,billing_customer_id,invoiced_at,amount\n"
    bad = ["l1,7,9,?,7", "l2,i,7,?,1", "l3,i,70,?,7"]
    shop.deliver("invoices/b.csv", header + "\n".join(bad))
    answer = {"response_id": "r", "question_id": "q", "submitted_at": "?"}
    answers = [{**answer, "user_id": 7}, {**answer, "user_id": 77, "score": 7}]
    shop.deliver("survey/b.json", json.dumps(answers))
    shop.ingest()
    with connect() as engine:
        ids = {("billing_customer_id", "7"), ("user_id", "7")}
        subject = subject_of(engine, shop.settings, ids)
    erase(shop.settings, new_request(subject, [], [], ""))
    lines = (shop.landing / "invoices/b.csv").read_text().splitlines()
    assert lines == [header.strip(), bad[0], "", bad[2]]
    found = json.loads((shop.landing / "survey/b.json").read_text())
    assert found == [None, answers[1]]
    paths = shop.settings.home.glob("raw/quarantine/*.parquet")
    kept = [row["line"] for p in paths for row in pq.read_table(p).to_pylist()]
    assert sorted(kept) == [2, 2, 4]


def test_forgetting_again_is_harmless(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    shop.forget()
    before = {p: p.read_bytes() for p in shop.settings.home.glob("raw/*/*.parquet")}
    again = shop.forget()
    assert again.touched == {}
    assert before == {path: path.read_bytes() for path in before}
    assert [len(proof["touched"]) > 0 for proof in proofs(shop.settings)] == [
        True,
        False,
    ]


def test_the_proof_says_what_was_touched_and_names_nobody(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    request = shop.forget()
    assert pending(shop.settings) == []
    (proof,) = proofs(shop.settings)
    assert proof["id"] == request.id
    assert proof["reason"] == "asked by <e-mail>"
    assert proof["touched"]["raw/web_events"] == {"files": 1, "rows": 1}
    assert proof["touched"]["raw/payments"] == {"files": 1, "rows": 2}
    assert proof["touched"]["raw/quarantine"]["rows"] == 3
    text = proofs_path(shop.settings).read_text()
    assert not any(value in text for value in HERS)


def test_an_old_file_delivered_again_does_not_bring_anyone_back(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    old = {p: p.read_bytes() for p in shop.landing.rglob("*") if p.is_file()}
    shop.forget()
    after = shop.everything()
    for path, content in old.items():
        path.write_bytes(content)
    shop.ingest()
    assert shop.everything() == after
    shop.forget()
    assert shop.holding() == {}


def test_the_same_rows_in_another_file_do_not_bring_anyone_back(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    shop.forget()
    ids = {feed: {row[:2] for row in rows} for feed, rows in shop.everything().items()}
    shop.deliver_everything()
    for path in [
        p for p in shop.landing.rglob("a.*") if p.suffix in (".csv", ".jsonl")
    ]:
        path.with_name(f"again-{path.name}").write_bytes(path.read_bytes() + b"\n")
    result = shop.ingest(SEEN_AT.replace(day=23))
    again = {
        f.path: f.row for f in result.files if f.path.split("/")[1].startswith("again")
    }
    assert again["tickets/again-a.jsonl"].known == 1
    assert again["billing/again-a.csv"].known == 3
    assert {
        feed: {row[:2] for row in rows} for feed, rows in shop.everything().items()
    } == ids


def test_somebody_who_returns_is_welcome(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    shop.forget()
    later = {"event_id": "e9", "event_type": "page", "event_at": "2999-01-01T00:00:00Z"}
    shop.deliver("web/b.jsonl", [{**later, "email": ADA, "user_id": "user-ada-1815"}])
    from datetime import datetime

    shop.ingest(datetime(2999, 1, 2))
    assert shop.raw("web_events", "event_id") == [("e2",), ("e9",)]
