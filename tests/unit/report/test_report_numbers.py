"""The numbers of the page are those of the tables, and missing is never zero."""

import json


def test_key_figures_stand_against_last_night_with_sign_and_per_cent(small, page):
    text = page(small).text
    assert "Customers 8 ▲ +1 (+14.3%)" in text
    assert "Paying customers 5 = no change" in text
    assert "MRR €1,700 ▲ +€133 (+8.5%)" in text
    assert "NPS +25 ▼ −3.5 points" in text
    assert "Revenue, last 12 months not known" in text


def test_a_figure_without_one_of_last_night_has_no_change(small, page):
    assert (
        "Events, in total 1,234,567 not known last night not known" in page(small).text
    )


def test_the_first_night_is_said_in_words(small, page):
    small.execute("update release_info set predecessor = null")
    small.execute("update pipeline_metrics set previous_value = null")
    small.execute("delete from segment_migration")
    text = page(small).text
    assert "Compared with nothing, this is the first night" in text
    assert "Customers 8 first night" in text
    assert "First night: there is no release before it to compare with." in text
    assert "Nothing moved" not in text


def test_a_first_night_compared_with_a_month_end_says_since_when(small, page):
    small.execute("update release_info set predecessor = null")
    small.execute("update segment_migration set since_date = date '2026-10-31'")
    text = page(small).text
    assert "1 customer moved, 1 came new since 31 October 2026." in text
    assert "Nothing moved since 31 October 2026." in text


def test_mrr_of_the_page_is_the_sum_of_its_table(small, page):
    text = page(small).text
    row = "Oct 2026 €1,567 €0 €0 €0 €0 €1,567 €1,567 2"
    assert row in text
    row = "Nov 2026 €500 €200 €0 €0 −€567 €133 €1,700 2"
    assert row in text


def test_the_chart_of_mrr_holds_the_sums_and_leaves_out_the_opening(small, page):
    chart = json.loads(page(small).scripts[0])["chart-mrr"]
    assert chart["months"] == ["Oct 2026", "Nov 2026"]
    assert chart["mrr"] == [1567.0, 1700.0]
    assert chart["movements"]["churn"] == [None, -567.0]
    assert chart["currency"] == "EUR"


def test_movements_that_are_absent_are_not_known(small, page):
    small.execute("delete from mrr_movements")
    text = page(small).text
    assert "mrr_movements is empty" in text
    assert f"Nov 2026 {'not known ' * 6}€1,700 2" in text


def test_amounts_of_two_currencies_are_not_added(small, page):
    small.execute("update customer_mrr_monthly set currency = 'USD' where mrr = 500")
    text = page(small).text
    assert "MRR is in several currencies (EUR, USD)" in text
    assert "Nov 2026 EUR €1,200 1" in text
    assert "Nov 2026 USD $500 1" in text
    assert "1,700" in text
    assert "€1,700" not in text
    assert "chart-mrr" not in json.loads(page(small).scripts[0])


def test_amounts_without_subscriptions_are_in_the_reporting_currency(small, page):
    small.execute("alter table release_info add column currency varchar default 'GBP'")
    assert "MRR €1,700" in page(small).text
    small.execute("delete from customer_mrr_monthly")
    assert "MRR £1,700" in page(small).text
    assert "Standard → Growing 1 £400" in page(small).text


def test_segment_sizes_are_those_of_the_assignments(small, page):
    text = page(small).text
    assert (
        "Key account fewer than 10 Served by a named account manager"
        " revenue_12m >= 5000 2 0 25.0%" in text
    )
    assert "Nothing for a year revenue_12m = 0 0 0 0.0%" in text
    assert "Growing fewer than 10 Pays more each week" in text
    assert "revenue_slope_8w > 0 1 +1 12.5%" in text


def test_shares_of_all_models_of_two_thousand_add_up(large, page):
    counted = large.execute(
        "select segment, count(*) from customer_segments"
        " where model = 'lifecycle' group by segment"
    ).fetchall()
    assert sum(n for _, n in counted) == 2000
    text = page(large).text
    for segment, n in counted:
        title = segment.capitalize().replace("_", " ")
        assert f"{title} " in text
        assert f" {n / 20:.1f}%" in text


