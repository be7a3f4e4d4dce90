"""Who is one person, whose a device is and for whom a person acts."""

import pytest

from tests.unit.features.people import groups, link, people, published

LIMITS = [
    {"id_type": "email_hash", "counted": "user_id", "maximum": 3},
    {"id_type": "phone_hash", "counted": "user_id", "maximum": 2},
    {"id_type": "anonymous_id", "counted": "persons", "maximum": 3},
    {"id_type": "anonymous_id", "counted": "days_from_a_sign_in", "maximum": 3},
    {"id_type": "person_id", "counted": "identifiers", "maximum": 5},
]


def whose(connection, device: str) -> list[tuple]:
    """Periods of the anonymous visits of a device, by the user id of the person."""
    return connection.execute(
        """
        select users.id_value, visitors.valid_from::varchar, visitors.valid_to::varchar
        from int_identity__visitor_persons as visitors
        join int_identity__persons as users
            on visitors.person_id = users.person_id and users.id_type = 'user_id'
        where visitors.anonymous_id = ? and visitors.user_id is null
        order by all""",
        [device],
    ).fetchall()


def test_two_users_of_one_device_stay_two_persons():
    found = people(
        int_web__links=[
            link("01", anonymous_id="tablet", user_id="ada"),
            link("02", anonymous_id="tablet", user_id="ben"),
        ]
    )
    assert groups(found) == {frozenset({"ada"}), frozenset({"ben"})}


def test_a_device_of_one_person_is_his_before_the_sign_in_too():
    found = people(
        int_web__links=[
            link("01", anonymous_id="phone"),
            link("20", anonymous_id="phone", user_id="ada"),
        ]
    )
    assert groups(found) == {frozenset({"ada", "phone"})}
    assert whose(found, "phone") == [("ada", "1900-01-01", "9999-12-31")]


def test_a_form_with_an_address_makes_its_device_a_persons():
    found = people(int_web__links=[link("01", anonymous_id="phone", email_hash="mail")])
    assert groups(found) == {frozenset({"phone", "mail"})}


def test_visits_on_a_shared_device_count_for_the_nearest_sign_in_within_days():
    found = people(
        identity_limits=LIMITS,
        int_web__links=[
            link("01", anonymous_id="tablet"),
            link("10", anonymous_id="tablet", user_id="ada"),
            link("14", anonymous_id="tablet", user_id="ben"),
            link("24", anonymous_id="tablet", user_id="ada"),
        ],
    )
    # The 12th lies in the middle and belongs to who signs in next; the 18th to the
    # 20th are more than three days from anybody.
    assert whose(found, "tablet") == [
        ("ada", "2026-03-07", "2026-03-12"),
        ("ada", "2026-03-21", "2026-03-28"),
        ("ben", "2026-03-12", "2026-03-18"),
    ]


def test_of_two_who_sign_in_on_one_day_the_first_has_the_day_and_the_last_the_next():
    early = link("10", anonymous_id="tablet", user_id="ada")
    late = link("10", anonymous_id="tablet", user_id="ben")
    late |= {
        "first_seen_at": "2026-03-10 20:00:00",
        "last_seen_at": "2026-03-10 20:00:00",
    }
    found = people(
        identity_limits=LIMITS,
        int_web__links=[early, late, link("09", anonymous_id="tablet")],
    )
    assert whose(found, "tablet") == [
        ("ada", "2026-03-07", "2026-03-11"),
        ("ben", "2026-03-11", "2026-03-14"),
    ]


def test_a_device_of_too_many_persons_belongs_to_nobody():
    visits = [link("05", anonymous_id="kiosk")]
    visits += [link("05", anonymous_id="kiosk", user_id=f"u{n}") for n in range(4)]
    found = people(identity_limits=LIMITS, int_web__links=visits)
    assert whose(found, "kiosk") == []


def test_the_periods_of_a_visitor_never_overlap():
    visits = [link("01", anonymous_id="tablet", account_id=None)]
    visits += [
        link(f"{day:02}", anonymous_id="tablet", user_id=f"u{day % 3}")
        for day in (3, 4, 7, 8, 15, 16, 17, 29)
    ]
    found = people(int_web__links=visits)
    assert not found.execute("""
        select * from int_identity__visitor_customers as a
        join int_identity__visitor_customers as b
            on a.anonymous_id is not distinct from b.anonymous_id
            and a.user_id is not distinct from b.user_id
            and a.valid_from < b.valid_to and b.valid_from < a.valid_to
            and (a.valid_from, a.customer_id) < (b.valid_from, b.customer_id)
    """).fetchall()


