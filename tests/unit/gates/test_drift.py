from pathlib import Path

import pytest

from dagster_project.errors import DeclarationError
from dagster_project.gates.checks import GateError
from dagster_project.gates.drift import check_drift, expected_drift
from dagster_project.gates.drift_metrics import METRICS
from dagster_project.gates.drift_spec import DriftBound, DriftSpec, load_drift
from dagster_project.gates.measure import shown, times
from dagster_project.ingest.feeds import FEEDS as FEED_SPECS

FEEDS = ("invoice_lines", "survey_responses")
MODELS = ("needy", "value_tiers")


def spec(metric, **bounds):
    return DriftSpec(metrics=[DriftBound(metric=metric, why="because", **bounds)])


def drift(connection, metric, **bounds):
    return check_drift(connection, spec(metric, **bounds))


def test_an_unchanged_night_does_not_drift(night):
    every = [
        DriftBound(metric=m, warn=2.5 if m in TIMES else 0.2, why="x") for m in METRICS
    ]
    results = check_drift(night, DriftSpec(metrics=every))
    assert [r for r in results if not r.passed] == []
    assert {r.as_expected_check for r in results} == set(
        expected_drift(DriftSpec(metrics=every), MODELS, FEEDS)
    )


TIMES = {
    "customers",
    "paying_customers",
    "mrr",
    "revenue_12m",
    "revenue_total",
    "events_total",
    "rows_per_day",
    "amount_scale",
    "largest_line",
}


@pytest.mark.parametrize("factor", [3, 1 / 3], ids=["tripled", "a third"])
def test_a_total_that_moves_beyond_its_bounds_warns_then_holds(night, factor):
    night.execute(f"update features.customer_features set mrr = mrr * {factor}::double")
    (warned,) = drift(night, "mrr", warn=2, critical=4)
    (held,) = drift(night, "mrr", warn=2, critical=2.5)
    (passed,) = drift(night, "mrr", critical=4)
    assert (warned.passed, warned.severity) == (False, "warning")
    assert (held.passed, held.severity) == (False, "critical")
    assert passed.passed
    assert "change 3" in held.observed and "600" in held.expected


def test_amounts_times_a_thousand_hold_the_night(night):
    night.execute(
        "update features.customer_features set revenue_12m = revenue_12m * 1000"
        " where customer_id = 'c2'"
    )
    (result,) = drift(night, "revenue_12m", warn=1.1, critical=1.5)
    assert (result.passed, result.severity) == (False, "critical")


def test_a_feed_that_became_unknown_is_out_of_all_bounds(night):
    night.execute("update features.customer_features set mrr = null")
    (result,) = drift(night, "mrr", critical=3)
    assert not result.passed
    assert result.observed == "unknown (out of all bounds)"


def test_few_customers_are_not_judged(night):
    night.execute("delete from features.customer_features where customer_id <> 'c1'")
    (result,) = drift(night, "customers", critical=1.5, at_least=100)
    assert result.passed and "too few" in result.observed


def test_a_longer_gap_allows_a_larger_change(night):
    night.execute("update features.customer_features set mrr = mrr * 2")
    assert not drift(night, "mrr", critical=1.5)[0].passed
    night.execute("update night.control set predecessor_as_of = date '2026-10-21'")
    assert drift(night, "mrr", critical=1.5)[0].passed


@pytest.mark.parametrize("how", ["delete from", "drop table"])
def test_the_first_night_has_nothing_to_drift_from(night, how):
    for table in ("customer_features", "customer_segments", "segment_registry"):
        night.execute(f"{how} release.{table}")
    night.execute("update night.control set predecessor_as_of = null")
    for metric in ("customers", "mrr", "nps", "segment_mix"):
        for result in drift(night, metric, critical=1.01):
            assert result.passed, result
            assert "nothing to compare with" in result.observed


def test_a_column_newer_than_the_last_release_has_no_baseline(night):
    night.execute("alter table release.customer_features drop column revenue_12m")
    (result,) = drift(night, "revenue_12m", critical=1.1)
    assert result.passed and "nothing to compare with" in result.observed


def test_scores_are_compared_in_points(night):
    night.execute("update features.customer_features set nps_class = 'detractor'")
    (result,) = drift(night, "nps", warn=10, critical=30)
    assert not result.passed
    assert result.observed == "-100 (change 133.333)"
    night.execute("update features.customer_features set csat_90d = null")
    assert drift(night, "csat", warn=0.5)[0].passed


def mix_of(connection):
    return {r.check_name: r for r in drift(connection, "segment_mix", critical=0.25)}


