"""The price lists, offers and rights: what they say about what is sold and used."""

from datetime import date
from pathlib import Path

import duckdb
import pytest
from demo_world import read_landing

from dagster_project.demo import generate

NOTHING_MAY_BE_FOUND = {
    "a product sold that is not on the list": """
        select product_id from invoice_lines
        where product_id not in (select product_id from products)
        union all
        select product_id from web_events
        where product_id not in (select product_id from products)""",
    "a product sold below its cost": """
        select product_id from products where unit_cost >= price""",
    "a subscription to a plan that is not on the list, or of another tier": """
        select subscription_id from subscriptions
        left join (select distinct plan_id, tier from plans) as known using (plan_id)
        where known.tier is distinct from subscriptions.tier""",
    "a plan without features or features without a plan": """
        select plan_id from plans
        where plan_id not in (select plan_id from plan_features)
        union all
        select plan_id from plan_features
        where plan_id not in (select plan_id from plans)""",
    "a list with an id twice": """
        select filename from products group by filename, product_id having count(*) > 1
        union all
        select filename from plans group by filename, plan_id having count(*) > 1
        union all
        select filename from plan_features group by filename, plan_id, feature
        having count(*) > 1""",
    "two lists in a row that say the same": """
        with lists as (
            select filename, list((product_id, unit_cost) order by product_id) as said
            from products group by filename
            union all
            select filename, list((plan_id, 0) order by plan_id) from plans
            group by filename
        )
        select filename from lists
        qualify said = lag(said) over (
            partition by split_part(filename, '-', -3) order by filename)""",
    "a feature used that nobody sells": """
        select feature from web_events
        where feature not in (select feature from plan_features)""",
    "a feature used after it was retired": """
        select event_id from web_events
        inner join plan_features using (feature)
        where event_at::date >= retired_on""",
    "an offer for something that is not sold": """
        select offer_id from offers
        where (product_id is null) = (plan_id is null)
            or product_id not in (select product_id from products)
            or plan_id not in (select plan_id from plans)""",
    "an offer that ends before it begins or gives everything away": """
        select offer_id from offers
        where valid_to < valid_from or discount not between 0.01 and 0.5""",
    "a right of nobody, or one that ends before it begins": """
        select feature from entitlements
        where coalesce(billing_customer_id, user_id) is null or ends_on <= starts_on""",
    "an add-on without the invoice that sold it": """
        select feature from entitlements
        where feature in ('training', 'storage', 'migration') and not exists (
            from invoice_lines
            where product_id = 'addon_' || feature
                and invoice_lines.billing_customer_id = entitlements.billing_customer_id
                and invoiced_at::date = starts_on
        )""",
}


@pytest.mark.parametrize(
    "query", NOTHING_MAY_BE_FOUND.values(), ids=NOTHING_MAY_BE_FOUND
)
def test_there_is_never(year: duckdb.DuckDBPyConnection, query: str):
    assert year.execute(query).fetchall() == []


MUST_BE_THERE = {
    "products for a climate and a season": """
        from products where climate is not null and season_from is not null""",
    "products that are no longer sold": """
        from products where product_id not in (
            select product_id from products where filename like '%-2026-10%')""",
    "features that will be retired": """
        from plan_features where retired_on > '2026-11-21'""",
    "features that were retired": "from plan_features where retired_on < '2026-11-21'",
    "plans that nobody has yet": """
        from plans where plan_id not in (select plan_id from subscriptions)""",
    "offers that were extended": """
        from (from offers select offer_id group by all having count(*) > 1)""",
    "an offer that holds on the last day": """
        from offers where '2026-11-21' between valid_from and valid_to""",
    "rights that were ended later": """
        from entitlements where ends_on is not null and feature = 'fax'""",
    "rights of one user": "from entitlements where billing_customer_id is null",
    "add-ons": "from entitlements where feature = 'storage'",
}


@pytest.mark.parametrize("query", MUST_BE_THERE.values(), ids=MUST_BE_THERE)
def test_there_are(year: duckdb.DuckDBPyConnection, query: str):
    assert year.execute(f"select count(*) from (select 1 {query})").fetchone() > (0,)


def test_nearly_all_that_customers_use_is_in_their_plan(year):
    used, owned = year.execute("""
        with rights as (
            select distinct plan_id, feature from plan_features
        )
        select count(*), count(*) filter (where rights.feature is not null)
        from web_events
        inner join subscriptions
            on web_events.user_id[3:9] = subscriptions.billing_customer_id[5:]
            and event_at::date > starts_on
            and (ends_on is null or event_at::date < ends_on)
        left join rights
            on subscriptions.plan_id = rights.plan_id
            and web_events.feature = rights.feature
        where web_events.feature is not null
    """).fetchone()
    assert used > 1000
    assert owned / used > 0.97


def test_nobody_uses_a_feature_from_the_day_it_is_retired(tmp_path: Path):
    landing = tmp_path / "landing"
    generate(40, 480, date(2026, 11, 21), seed=3, out=landing)
    before, after = (
        read_landing(landing)
        .execute("""
            with retired as (
                select max(retired_on) as retired_on from plan_features
                where feature = 'comments'
            )
            select
                count(*) filter (where event_at::date < retired_on),
                count(*) filter (where event_at::date >= retired_on)
            from web_events cross join retired where feature = 'comments'
        """)
        .fetchone()
    )
    assert before > 0
    assert after == 0
