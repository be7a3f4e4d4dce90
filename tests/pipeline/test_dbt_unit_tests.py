"""The unit tests beside the dbt models, on the tables of a night."""

from datetime import date
from pathlib import Path

import pytest

from dagster_project import transform
from dagster_project.night import Night
from tests.pipeline import world

pytestmark = pytest.mark.night

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[transform.NodeResult]:
    """Every unit test of the project; they need the tables for their columns."""
    home: Path = tmp_path_factory.mktemp("unit tests") / "a company"
    settings = world.make_home(home)
    world.deliver_the_least(settings, DAY)
    customer = {"billing_customer_id": "c1", "created_at": world.at(DAY, "01:00")}
    world.deliver(settings, DAY, billing_customers=[customer])
    with Night(settings, DAY) as night:
        world.compute(night)
        return transform.unit_test(settings)


def test_every_unit_test_of_the_models_passes(
    results: list[transform.NodeResult],
) -> None:
    failed = {r.name: r.message for r in results if r.status != "pass"}
    assert not failed


def test_every_unit_test_that_is_written_was_run(
    results: list[transform.NodeResult],
) -> None:
    models = transform.PROJECT / "models"
    written = sum(
        path.read_text(encoding="utf-8").count("\n    model: ")
        for path in models.rglob("*.yml")
    )
    assert len(results) == written > 20