def test_a_shifted_mix_of_segments_holds_and_names_the_segment(night):
    night.execute(
        "update marts.customer_segments set segment = 'small'"
        " where model = 'value_tiers'"
    )
    results = mix_of(night)
    result = results["segment_mix__value_tiers"]
    assert (result.passed, result.severity) == (False, "critical")
    assert "big: 2 -> 0" in result.observed
    assert results["segment_mix__needy"].passed


def test_the_index_is_that_of_the_formula(night):
    night.execute("delete from marts.customer_segments where customer_id = 'c2'")
    # (1/2 - 2/3) ln(3/4) + (1/2 - 1/3) ln(3/2)
    assert "PSI 0.1155" in mix_of(night)["segment_mix__value_tiers"].observed


def test_a_changed_definition_only_warns(night):
    night.execute("update marts.customer_segments set segment = 'small'")
    night.execute(
        "update marts.segment_registry set rule = 'mrr >= 900' where rule like 'mrr%'"
    )
    result = mix_of(night)["segment_mix__value_tiers"]
    assert (result.passed, result.severity) == (False, "warning")
    assert "its definition was changed" in result.observed


def test_a_delivery_full_of_bad_lines_is_seen_by_its_share(night):
    night.execute(
        "update night.files set quarantined = 6, known = 4 where file_id = 'answers'"
    )
    results = {r.table_name: r for r in drift(night, "quarantine_share", critical=0.2)}
    assert not results["raw.survey_responses"].passed
    assert results["raw.survey_responses"].observed.startswith("6 of 10 new lines")
    assert results["raw.invoice_lines"].passed


def test_bad_lines_of_an_earlier_delivery_do_not_hold_every_later_night(night):
    night.execute("update night.files set quarantined = 6, is_new = false")
    assert all(r.passed for r in drift(night, "quarantine_share", critical=0.2))


def day_of(connection, feed, column, day, rows, file="f"):
    connection.execute(
        "insert into night.deliveries by name (select $file as file_id,"
        " $feed as source, $feed as feed, 9 as sequence, true as is_mounted)",
        {"file": file, "feed": feed},
    )
    connection.execute(
        "insert into night.file_values values (?, ?, ?, ?, ?)",
        [file, feed, column, day, rows],
    )


def rows_per_day(connection):
    results = drift(connection, "rows_per_day", warn=3, at_least=50)
    return {result.table_name: result for result in results}


def test_a_quiet_day_warns_against_the_same_weekday(night):
    for week, day in enumerate(("24", "31"), start=1):
        date = f"2026-10-{day}"
        day_of(night, "web_events", "event_at", date, 60, f"f{week}")
    for week, day in enumerate(("07", "14"), start=3):
        date = f"2026-11-{day}"
        day_of(night, "web_events", "event_at", date, 60, f"f{week}")
    night.execute("insert into night.feeds values ('web_events', true)")
    result = rows_per_day(night)["raw.web_events"]
    assert (result.passed, result.severity) == (False, "warning")
    assert "near 60 rows" in result.expected
    assert rows_per_day(night)["raw.payments"].observed.startswith("no such feed")
    day_of(night, "web_events", "event_at", "2026-11-21", 25, "f5")
    assert rows_per_day(night)["raw.web_events"].passed


def test_every_feed_with_a_business_date_has_its_usual_day(night):
    assert set(rows_per_day(night)) == {
        f"raw.{name}" for name, feed in FEED_SPECS.items() if feed.business_date
    }
    for day in ("2026-11-14", "2026-11-21"):
        rows = 90 if day.endswith("14") else 20
        day_of(night, "tickets", "opened_at", day, rows, day)
        # Another column of the feed, and a snapshot that a later one replaced.
        day_of(night, "tickets", "channel", day, 5000, f"{day}-channel")
        day_of(night, "tickets", "opened_at", day, 5000, f"{day}-replaced")
    night.execute(
        "update night.deliveries set is_mounted = false where file_id like '%replaced'"
    )
    night.execute("insert into night.feeds values ('tickets', true)")
    result = rows_per_day(night)["raw.tickets"]
    assert not result.passed
    assert result.observed == "20 rows on the day (change 4.5)"


def snapshot(connection, sequence, rows, is_new):
    connection.execute(
        "insert into night.deliveries by name (select $name as file_id,"
        " 'list' as source, 'invoice_lines' as feed, $sequence as sequence,"
        " 'full_snapshot' as delivery, $rows as loaded, $is_new as is_new,"
        " $is_new as is_mounted)",
        {"name": f"s{sequence}", "sequence": sequence, "rows": rows, "is_new": is_new},
    )