def test_two_users_of_one_mailbox_are_one_person_and_four_are_four():
    accounts = [
        {"billing_customer_id": f"c{n}", "user_id": f"u{n}", "email_hash": "mail"}
        for n in range(4)
    ]
    two = people(stg_billing__customers=accounts[:2])
    assert groups(two) == {frozenset({"u0", "u1", "mail"})}
    four = people(stg_billing__customers=accounts)
    assert groups(four) == {frozenset({name}) for name in ("u0", "u1", "u2", "u3", "mail")}


@pytest.mark.parametrize("address", ["info@firm.example", " No-Reply+7@Firm.example"])
def test_a_mailbox_that_a_role_reads_is_an_identifier_and_links_nobody(address):
    found = people(
        stg_pii__contacts=[{"email_hash": "role", "email": address}],
        stg_crm__contacts=[
            {"contact_id": "1", "user_id": "ada", "email_hash": "role"},
            {"contact_id": "2", "user_id": "ben", "email_hash": "role"},
        ],
    )
    assert groups(found) == {frozenset({name}) for name in ("ada", "ben", "role")}


def test_a_word_that_is_no_identifier_is_nobody():
    found = people(
        int_web__links=[
            link("01", anonymous_id="a", user_id="NULL"),
            link("02", anonymous_id="b", user_id="guest"),
            link("03", anonymous_id="undefined", user_id="ada"),
            link("04", anonymous_id="undefined", user_id="ben"),
        ]
    )
    assert groups(found) == {frozenset({"ada"}), frozenset({"ben"})}


def test_every_feed_can_name_a_person():
    at = "2026-03-01 08:00:00"
    found = people(
        stg_survey__responses=[{"email_hash": "answered", "submitted_at": at}],
        stg_crm__contacts=[{"contact_id": "1", "phone_hash": "known to sales"}],
        stg_support__tickets=[{"user_id": "asked", "opened_at": at}],
        stg_campaigns__events=[
            {"email_hash": "written to", "event_at": at, "event_type": "sent"}
        ],
        stg_consents__changes=[{"email_hash": "subscribed", "changed_at": at}],
        stg_catalogue__entitlements=[{"user_id": "granted", "starts_on": "2026-03-01"}],
    )
    seen = found.execute("""
        select id_value, source, first_seen_at::date::varchar, last_seen_at is not null
        from int_identity__persons order by all""").fetchall()
    # A mail that was sent and a right that was granted are nothing that a person did.
    assert seen == [
        ("answered", "survey", "2026-03-01", True),
        ("asked", "support", "2026-03-01", True),
        ("granted", "catalogue", "2026-03-01", False),
        ("known to sales", "crm", "2026-03-31", False),
        ("subscribed", "consents", "2026-03-01", True),
        ("written to", "campaigns", "2026-03-01", False),
    ]


def test_a_consultant_of_two_firms_is_one_person_and_the_firms_are_two_customers():
    found = people(
        stg_billing__customers=[
            {
                "billing_customer_id": f"b{firm}",
                "account_id": firm,
                "created_at": "2026-01-01 00:00:00",
                "created_on": "2026-01-01",
            }
            for firm in ("one", "two")
        ],
        int_web__links=[link("10", anonymous_id="laptop", user_id="carla")],
        stg_crm__contacts=[{"contact_id": "1", "user_id": "carla"}],
        stg_crm__contact_accounts=[
            {"user_id": "carla", "account_id": "one"},
            {
                "user_id": "carla",
                "account_id": "two",
                "changed_at": "2026-03-05 09:00:00",
                "changed_on": "2026-03-05",
            },
            {
                "user_id": "carla",
                "account_id": "does not pay",
                "changed_at": "2026-03-20 09:00:00",
                "changed_on": "2026-03-20",
            },
        ],
    )
    assert groups(found) == {frozenset({"carla", "laptop"})}
    stays = found.execute("""
        select coalesce(account_id, 'prospect'), valid_from::varchar
        from int_identity__visitor_customers join int_identity__customers
        using (customer_id) order by valid_from""").fetchall()
    assert stays == [
        ("one", "1900-01-01"),
        ("two", "2026-03-05"),
        ("prospect", "2026-03-20"),
    ]


def test_a_component_of_too_many_is_quarantined_and_the_others_go_on():
    rows = [{"contact_id": f"{n}", "user_id": "agent", "email_hash": f"m{n}"} for n in range(5)]
    rows.append({"contact_id": "7", "user_id": "ada", "email_hash": "a"})
    found = people(identity_limits=LIMITS, stg_crm__contacts=rows)
    alone = {frozenset({name}) for name in ("agent", "m0", "m1", "m2", "m3", "m4")}
    assert groups(found) == alone | {frozenset({"ada", "a"})}
    rules = found.execute("""
        select distinct link_rule from int_identity__persons order by all""").fetchall()
    assert rules == [("named_together",), ("quarantined",)]


