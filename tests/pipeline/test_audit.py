"""The queries of docs/audit.md, on customers whose rows come in some disorder."""

import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from dagster_project.publish.catalogue import Release
from dagster_project.settings import REPOSITORY, Settings
from tests.pipeline.world import at, deliver, event, make_home, read, rules, run

pytestmark = pytest.mark.night

DAY = date(2026, 3, 15)
EARLIER = DAY - timedelta(days=45)
PAGE = REPOSITORY / "docs" / "audit.md"
FEATURES = ("events_30d", "sessions_30d", "mrr", "revenue_12m", "nps_score")


def deliver_all(settings: Settings) -> None:
    """Ada with everything twice or corrected; Ben with next to nothing."""
    visits = [
        event("e1", at(EARLIER, "10:00"), anonymous_id="a1"),
        event("e2", at(DAY, "10:00"), anonymous_id="a1"),
        event("e3", at(DAY, "10:30"), anonymous_id="a1", user_id="ada"),
        event("e4", at(DAY, "11:01"), anonymous_id="a1", user_id="ada"),
        event("e5", at(DAY, "12:00"), user_id="ada", session_id="t1"),
        event("e6", at(DAY, "14:00"), user_id="ada", session_id="t1"),
        event("e7", at(DAY, "14:00"), user_id="ben"),
    ]
    customer = {"currency": "EUR", "created_at": at(EARLIER, "09:00")}
    period = {"plan": "basic", "currency": "EUR", "status": "active"}
    line = {"billing_customer_id": "b1", "currency": "EUR"}
    answer = {"question_id": "q", "survey_kind": "nps", "user_id": "ada"}
    deliver(
        settings,
        "first",
        web_events=visits,
        billing_customers=[
            {"billing_customer_id": "b1", "user_id": "ada"} | customer,
            {"billing_customer_id": "b2", "user_id": "ben"} | customer,
        ],
        subscriptions=[
            {"subscription_id": f"s{n}", "billing_customer_id": "b1"}
            | {"starts_on": EARLIER, "monthly_amount": 20 + n, "updated_at": EARLIER}
            | period
            for n in range(2)
        ],
        invoice_lines=[
            {"invoice_line_id": f"l{n}", "invoice_id": "i", "amount": amount}
            | {"invoiced_at": at(when, "08:00")}
            | line
            for n, (amount, when) in enumerate(
                [("10.00", DAY), ("-3.00", DAY), ("7.50", date(2025, 3, 15))]
            )
        ],
        survey_responses=[
            {"response_id": "r1", "answer_number": 3, "submitted_at": at(DAY, "07:00")}
            | answer
        ],
        payments=[],
    )
    corrected = {"subscription_id": "s1", "billing_customer_id": "b1"} | period
    corrected |= {"starts_on": EARLIER, "ends_on": DAY, "updated_at": DAY}
    deliver(
        settings,
        "second",
        web_events=[visits[1], visits[3] | {"received_at": at(DAY, "23:00")}],
        subscriptions=[corrected | {"monthly_amount": 21}],
        survey_responses=[
            {"response_id": "r1", "answer_number": 9, "submitted_at": at(DAY, "08:00")}
            | answer
        ],
    )


@pytest.fixture(scope="module")
def audited(tmp_path_factory) -> tuple[Settings, Release]:
    models = {"value": rules({"big": "mrr > 20"}, "small")}
    settings = make_home(tmp_path_factory.mktemp("audit"), models)
    deliver_all(settings)
    return settings, run(settings, DAY)


def audit(settings: Settings, customer: str) -> dict[str, list[dict]]:
    """What each query of the page answers, by its name."""
    text = PAGE.read_text(encoding="utf-8").replace(".segments", str(settings.home))
    text = text.replace("c_0123456789abcdef", customer)
    answers = {}
    with duckdb.connect() as connection:
        for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
            found = connection.execute(block)
            name = re.match(r"-- (\w+)", block)
            if name:
                columns = [column[0] for column in found.description]
                rows = found.fetchall()
                answers[name[1]] = [
                    dict(zip(columns, row, strict=True)) for row in rows
                ]
    return answers


def customer_of(release: Release, billing_customer: str) -> str:
    return read(
        release,
        "select customer_id from customer_identities"
        f" where id_type = 'billing_customer_id' and id_value = '{billing_customer}'",
    )[0][0]


@pytest.mark.parametrize("billing_customer", ["b1", "b2"])
def test_the_queries_of_the_page_come_to_what_was_published(audited, billing_customer):
    settings, release = audited
    found = audit(settings, customer_of(release, billing_customer))
    again = found["web"][0] | found["money"][0] | found["survey"][0]
    assert found["published"] == [{name: again[name] for name in FEATURES}]


def test_every_row_of_a_customer_is_named_with_file_and_line(audited):
    settings, release = audited
    found = audit(settings, customer_of(release, "b1"))
    ada = found["published"][0]
    assert ada["events_30d"] == 5
    assert ada["sessions_30d"] == 3
    assert (float(ada["mrr"]), float(ada["revenue_12m"])) == (20.0, 10.0)
    assert ada["nps_score"] == 9
    rows = [(row["path"], row["_line"]) for row in found["rows"] if row["counts"]]
    landed: list[Path] = [settings.landing_folder / path for path, _ in rows]
    assert all(path.exists() for path in landed)
    assert len(rows) == 6 + 2 + 3 + 1
    answered = [row for row in found["rows"] if row["feed"] == "survey_responses"]
    assert [(row["path"], row["_line"], row["counts"]) for row in answered] == [
        ("survey/responses-first.csv", 2, False),
        ("survey/responses-second.csv", 2, True),
    ]
