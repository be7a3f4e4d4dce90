"""Columns that come, go and change their type, from file to file of one source."""

import pytest

from dagster_project import warehouse
from dagster_project.gates.layout_changes import lay_out_drift
from dagster_project.gates.layout_drift import (
    SHOWN,
    check_layouts,
    expected_layouts,
)
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.schema_drift import DeliveredColumn

LINES = SourceSpec.model_validate(
    {
        "name": "lines",
        "feed": "invoice_lines",
        "path": "*.csv",
        "format": "csv",
        "delivery": "events",
    }
)


def columns(text):
    """`amount cost:DOUBLE note?`: names, types, and a question mark if not usual."""
    found = []
    for one in text.split():
        name, _, kind = one.partition(":")
        found.append(DeliveredColumn(name.rstrip("?"), kind, not one.endswith("?")))
    return tuple(sorted(found))


def drift(*files, source=LINES):
    """`files` are (layout, is_new) in the order of delivery."""
    layouts = {text: columns(text) for text, _ in files}
    of_file = {f"f{n}": text for n, (text, _) in enumerate(files) if text}
    with warehouse.connect() as connection:
        connection.execute("create schema night")
        connection.execute(
            "create table night.deliveries (file_id varchar, source varchar,"
            " feed varchar, path varchar, sequence bigint, is_new boolean)"
        )
        for number, (_, is_new) in enumerate(files):
            connection.execute(
                "insert into night.deliveries values (?, 'lines', ?, ?, ?, ?)",
                [f"f{number}", source.feed, f"{number}.csv", number, is_new],
            )
        lay_out_drift(connection, [source], layouts, of_file)
        rows = connection.execute(
            "select change, column_name, detail, is_read, is_first_file,"
            " first_seen_in, files from night.schema_drift"
        ).fetchall()
        (result,) = check_layouts(connection)
        assert expected_layouts(connection) == [result.as_expected_check]
        return rows, result


def test_the_same_columns_are_no_drift():
    rows, result = drift(("amount extra", False), ("amount extra", True))
    assert rows == []
    assert (result.passed, result.observed) == (True, "no change")
    assert (result.check_name, result.table_name) == (
        "schema_drift__lines",
        "raw.invoice_lines",
    )


def test_what_nothing_reads_in_the_first_file_is_said_and_no_drift():
    rows, result = drift(("amount extra", True), ("amount extra", True))
    assert rows == [("new", "extra", "", False, True, "0.csv", 2)]
    assert result.passed


def test_a_new_column_that_nothing_reads_is_a_warning_with_its_name():
    rows, result = drift(
        ("amount", False), ("amount vat_id", True), ("amount vat_id", True)
    )
    assert rows == [("new", "vat_id", "", False, False, "1.csv", 2)]
    assert (result.passed, result.severity) == (False, "warning")
    assert (result.observed, result.sample_keys) == ("new vat_id", "1.csv")


def test_a_new_column_that_the_declaration_reads_is_no_drift():
    rows, result = drift(("invoice_id", False), ("invoice_id amount", True))
    assert rows == [] and result.passed


def test_a_column_that_an_accepted_night_has_seen_is_old_news():
    files = (("amount", False), ("amount extra", False), ("amount extra", True))
    assert drift(*files)[0] == []
    # It was gone in between, but it was seen.
    files = (("amount extra", False), ("amount", False), ("amount extra", True))
    assert drift(*files)[0] == []


def test_a_column_that_the_file_before_had_has_vanished():
    rows, result = drift(
        ("amount tax extra", False), ("amount tax extra", True), ("amount", True)
    )
    assert rows == [
        ("vanished", "extra", "", False, False, "2.csv", 1),
        ("vanished", "tax", "", True, False, "2.csv", 1),
    ]
    assert result.observed == "vanished tax, vanished extra"  # what we read comes first


def test_a_column_that_an_accepted_night_has_lost_stays_lost_without_a_word():
    files = (("amount tax", False), ("amount", False), ("amount", True))
    assert drift(*files)[0] == []


def test_a_column_that_came_back_has_not_vanished():
    files = (("amount tax", False), ("amount", True), ("amount tax", True))
    assert drift(*files)[0] == []


def test_a_key_that_is_seldom_there_does_not_vanish():
    assert drift(("amount note?", False), ("amount", True))[0] == []


def test_another_type_is_named_with_both():
    rows, result = drift(("amount:DOUBLE", False), ("amount:VARCHAR", True))
    assert rows == [("retyped", "amount", "DOUBLE -> VARCHAR", True, False, "1.csv", 1)]
    assert result.observed == "retyped amount (DOUBLE -> VARCHAR)"


@pytest.mark.parametrize("kinds", [("BIGINT", "DOUBLE"), ("INTEGER", "DECIMAL(18,4)")])
def test_one_number_type_for_another_is_no_drift(kinds):
    before, after = kinds
    assert drift((f"amount:{before}", False), (f"amount:{after}", True))[0] == []


def test_many_changes_are_cut_short():
    more = " ".join(f"c{n}" for n in range(SHOWN + 3))
    _, result = drift(("amount", False), (f"amount {more}", True))
    assert result.observed.endswith("and 3 more")
    assert result.failing_rows == SHOWN + 3


def test_files_that_came_before_layouts_were_kept_are_left_out():
    rows, result = drift(("", False), ("amount extra", True))
    assert rows == [("new", "extra", "", False, True, "1.csv", 1)]
    assert result.passed


def test_a_night_without_deliveries_promises_nothing():
    with warehouse.connect() as connection:
        assert check_layouts(connection) == expected_layouts(connection) == []
