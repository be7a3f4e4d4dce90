"""Nothing of a past day depends on what was delivered about a later one."""

from datetime import date, timedelta
from random import Random

import pytest
from people_world import answer, build, describe

FIRST = date(2025, 9, 1)
PAST = date(2026, 3, 31)
TONIGHT = date(2026, 6, 30)
TABLES = {
    "survey_features": "survey_responses",
    "profile_features": "contacts",
    "firm_features": "accounts",
    "place_features": "billing_customers",
    "support_features": "tickets",
    "campaign_features": "campaign_events",
}
DATED = {
    "survey_responses": "submitted_at",
    "tickets": "_version_at",
    "campaign_events": "event_at",
}
ANSWERS = {
    "nps": range(11), "csat": range(1, 6), "gender": ("female", "man", "n/a"),
    "age": range(15, 90), "main_need": ("reports", "api", "a bench"),
    "preferred_channel": ("sms", "call"), "looks_at_price_first": range(7),
    "waits_for_offers": range(7), "tries_new_tools_first": range(7),
}  # fmt: skip


def moment(chance, earliest=FIRST):
    day = earliest + timedelta(days=chance.randrange((TONIGHT - earliest).days + 1))
    return f"{day} {chance.randrange(24):02}:00:00"


def drawn(seed):
    """Rows whose versions and steps lie on both sides of the past day."""
    chance = Random(seed)
    one_of = chance.choice

    def row(**columns):
        at = moment(chance)
        return columns | {"_version_at": at, "_received": chance.randrange(9)}

    answers = []
    for _ in range(150):
        question = one_of(list(ANSWERS))
        at = moment(chance)
        more = {"submitted_at": at, "_version_at": at, "user_id": one_of(USERS)}
        said = one_of(list(ANSWERS[question]))
        answers.append(answer(f"r{chance.randrange(40)}", question, said, **more))
    tickets = []
    for number in range(40):
        opened = moment(chance)
        for _ in range(chance.randrange(1, 4)):
            at = moment(chance, date.fromisoformat(opened[:10]))
            closed = one_of([None, at])
            tickets.append(
                {
                    "ticket_id": f"t{number}", "user_id": one_of(USERS),
                    "opened_at": opened, "closed_at": closed,
                    "_version_at": max(at, opened), "type": one_of(["bug", "invoice"]),
                    "channel": one_of(["call", "mail", "fax"]),
                    "sentiment": one_of(["positive", "angry", None]),
                    "csat": one_of([None, 1, 5]), "handle_minutes": one_of([None, 7]),
                    "status": one_of(["open", "solved"]),
                }
            )  # fmt: skip
    kinds = ["sent", "sent", "opened", "clicked", "replied", "converted"]
    campaigns = [
        {
            "event_id": f"e{number}", "campaign_id": f"c{chance.randrange(12)}",
            "user_id": one_of(USERS), "channel": one_of(["email", "sms", "letter"]),
            "event_type": one_of(kinds), "event_at": moment(chance),
        }
        for number in range(200)
    ]  # fmt: skip
    return {
        "survey_responses": answers,
        "tickets": tickets,
        "campaign_events": campaigns,
        "contacts": [
            row(
                contact_id=f"k{n % 4}", user_id=USERS[n % 3], account_id="a1",
                seniority=one_of(["cxo", "staff"]), job_title=one_of("abc"),
                language=one_of(["de", "en"]),
            )
            for n in range(12)
        ],
        "accounts": [
            row(account_id="a1", employees=chance.randrange(400), industry=one_of("ab"))
            for _ in range(6)
        ],
        "billing_customers": [
            row(billing_customer_id="b1", country=one_of(["DE", "US"]), city="Boston")
            for _ in range(6)
        ],
    }  # fmt: skip


USERS = ("ann", "bob", "eve")


@pytest.mark.parametrize("seed", range(4))
def test_without_all_later_rows_the_features_of_a_past_day_are_the_same(seed):
    rows = drawn(seed)
    cut = {
        feed: [r for r in some if r[DATED.get(feed, "_version_at")][:10] <= str(PAST)]
        for feed, some in rows.items()
    }
    assert all(len(cut[feed]) < len(rows[feed]) for feed in rows)
    whole = describe([str(PAST), str(TONIGHT)], **rows)
    before = describe([str(PAST)], **cut)
    for table in TABLES:
        build(whole, table)
        build(before, table)
        query = f"from {table} where as_of_date = '{PAST}' order by all"
        found = before.execute(query).fetchall()
        assert whole.execute(query).fetchall() == found
        assert any(value is not None for row in found for value in row[2:]), table
        assert whole.execute(f"from {table} order by all").fetchall() != found


def test_the_order_of_rows_changes_nothing():
    rows = drawn(9)
    turned = {feed: some[::-1] for feed, some in rows.items()}
    lines = {
        feed: {id(row): n for n, row in enumerate(some)} for feed, some in rows.items()
    }
    one, other = (
        describe(
            [str(TONIGHT)],
            **{
                feed: [row | {"_line": lines[feed][id(row)]} for row in some]
                for feed, some in given.items()
            },
        )
        for given in (rows, turned)
    )
    for table in TABLES:
        build(one, table)
        build(other, table)
        query = f"from {table} order by all"
        assert one.execute(query).fetchall() == other.execute(query).fetchall()
