"""The part of support in the health score, at its boundaries."""

import pytest

from dagster_project.features.rendering import render
from dagster_project.warehouse import connect


@pytest.mark.parametrize(
    ("open_tickets", "mood", "health"),
    [
        ("0", "null", 100),
        ("1", "null", 80),
        ("5", "null", 0),
        ("6", "null", 0),
        ("0", "1", 100),
        ("0", "-1", 50),
        ("5", "0", 25),
        ("null", "null", None),
    ],
)
def test_half_is_what_waits_and_half_the_mood_where_it_is_known(
    open_tickets, mood, health
):
    query = render(
        "with thresholds as (select 'health_open_tickets_worst' as threshold, 5.0 as "
        "value) select {{ health_of_tickets() }} "
        f"from (select {open_tickets} as open_tickets, {mood} as avg_sentiment_90d)"
    )
    with connect() as connection:
        assert connection.execute(query).fetchall() == [(health,)]
