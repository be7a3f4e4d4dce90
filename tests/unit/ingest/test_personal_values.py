import hashlib
import hmac

import duckdb
from ingest_company import Company

from dagster_project.ingest.personal import email_hash, phone_hash

HEADER = "billing_customer_id,email,phone,name\n"


def test_the_hash_of_an_address_ignores_case_and_spaces() -> None:
    expected = hmac.new(b"pepper", b"ada@b.example", hashlib.sha256).hexdigest()
    assert email_hash(b"pepper", " Ada@B.example ") == expected


def test_the_hash_of_a_phone_ignores_how_it_is_written() -> None:
    hashes = {phone_hash(b"p", text) for text in ("+49 30-1", "0049301", "49(30)1")}
    assert len(hashes) == 1


def test_clear_values_lie_only_in_the_personal_files(company: Company) -> None:
    company.source(
        feed="billing_customers", path="*.csv", format="csv", delivery="upserts"
    )
    company.deliver("a.csv", HEADER + "c1,Ada@B.example,+49 30 12345,Ada\nc2,,,\n")
    company.ingest()
    assert company.raw("billing_customers", "email_hash, email_domain, phone_hash") == [
        (
            email_hash(b"pepper", "ada@b.example"),
            "b.example",
            phone_hash(b"pepper", "+493012345"),
        ),
        (None, None, None),
    ]
    assert company.personal() == [("Ada@B.example", "+49 30 12345", "Ada", None, "c1")]
    (path,) = company.settings.home.glob("raw/billing_customers/*.parquet")
    columns = {row[0] for row in duckdb.execute(f"describe from '{path}'").fetchall()}
    assert not columns & {"email", "phone", "name"}


def test_an_unusable_address_identifies_nobody_and_loses_no_row(
    company: Company,
) -> None:
    company.source(
        feed="billing_customers", path="*.csv", format="csv", delivery="upserts"
    )
    company.deliver("a.csv", HEADER + "c1,n/a,none,\n")
    assert company.counts() == (1, 1, 0, 0, 0)
    assert company.raw("billing_customers", "email_hash, phone_hash") == [(None, None)]
    assert company.personal() == [("n/a", "none", None, None, "c1")]


def test_a_consent_of_nobody_is_quarantined(company: Company) -> None:
    company.source(feed="consents", path="*.jsonl", format="jsonl", delivery="events")
    row = {
        "purpose": "ads",
        "channel": "email",
        "status": "no",
        "changed_at": "2026-11-20",
    }
    company.deliver(
        "a.jsonl", [{**row, "email": "n/a"}, {**row, "user_id": "u", "source": "form"}]
    )
    assert company.counts() == (2, 1, 1, 0, 0)
    reason = "email | phone | user_id: one of them is needed"
    assert company.quarantine() == [(1, reason)]
    assert company.raw("consents", "source") == [("form",)]


def test_a_user_known_by_an_address_has_given_it(company: Company) -> None:
    company.source(
        feed="billing_customers", path="*.csv", format="csv", delivery="upserts"
    )
    company.deliver(
        "a.csv",
        "billing_customer_id,email,user_id,account_id\n"
        "c1,,Ada@B.example,+49 30 12345\nc2,bob@b.example,u2,7\n",
    )
    company.ingest()
    ada, bob = (email_hash(b"pepper", f"{name}@b.example") for name in ("ada", "bob"))
    columns = "email_hash, email_domain, user_id, account_id"
    assert company.raw("billing_customers", columns) == [
        (ada, "b.example", ada, phone_hash(b"pepper", "+493012345")),
        (bob, "b.example", "u2", "7"),
    ]
    assert company.personal() == [
        ("Ada@B.example", None, None, ada, "c1"),
        ("bob@b.example", None, None, "u2", "c2"),
    ]


def test_an_address_is_one_user_in_every_feed(company: Company) -> None:
    company.source(
        "web", feed="web_events", path="*.jsonl", format="jsonl", delivery="events"
    )
    company.source(
        "answers",
        feed="survey_responses",
        path="*.csv",
        format="csv",
        delivery="events",
    )
    event = {
        "event_id": "ada@b.example",
        "event_type": "page",
        "user_id": "ada@b.example",
    }
    company.deliver("a.jsonl", [{**event, "event_at": "2026-11-20"}])
    company.deliver(
        "a.csv",
        "response_id,question_id,email,submitted_at,answer_text\n"
        "r,q,ADA@b.example,2026-11-20,ask bob@b.example\n",
    )
    company.ingest()
    (seen,) = company.raw("web_events", "user_id, email_hash")
    (answered,) = company.raw("survey_responses", "email_hash, answer_text")
    assert seen == (answered[0], answered[0])
    assert answered[1] == "ask <e-mail>"