COUPLE = [
    {"contact_id": "1", "user_id": "ada", "email_hash": "mail"},
    {"contact_id": "2", "user_id": "ben", "email_hash": "mail"},
]


def decision(kind: str, a: str, b: str) -> list[dict[str, str]]:
    return [{"kind": kind, "id_a": a, "id_b": b, "who": "kim", "why": "a couple"}]


def test_a_cut_holds_on_whatever_way_the_two_are_linked():
    cut = decision("cut", "user_id:ada", "user_id:ben")
    dated = [
        row | {"known_since": f"2026-03-0{3 - n} 00:00:00"}
        for n, row in enumerate(COUPLE)
    ]
    found = people(stg_crm__contacts=dated, identity_overrides=cut)
    # Ben's link is the older one, so the mailbox is his.
    assert groups(found) == {frozenset({"ada"}), frozenset({"ben", "mail"})}


def test_a_join_links_what_no_record_does_and_unknown_ids_do_nothing():
    contacts = [
        {"contact_id": "1", "user_id": "ada"},
        {"contact_id": "2", "user_id": "ben"},
    ]
    joins = decision("join", "user_id:ada", "user_id:ben")
    joins += decision("join", "user_id:ada", "user_id:nobody")
    found = people(stg_crm__contacts=contacts, identity_overrides=joins)
    assert groups(found) == {frozenset({"ada", "ben"})}


def test_a_device_can_be_cut_from_a_person_and_given_to_one():
    visits = [
        link("01", anonymous_id="tablet", user_id="ada"),
        link("02", anonymous_id="tablet", user_id="ben"),
    ]
    for choice in (
        decision("cut", "anonymous_id:tablet", "user_id:ben"),
        decision("join", "user_id:ada", "anonymous_id:tablet"),
    ):
        found = people(int_web__links=visits, identity_overrides=choice)
        assert groups(found) == {frozenset({"ada", "tablet"}), frozenset({"ben"})}


def keys(connection) -> dict[str, str]:
    return dict(
        connection.execute("""
            select id_value, customer_id from int_identity__person_customers
            join int_identity__persons using (person_id)""").fetchall()
    )


def test_an_undone_merge_gives_the_old_keys_back_and_stays_undone():
    alone = [COUPLE[0], {"contact_id": "2", "user_id": "ben"}]
    monday = people(stg_crm__contacts=alone)
    tuesday = people(stg_crm__contacts=COUPLE, customer_identities=published(monday),
                     customer_features=_prospects(monday))  # fmt: skip
    cut = decision("cut", "user_id:ada", "user_id:ben")
    wednesday = people(stg_crm__contacts=COUPLE, identity_overrides=cut,
                       customer_identities=published(tuesday),
                       customer_features=_prospects(tuesday))  # fmt: skip
    again = [*COUPLE, {"contact_id": "3", "user_id": "ada", "email_hash": "new"},
             {"contact_id": "4", "user_id": "ben", "email_hash": "new"}]  # fmt: skip
    thursday = people(stg_crm__contacts=again, identity_overrides=cut,
                      customer_identities=published(wednesday),
                      customer_features=_prospects(wednesday))  # fmt: skip
    first = keys(monday)
    assert first["ada"] != first["ben"]
    assert keys(tuesday)["ada"] == keys(tuesday)["ben"] in first.values()
    for night in (wednesday, thursday):
        assert {name: keys(night)[name] for name in ("ada", "ben")} == {
            name: first[name] for name in ("ada", "ben")
        }


def _prospects(connection) -> list[dict]:
    found = connection.execute("select customer_id from int_identity__customers")
    return [
        {"customer_id": row[0], "is_billing_customer": False}
        for row in found.fetchall()
    ]


def test_a_firm_keeps_its_key_when_somebody_older_joins_it():
    firm = {
        "billing_customer_id": "b",
        "account_id": "firm",
        "created_at": "2026-02-01 00:00:00",
        "created_on": "2026-02-01",
    }
    before = [
        {"id_type": "billing_customer_id", "id_value": "b", "customer_id": "c_firm"},
        {"id_type": "user_id", "id_value": "ada", "customer_id": "c_ada",
         "person_id": "p_ada"},
    ]  # fmt: skip
    found = people(
        stg_billing__customers=[firm],
        stg_survey__responses=[
            {"user_id": "ada", "submitted_at": "2026-01-01 00:00:00"}
        ],
        stg_crm__contact_accounts=[{"user_id": "ada", "account_id": "firm"}],
        customer_identities=before,
        customer_features=[
            {"customer_id": "c_firm", "is_billing_customer": True},
            {"customer_id": "c_ada", "is_billing_customer": False},
        ],
    )
    assert set(keys(found).values()) == {"c_firm"}