@pytest.mark.parametrize(("rows", "passed"), [(60, True), (20, False), (0, False)])
def test_a_snapshot_that_names_far_fewer_rows_holds_the_night(night, rows, passed):
    snapshot(night, 10, 90, False)
    snapshot(night, 11, rows, True)
    results = drift(night, "snapshot_rows", warn=2, critical=3, at_least=20)
    (result,) = [r for r in results if r.table_name == "raw.invoice_lines"]
    assert (result.passed, result.severity) == (passed, "critical")
    assert result.observed.startswith(f"{rows} rows in the new snapshot of list")
    assert all(r.passed for r in results if r is not result)


def test_a_first_snapshot_and_a_night_without_one_have_nothing_to_compare(night):
    assert all(r.passed for r in drift(night, "snapshot_rows", critical=3))
    snapshot(night, 10, 90, True)
    (result, _) = drift(night, "snapshot_rows", critical=3)
    assert result.passed and "nothing to compare with" in result.observed
    night.execute("update night.deliveries set is_new = false where source = 'list'")
    snapshot(night, 9, 10, False)
    (result, _) = drift(night, "snapshot_rows", critical=3)
    assert result.observed.startswith("no new snapshot")


def file_of(connection, name, is_new, amount):
    connection.execute(
        "insert into raw.invoice_lines select $name || i, 'b' || i,"
        " timestamp '2026-11-20 10:00:00', ($amount + i)::decimal(18, 4), $name"
        " from range(20) t(i)",
        {"name": name, "amount": amount},
    )
    connection.execute(
        "insert into night.files values (?, 'billing', 'invoice_lines', 'd.csv',"
        " 20, 20, 0, 0, 0, 'loaded', '', ?)",
        [name, is_new],
    )


def poison(connection, name):
    connection.execute(
        "update raw.invoice_lines set amount = amount * 1000"
        f" where _file_id = '{name}' and amount % 2 = 0"
    )


@pytest.mark.parametrize("first_night", [False, True])
def test_a_file_with_half_of_its_amounts_multiplied_is_named(night, first_night):
    for number in range(3):
        file_of(night, f"old{number}", first_night, 100)
    file_of(night, "tonight", True, 100)
    assert drift(night, "amount_scale", critical=20, at_least=20)[0].passed
    poison(night, "tonight")
    (result,) = drift(night, "amount_scale", critical=20, at_least=20)
    assert not result.passed
    assert result.sample_keys.startswith("file_id=tonight")


def test_one_absurd_line_of_a_customer_is_a_warning(night):
    assert drift(night, "largest_line", warn=1000, at_least=5)[0].passed
    night.execute(
        "update raw.invoice_lines set amount = 99999 where invoice_line_id = 'l3'"
    )
    (result,) = drift(night, "largest_line", warn=1000, at_least=5)
    assert (result.passed, result.severity) == (False, "warning")
    assert result.sample_keys == "billing_customer_id=b1"


def test_a_measure_that_cannot_be_taken_is_an_error_not_a_failed_check(night):
    night.execute("drop table night.file_values")
    with pytest.raises(GateError, match="drift of rows_per_day"):
        drift(night, "rows_per_day", warn=3)


WRONG = {
    "metrics: [{metric: custmers, warn: 2, why: x}]": "did you mean customers?",
    "metrics: [{metric: mrr, why: x}]": "give `warn`, `critical` or both",
    "metrics: [{metric: mrr, warn: 3, critical: 2, why: x}]": "beyond",
    "metrics: [{metric: mrr, warn: 3}]": "metrics.0.why",
    "metrics: [&m {metric: mrr, warn: 3, why: x}, *m]": "2 times",
}


@pytest.mark.parametrize("text", WRONG, ids=WRONG.values())
def test_wrong_bounds_are_explained(tmp_path: Path, text):
    (tmp_path / "drift.yml").write_text(text)
    with pytest.raises(DeclarationError, match=WRONG[text]) as error:
        load_drift(tmp_path)
    assert "drift.yml" in str(error.value)


def test_no_bounds_are_no_checks(tmp_path: Path, night):
    assert check_drift(night, load_drift(tmp_path)) == []


def test_times_is_the_same_up_and_down():
    assert times(30, 10) == times(10, 30) == 3
    assert times(0, 0) == 1
    assert times(5, 0) == times(None, 5) == float("inf")
    assert times(5, None) is None


def test_numbers_are_shown_as_people_write_them():
    assert [shown(x) for x in (1234.5, 100, None)] == ["1,234.5", "100", "unknown"]
