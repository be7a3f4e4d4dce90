"""Statements that belong together are carried out together or not at all."""

import duckdb
import pytest

from dagster_project.warehouse import transaction


def test_a_transaction_that_fails_changes_nothing_and_the_next_one_goes_on() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table days (day date)")
        with pytest.raises(duckdb.Error), transaction(connection):
            connection.execute("insert into days values ('2026-11-02')")
            connection.execute("insert into days values ('no day')")
        with transaction(connection):
            connection.execute("insert into days values ('2026-11-03')")
        found = connection.execute("select day::varchar from days").fetchall()
    assert found == [("2026-11-03",)]
