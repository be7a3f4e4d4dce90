"""Numbers and names as a reader sees them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from dagster_project.report import words
from dagster_project.report.measures import measure


@pytest.mark.parametrize(
    "write", [words.count, words.number, words.percent, words.size]
)
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_missing_is_not_known(write, value):
    assert write(value) == "not known"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1567.0, "1,567"),
        (Decimal("-12345.6"), "−12,346"),
        (-0.2, "0"),
    ],
)
def test_counts_are_whole_with_thousands_separators(value, text):
    assert words.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.204, "0.2"), (12.0, "12"), (12.34, "12.3"), (1234.5678, "1,235")],
)
def test_numbers_have_the_decimals_their_size_is_worth(value, text):
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (Decimal("1234567.89"), "EUR", "€1,234,568"),
        (Decimal("-9.5"), "USD", "−$9.50"),
        (Decimal("-0.001"), "GBP", "£0.00"),
        (Decimal("20.00"), "CHF", "CHF 20"),
        (Decimal("20"), None, "20"),
        (None, "EUR", "not known"),
    ],
)
def test_money_carries_its_currency(value, currency, text):
    assert words.money(value, currency) == text


def test_a_sign_is_written_on_what_grows_and_on_what_shrinks():
    assert words.signed(words.count(12)) == "+12"
    assert words.signed(words.count(-12)) == "−12"
    assert words.signed(words.count(None)) == "not known"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.36, "×2.4"), (0.42, "×0.42"), (33.8, "×34"), (None, "not known")],
)
def test_a_ratio_has_about_two_digits(value, text):
    assert words.ratio(value) == text


def test_file_sizes_are_short():
    assert words.size(999) == "999 B"
    assert words.size(1_234_567) == "1.23 MB"
    assert words.size(5_000_000_000_000) == "5,000 GB"


def test_dates_are_written_out():
    assert words.day(date(2026, 11, 1)) == "1 November 2026"
    assert words.month(date(2026, 11, 1)) == "Nov 2026"
    assert words.moment(datetime(2026, 11, 22, 2, 4)) == "2026-11-22 02:04 UTC"
    assert words.day(None) == words.month(None) == words.moment(None) == "not known"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("key_account", "Key account"),
        ("mrr", "MRR"),
        ("high MRR, low activity", "High MRR, low activity"),
        ("", "not known"),
        ("___", "___"),
        (None, "not known"),
    ],
)
def test_names_become_words(name, text):
    assert words.plain(name) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("max 2026-11-20 00:00", "max 2026-11-20 00:00"),
        ("2,046,189.16", "2,046,189.16"),
        ("from a.b@c.example, twice", "from …, twice"),
        ("call +49 (151) 234-567 now", "call … now"),
        (None, "not known"),
    ],
)
def test_addresses_and_phones_are_masked_and_figures_are_not(text, shown):
    assert words.masked(text) == shown


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("event_at: 'soon' is no time", "event_at: … is no time"),
        (
            "required column a is missing; found: Jane, Doe",
            "required column a is missing",
        ),
        ("duplicate header: jane, doe", "duplicate header"),
    ],
)
def test_a_reason_is_shown_without_what_it_quotes(reason, shown):
    assert words.without_values(reason) == shown


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("revenue_12m", "Revenue, last 12 months", "money"),
        ("anonymous_revenue_total", "Anonymous revenue, in total", "money"),
        ("avg_order_value", "Average order value", "money"),
        ("sessions_30d", "Sessions, last 30 days", "count"),
        ("session_slope_8w", "Session trend, 8 weeks", "number"),
        ("recency_days", "Days since last order", "days"),
        ("survey_coverage", "Survey coverage", "share"),
        ("nps_responses", "NPS responses", "count"),
        ("nps", "NPS", "points"),
        ("never_heard_of", "Never heard of", "count"),
    ],
)
def test_features_and_metrics_have_a_readable_name_and_a_unit(name, label, unit):
    assert (measure(name).label, measure(name).unit) == (label, unit)


def test_a_share_is_per_cent_and_an_nps_has_its_sign():
    assert measure("survey_coverage").text(0.4123) == "41.2%"
    assert measure("nps").text(31.4) == "+31.4"
    assert measure("nps").text(0) == "0"
    assert measure("nps").text(None) == "not known"
