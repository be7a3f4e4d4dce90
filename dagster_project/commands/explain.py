"""`segments explain`: why one customer is in each segment.

The explanation is made by the segmentation; here its customer is found.
"""

from dataclasses import asdict
from typing import Annotated

import duckdb
import typer

from dagster_project.commands import screen
from dagster_project.commands.options import AsJson
from dagster_project.commands.released import (
    current_or_refuse,
    has_table,
    open_release,
    rows,
)
from dagster_project.errors import UsageError
from dagster_project.settings import load_settings

Customer = Annotated[
    str,
    typer.Argument(
        metavar="CUSTOMER",
        help="A customer id, billing customer id, user id or account id.",
    ),
]

OWNERS = """
select distinct id_type, customer_id
from customer_identities
where id_value = ? and id_type in ('billing_customer_id', 'user_id', 'account_id')
order by id_type, customer_id
"""

NEAREST = """
select id_value from (
    select customer_id as id_value from customer_features
    union
    select id_value from customer_identities
    where id_type in ('billing_customer_id', 'user_id', 'account_id')
)
order by levenshtein(id_value, ?), id_value
limit 3
"""


def explain(customer: Customer, json: AsJson = False) -> None:
    """Say why a customer is in each segment."""
    from dagster_project.segmentation.explain import explain_customer
    from dagster_project.segmentation.explain_text import explanation_text
    from dagster_project.segmentation.feature_contract import load_feature_contract
    from dagster_project.segmentation.spec import load_models

    settings = load_settings()
    release = current_or_refuse(settings)
    models = load_models(settings.declaration_folder("segments"))
    with open_release(release) as connection:
        customer_id = resolve(connection, customer)
        found = explain_customer(
            connection, customer_id, models, load_feature_contract()
        )
    if json:
        explained = [asdict(one) for one in found]
        about = {"customer_id": customer_id, "release_id": release.release_id}
        screen.as_json({**about, "explanations": explained})
        return
    screen.say(f"Customer {customer_id} in release {release.release_id}")
    screen.say()
    for line in explanation_text(found).splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        screen.paragraph(line.strip(), indent=indent, hanging="  ")


def resolve(connection: duckdb.DuckDBPyConnection, given: str) -> str:
    """The customer id that an identifier of the release belongs to.

    Raises UsageError, with the nearest, for one that is not known or belongs to several
    customers or to none.
    """
    if rows(connection, "from customer_features where customer_id = ?", given):
        return given
    if not has_table(connection, "released", "main", "customer_identities"):
        return given  # the explanation names the nearest customer ids
    owners = rows(connection, OWNERS, given)
    if not owners:
        near = ", ".join(row["id_value"] for row in rows(connection, NEAREST, given))
        raise UsageError(
            f"no customer {given!r} in this release; the nearest ids are: {near}"
        )
    customers = sorted({row["customer_id"] for row in owners if row["customer_id"]})
    if not customers:
        raise UsageError(f"{given!r} is known, but belongs to no customer")
    if len(customers) > 1:
        listed = ", ".join(f"{o['customer_id']} ({o['id_type']})" for o in owners)
        raise UsageError(f"{given!r} belongs to several customers, name one: {listed}")
    return str(customers[0])
