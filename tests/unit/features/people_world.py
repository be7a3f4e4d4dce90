"""A few customers in memory, and the very SQL of the models that describe them."""

import csv
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import yaml

from dagster_project.features.rendering import render_model
from dagster_project.ingest.feeds import FEEDS
from dagster_project.transform import PROJECT
from dagster_project.warehouse import connect

Row = dict[str, Any]

MODELS = (
    "stg_campaigns__events",
    "int_customers__answers",
    "int_customers__traits",
    "int_customers__tickets",
    "int_customers__campaign_events",
    "int_customers__contacts",
    "stated_traits",
    "sensitive_traits",
    "survey_features",
    "profile_features",
    "firm_features",
    "place_features",
    "support_features",
    "response_channels",
    "campaign_features",
)
SEEDS = ("thresholds", "word_lists", "question_mapping", "countries", "cities")
# Who is who: `ann` stands for the customer of account a1, `bob` is a colleague.
PEOPLE = """
create table int_identity__persons (id_type varchar, id_value varchar, person_id varchar);
insert into int_identity__persons values
    ('user_id', 'ann', 'p_ann'), ('email_hash', 'ann@', 'p_ann'),
    ('user_id', 'bob', 'p_bob'), ('user_id', 'eve', 'p_eve');
create table int_identity__person_customers (
    person_id varchar, customer_id varchar, valid_from date, valid_to date);
insert into int_identity__person_customers values
    ('p_ann', 'c_firm', '1900-01-01', '9999-12-31'),
    ('p_bob', 'c_firm', '1900-01-01', '2026-03-01'),
    ('p_bob', 'c_eve', '2026-03-01', '9999-12-31'),
    ('p_eve', 'c_eve', '1900-01-01', '9999-12-31');
create table int_identity__billing_persons (
    billing_customer_id varchar, person_id varchar, unit varchar, created_at timestamp);
insert into int_identity__billing_persons values
    ('b1', 'p_ann', 'account|a1', '2025-01-01');
create table int_identity__customers (unit varchar, customer_id varchar);
insert into int_identity__customers values
    ('account|a1', 'c_firm'), ('person|p_eve', 'c_eve');
create table customer_spine as
select customer_id, account_id, primary_person_id, as_of_date, true as survey_is_known
from (values ('c_firm', 'a1', 'p_ann'), ('c_eve', null, 'p_eve'))
    as customers (customer_id, account_id, primary_person_id), as_of_dates;
create table web_features as
select customer_id, as_of_date, null::varchar as web_country from customer_spine;
"""


@cache
def rendered(model: str) -> str:
    """The SQL of a model; it takes longer to render than to run."""
    return render_model(model)


@cache
def shipped(name: str) -> str:
    """A seed as it is shipped."""
    return seed(name)


def seed(name: str, mapping: Sequence[Row] | None = None) -> str:
    """A seed as a table, with the types that dbt gives it; or other rows of it."""
    listed = yaml.safe_load((PROJECT / "seeds/seeds.yml").read_text())["seeds"]
    types = next(s["config"]["column_types"] for s in listed if s["name"] == name)
    path = PROJECT / "seeds" / f"{name}.csv"
    if mapping is None:
        columns = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
        return (
            f"create or replace table {name} as"
            f" from read_csv('{path}', header = true, columns = {{{columns}}})"
        )
    rows = ", ".join(
        "(" + ", ".join(_literal(row.get(column)) for column in types) + ")"
        for row in mapping
    )
    casts = ", ".join(f"c{n}::{t} as {c}" for n, (c, t) in enumerate(types.items()))
    names = ", ".join(f"c{n}" for n in range(len(types)))
    return (
        f"create or replace table {name} as select {casts}"
        f" from (values {rows}) as given ({names})"
    )


def describe(
    as_of: Sequence[str],
    *,
    absent: Sequence[str] = (),
    mapping: Sequence[Row] | None = None,
    **feeds: Sequence[Row],
) -> duckdb.DuckDBPyConnection:
    """Raw rows, and the seeds and people beside them; the last of the days is tonight."""
    connection = connect()
    days = ", ".join(f"(date '{day}')" for day in as_of)
    connection.execute(
        f"create table control as select date '{as_of[-1]}' as as_of_date,"
        " 'UTC' as timezone"
    )
    connection.execute(
        f"create table as_of_dates as from (values {days}) as days (as_of_date)"
    )
    connection.execute("create table feeds (feed varchar, is_present boolean)")
    connection.executemany(
        "insert into feeds values (?, ?)", [[f, f not in absent] for f in FEEDS]
    )
    for name, feed in FEEDS.items():
        connection.execute(f"create table {name} as {feed.empty_table_sql()}")
        for line, row in enumerate(feeds.get(name, ())):
            _insert(connection, name, {"_file_id": "f", "_line": line} | row)
    for name in SEEDS:
        changed = mapping is not None and name == "question_mapping"
        connection.execute(seed(name, mapping) if changed else shipped(name))
    connection.execute(PEOPLE)
    return connection


def build(connection: duckdb.DuckDBPyConnection, model: str) -> None:
    """A model with all that it needs, unless it is there."""
    made = connection.execute("from duckdb_tables() select table_name").fetchall()
    if (model,) in made:
        return
    for other in MODELS:
        if other != model and re.search(rf"\b{other}\b", rendered(model)):
            build(connection, other)
    connection.execute(f"create table {model} as {rendered(model)}")


def one(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: str,
    customer: str = "c_firm",
) -> tuple[Any, ...]:
    """Some columns of a customer tonight; the table is built if it has to be."""
    build(connection, table)
    [row] = connection.execute(
        f"select {columns} from {table} where customer_id = ?"
        " and as_of_date = (select as_of_date from control)",
        [customer],
    ).fetchall()
    return row


def answer(
    response: str, question: str, said: Any, on: str = "2026-01-10", **more: Any
) -> Row:
    """What ann answered, unless `more` says who."""
    value = {"answer_text": said} if isinstance(said, str) else {"answer_number": said}
    who = {} if "billing_customer_id" in more else {"user_id": "ann"}
    kind = {"survey_kind": kind_of(question), "question_id": question}
    at = f"{on} 10:00:00"
    row = {"response_id": response, "submitted_at": at, "_version_at": at}
    return row | who | kind | value | more


@cache
def kind_of(question: str) -> str | None:
    """The kind of survey in which the shipped mapping expects a question."""
    path = PROJECT / "seeds" / "question_mapping.csv"
    with path.open(encoding="utf-8", newline="") as file:
        kinds = {row["question"]: row["survey_kind"] for row in csv.DictReader(file)}
    return kinds.get(question, question if question in ("nps", "csat") else None)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, row: Row) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values())
    )


def _literal(value: Any) -> str:
    return "null" if value is None else f"'{value}'"
