"""The seeds of fivetran's dbt_recurly as subscription periods.

The package publishes no results, so the movements are calculated by hand: 99 a month
since February 2015; 2,999 and add-ons of 2,597 after a trial of a week in that month;
two subscriptions that expired minutes after they began.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.features.mrr import mrr_movements, revenue_metrics

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fivetran_dbt_recurly"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the seeds of dbt_recurly (../shared/data) are not here"
)

#: What a firm would write for this table: the latest version of each subscription.
PERIODS = f"""
    select
        account_id as customer_id, id as subscription_id,
        coalesce(trial_ends_at, activated_at)::date as starts_on,
        expires_at::date as ends_on, unit_amount + add_ons_total as monthly_amount
    from read_csv('{DATA}/subscription_history_data.csv')
    qualify row_number() over (partition by id order by updated_at desc) = 1
"""
LATE, EARLY = (
    "4458762633d912919d7ff692cab13b69",
    "51bccf87e2571558b3da93688e17469f",
)


def test_subscriptions_of_recurly_give_the_movements_calculated_by_hand():
    periods = duckdb.sql(PERIODS).to_arrow_table()
    moves = mrr_movements(periods, date(2022, 8, 30)).to_pylist()
    assert [(m["customer_id"], m["month"], m["kind"], m["amount"]) for m in moves] == [
        (LATE, date(2015, 2, 1), "new", Decimal("5596.00")),
        (EARLY, date(2015, 2, 1), "new", Decimal("99.00")),
    ]
    months = revenue_metrics(periods, date(2022, 8, 30)).to_pylist()
    assert len(months) == 91
    assert months[-1]["mrr_end"] == Decimal("5695.00")
    assert months[-1]["is_complete"] is False
    assert {month["nrr"] for month in months} == {None, 1.0}
