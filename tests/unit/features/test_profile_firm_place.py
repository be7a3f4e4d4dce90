"""Who the primary person is, which firm, and where: as the feeds knew it on the day."""

from datetime import date
from decimal import Decimal

import pytest
from people_world import answer, build, describe, one

NIGHT = ["2026-06-30"]


def contact(contact_id, seniority, on="2026-01-01", **more):
    row = {"contact_id": contact_id, "seniority": seniority, "account_id": "a1"}
    return row | {"_version_at": on and f"{on} 08:00:00"} | more


def account(on="2026-01-01", **more):
    return {"account_id": "a1", "_version_at": on and f"{on} 08:00:00"} | more


def address(on="2026-01-01", **more):
    return {"billing_customer_id": "b1", "_version_at": f"{on} 08:00:00"} | more


def test_the_role_is_that_of_the_primary_person_and_the_highest_that_of_the_account():
    told = describe(
        NIGHT,
        contacts=[
            contact("k1", "Team Lead", user_id="ann", job_title="Head of It"),
            contact("k2", "CXO"),
            contact("k3", "Owner", account_id="a9"),
        ],
    )
    columns = "job_title, seniority, highest_seniority"
    assert one(told, "profile_features", columns) == (
        "Head of It",
        "manager",
        "c_level",
    )
    assert one(told, "profile_features", columns, "c_eve") == (None, None, None)


@pytest.mark.parametrize(
    ("delivered", "language"),
    [("German", "de"), ("en-GB", "en"), ("PT_br", "pt"), ("nl", "nl"), (None, None)],
)
def test_a_language_is_a_code_whatever_the_crm_writes(delivered, language):
    told = describe(
        NIGHT, contacts=[contact("k1", None, email_hash="ann@", language=delivered)]
    )
    assert one(told, "profile_features", "language") == (language,)


def test_a_language_that_was_said_goes_before_the_crm():
    told = describe(
        NIGHT,
        survey_responses=[answer("r1", "language", "Français")],
        contacts=[contact("k1", None, user_id="ann", language="de")],
    )
    assert one(told, "profile_features", "language") == ("fr",)


@pytest.mark.parametrize(
    ("employees", "size"),
    [(0, "micro"), (9, "micro"), (10, "small"), (49, "small"), (50, "medium"),
     (249, "medium"), (250, "large"), (None, None)],
)  # fmt: skip
def test_the_size_of_a_firm_begins_at_its_threshold(employees, size):
    told = describe(NIGHT, accounts=[account(employees=employees)])
    assert one(told, "firm_features", "company_size") == (size,)


@pytest.mark.parametrize(
    ("revenue", "power"),
    [("1999999.99", "low"), (2000000, "medium"), (50000000, "high"), (None, None)],
)
def test_buying_power_begins_at_its_threshold(revenue, power):
    told = describe(NIGHT, accounts=[account(annual_revenue=revenue)])
    assert one(told, "firm_features", "buying_power") == (power,)


def test_a_firm_is_known_only_for_customers_with_an_account():
    told = describe(
        NIGHT,
        accounts=[account(industry="Logistics", parent_account_id="h", rd_budget=1.5)],
    )
    columns = "industry, industry_vertical, parent_account_id, rd_budget"
    found = one(told, "firm_features", columns)
    assert found == ("Logistics", "transport", "h", Decimal("1.50"))
    assert one(told, "firm_features", columns, "c_eve") == (None,) * 4


def test_a_prospect_has_the_firm_of_its_contact():
    told = describe(
        NIGHT,
        accounts=[account(industry="space travel")],
        contacts=[contact("k", "staff", user_id="eve")],
    )
    columns = "industry_vertical"
    assert one(told, "firm_features", columns, "c_eve") == ("other",)


def test_a_past_day_sees_what_was_known_then():
    told = describe(
        ["2026-01-31", "2026-02-28", "2026-03-31"],
        accounts=[
            account("2026-02-10", employees=5),
            account("2026-03-10", employees=50),
        ],
        contacts=[
            contact("k", "staff", None, user_id="ann"),
            contact("k", "manager", "2026-03-01", user_id="ann"),
        ],
        billing_customers=[
            address("2026-01-01", city="Munich", country="DE"),
            address("2026-02-28", city="Boston", country="US"),
        ],
    )
    build(told, "place_features")
    found = told.execute(
        "select as_of_date, employees, seniority, city, country, climate"
        " from place_features"
        " inner join firm_features using (customer_id, as_of_date)"
        " inner join profile_features using (customer_id, as_of_date)"
        " where customer_id = 'c_firm' order by as_of_date"
    ).fetchall()
    assert found == [
        (date(2026, 1, 31), None, "staff", "Munich", "DE", "temperate"),
        (date(2026, 2, 28), 5, "staff", "Boston", "US", "continental"),
        (date(2026, 3, 31), 50, "manager", "Boston", "US", "continental"),
    ]


@pytest.mark.parametrize(
    ("delivered", "country", "group"),
    [("DE", "DE", "EMEA"), (" deu ", "DE", "EMEA"), ("Germany", "DE", "EMEA"),
     ("EIRE", "IE", "EMEA"), ("United Kingdom", "GB", "EMEA"), ("NA", "NA", "EMEA"),
     ("Viet Nam", "VN", "APAC"), ("u.s.a.", "US", "AMER"), ("Antarctica", "AQ", None),
     ("Côte d'Ivoire", "CI", "EMEA"), ("Unspecified", None, None), (None, None, None)],
)  # fmt: skip
def test_a_country_is_its_code_whatever_it_is_called(delivered, country, group):
    told = describe(NIGHT, billing_customers=[address(country=delivered)])
    assert one(told, "place_features", "country, region_group") == (country, group)


@pytest.mark.parametrize(
    ("row", "urbanicity", "climate"),
    [
        ({"country": "Germany", "city": " munich"}, "urban", "temperate"),
        ({"country": "US", "city": "Miami"}, "urban", "tropical"),
        ({"country": "US", "city": "Smallville"}, None, "temperate"),
        ({"country": "GB", "city": "the City", "postal_code": "ec1a 1bb"}, "urban",
         "temperate"),
        ({"country": "FR", "city": "Munich"}, None, "temperate"),
        ({"city": "Munich"}, None, None),
    ],
    ids=["city", "city_of_its_own_climate", "unlisted", "postal", "abroad", "nowhere"],
)  # fmt: skip
def test_a_city_is_looked_up_in_its_country(row, urbanicity, climate):
    told = describe(NIGHT, billing_customers=[address(**row)])
    assert one(told, "place_features", "urbanicity, climate") == (urbanicity, climate)


def test_the_latest_visit_says_the_country_and_the_address_all_else():
    told = describe(
        NIGHT, billing_customers=[address(country="DE", city="Munich", region="Bavaria")]
    )
    told.execute("update web_features set web_country = 'BR'")
    columns = "country, region_group, region, city, climate"
    found = one(told, "place_features", columns)
    assert found == ("BR", "AMER", "Bavaria", "Munich", "temperate")
    assert one(told, "place_features", columns, "c_eve") == (
        "BR", "AMER", None, None, "tropical"
    )  # fmt: skip