def test_micro_segments_are_shares_of_all_customers(large, page):
    n = large.execute(
        "select count(*) from customer_segments where segment = 'key_account_detractor'"
    ).fetchone()[0]
    text = page(large).text
    assert "a customer may be in several" in text
    assert f"Key account and detractor {n} 0 {n / 20:.1f}%" in text


def test_sizes_come_from_the_registry_where_assignments_are_absent(small, page):
    small.execute("drop table customer_segments")
    assert "revenue_12m >= 5000 2 0 22" not in page(small).text
    assert "Key account fewer than 10" in page(small).text
    small.execute("update segment_registry set customers = null")
    assert "revenue_12m >= 5000 not known" in page(small).text


def test_unknown_customers_come_last_and_are_explained(small, page):
    text = page(small).text
    assert "Unknown fewer than 10 The data that the model needs is not there" in text
    assert text.index("All others") < text.rindex("Unknown fewer than 10 The data")


def test_a_profile_shows_mean_and_ratio_of_the_table(small, page):
    small.execute(
        "insert into customer_segments select 'd' || i, 'value_tiers',"
        " 'standard' from range(12) as numbers(i)"
    )
    text = page(small).text
    assert "All customers €200 4" in text
    assert "Standard ×0.50 €100 ×0.75 3" in text
    assert "×-" not in text


def test_a_group_of_fewer_than_ten_has_no_profile(small, page):
    assert (
        "Key account Fewer than 10 customers: too few for a profile" in page(small).text
    )
    assert "€600" not in page(small).text


def test_a_mean_that_nobody_has_is_not_known(large, page):
    text = page(large).text
    large.execute(
        "update segment_profiles set mean = null, lift = null"
        " where segment = 'loyal' and feature = 'mrr'"
    )
    assert page(large).text.count("not known") == text.count("not known") + 1


def test_moves_are_those_of_the_table(small, page):
    text = page(small).text
    assert "Standard → Growing 1 €400" in text
    assert "New customers → Standard 1 not known" in text
    assert "1 customer moved, 1 came new since 20 November 2026." in text
    assert "Nothing moved since 20 November 2026." in text
    assert "Standard → Standard" not in text


def test_new_and_gone_customers_are_said_in_words(small, page):
    small.execute(
        "update segment_migration set from_segment = '(new)' where from_segment is null"
    )
    small.execute(
        "insert into segment_migration values"
        " ('value_tiers', 'standard', '(gone)', 4, 10, '2026-11-20')"
    )
    text = page(small).text
    assert "1 customer moved, 1 came new, 4 left since" in text
    assert "New customers → Standard 1" in text
    assert "Standard → No longer a customer 4 €10" in text


def test_only_the_largest_moves_are_listed_and_the_rest_is_counted(small, page):
    small.execute(
        "insert into segment_migration select 'nps', 'a' || i, 'b', 1, 1,"
        " date '2026-11-20' from range(20) as numbers(i)"
    )
    assert "And 5 smaller moves." in page(small).text
    assert "20 customers moved since" in page(small).text


def test_freshness_counts_days_and_names_absent_feeds(small, page):
    text = page(small).text
    assert "Web events 21 November 2026 0 30" in text
    assert "Tickets not delivered: what it feeds is not known not known 0" in text


def test_files_and_quarantine_are_summed_without_their_values(small, page):
    text = page(small).text
    assert "Web events 1 1.23 MB 1,000 990 4 5 1" in text
    assert "Web events event_at: … is no time 2" in text
    assert "survey/answers.csv the first line is … and no header" in text


def test_a_file_of_two_feeds_does_not_double_its_quarantined_rows(small, page):
    small.execute(
        "insert into source_files select * replace ('other' as feed)"
        " from source_files where file_id = 'f1'"
    )
    assert "event_at: … is no time 2" in page(small).text


def test_no_count_is_printed_as_a_fraction(large, page):
    assert "2,000.0" not in page(large).text
    assert "1,234,567.0" not in page(large).text
