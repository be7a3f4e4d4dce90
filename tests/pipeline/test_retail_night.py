"""One night over the real invoices of the retail sample, against plain arithmetic.

The expected numbers are counted in Python from the landing files; no SQL takes part.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.publish.catalogue import Release
from tests.pipeline import world
from tests.pipeline.retail import retail_sample
from tests.reference.retail_files import LANDING, rows, rows_of

pytestmark = pytest.mark.night

AS_OF = date(2011, 3, 31)


@dataclass
class Purchases:
    """What one customer bought and gave back, line by line."""

    invoices: set[str] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    bought: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)

    def add(self, line: dict[str, str]) -> None:
        amount = Decimal(line["Quantity"]) * Decimal(line["UnitPrice"])
        if amount > 0:
            self.invoices.add(line["InvoiceNo"])
            self.days.add(date.fromisoformat(line["InvoiceDate"][:10]))
            self.bought += amount
        else:
            self.returned -= amount

    @property
    def recency_days(self) -> int | None:
        return (AS_OF - max(self.days)).days if self.days else None


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    retail = retail_sample(tmp_path_factory.getbasetemp() / "a shop")
    return world.run(retail.settings, AS_OF)


@pytest.fixture(scope="module")
def purchases() -> dict[str, Purchases]:
    """By customer; the empty customer holds the anonymous sales."""
    found: dict[str, Purchases] = defaultdict(Purchases)
    for line in rows("billing/invoice_lines-*.csv.gz"):
        found[line["CustomerID"]].add(line)
    return found


def test_every_customer_of_the_files_is_a_customer_and_nobody_else(release):
    billed = {row["CustomerID"] for row in rows("billing/customers-*.csv")}
    assert len(billed) == 2189
    assert {
        key
        for (key,) in world.read(
            release,
            "select id_value from customer_identities "
            "where id_type = 'billing_customer_id'",
        )
    } == billed
    users = {row["UserID"] for row in rows("billing/customers-*.csv")}
    visitors = {row["user_id"] for row in rows("web/access-*.csv.gz")}
    reviewers = {row["UserID"] for row in rows("survey/reviews-*.csv.gz")}
    prospects = (visitors | reviewers) - users - {""}
    assert world.read(
        release,
        "select count(*), count(*) filter (is_billing_customer) from customer_features",
    ) == [(len(billed) + len(prospects), len(billed))]


def test_the_invoices_of_each_customer_are_those_of_the_files(release, purchases):
    published = world.read(
        release,
        "select id_value, orders_total, revenue_total, refunds_total, monetary, "
        "repeat_frequency, recency_days "
        "from customer_features inner join customer_identities using (customer_id) "
        "where id_type = 'billing_customer_id'",
    )
    expected = {
        (
            customer,
            len(one.invoices),
            one.bought,
            one.returned,
            one.bought - one.returned,
            max(len(one.days) - 1, 0),
            one.recency_days,
        )
        for customer, one in purchases.items()
        if customer
    }
    assert set(published) == expected


def test_invoices_revenue_refunds_and_net_are_those_of_the_files(release, purchases):
    identified = [one for customer, one in purchases.items() if customer]
    bought = sum((one.bought for one in identified), Decimal(0))
    returned = sum((one.returned for one in identified), Decimal(0))
    assert bought - returned == Decimal("2046189.16")
    totals = (sum(len(one.invoices) for one in identified), bought, returned)
    assert world.read(
        release,
        "select sum(orders_total), sum(revenue_total), sum(refunds_total), "
        "sum(monetary), sum(revenue_12m) from customer_features",
    ) == [(*totals, bought - returned, bought)]


def test_the_stars_of_each_customer_are_those_of_the_reviews(release):
    all_stars: dict[str, list[Decimal]] = defaultdict(list)
    recent: dict[str, list[Decimal]] = defaultdict(list)
    for review in rows("survey/reviews-*.csv.gz"):
        given_on = date.fromisoformat(review["SubmittedAt"][:10])
        all_stars[review["UserID"]].append(Decimal(review["Stars"]))
        if (AS_OF - given_on).days < 90:
            recent[review["UserID"]].append(Decimal(review["Stars"]))
    published = world.read(
        release,
        "select id_value, responses_total, csat_90d "
        "from customer_features inner join customer_identities using (customer_id) "
        "where id_type = 'user_id'",
    )
    assert {user for user in all_stars if user} <= {user for user, *_ in published}
    for user, answers, csat in published:
        assert answers == len(all_stars[user]), user
        stars = recent[user]
        mean = sum(stars) / len(stars) if stars else None
        assert csat == (mean and pytest.approx(mean, abs=Decimal("0.00005"))), user


def test_no_row_of_a_file_is_lost(release):
    files = world.read(
        release,
        "select path, lines, loaded, quarantined, known, blank from source_files",
    )
    landed = {p.relative_to(LANDING).as_posix(): p for p in _files(LANDING)}
    assert {path for path, *_ in files} == set(landed)
    for path, lines, loaded, quarantined, known, blank in files:
        assert lines == sum(1 for _ in rows_of(landed[path])), path
        assert loaded + quarantined + known + blank == lines, path
    assert sum(one[2] for one in files if "invoice_lines" in one[0]) == 142_083


def test_feeds_that_the_shop_does_not_have_are_unknown_and_not_zero(release):
    assert world.read(
        release,
        "select count(mrr), count(nps_score), count(payments_failed_90d), "
        "max(billing_coverage) from customer_features",
    ) == [(0, 0, 0, 0)]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
