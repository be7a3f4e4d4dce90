"""NPS of the function and of a whole night against the R package NPS.

The answers are read where they lie (GPL); nothing of them is part of this repository.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.features.nps import nps
from dagster_project.night import Night
from tests.pipeline import world

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "nps_r_package_gpl"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(),
    reason="the data of the R package (../shared/data) is not here",
)

AS_OF = date(2012, 12, 31)
Rows = list[tuple[Any, ...]]
# The half width of a 95 % interval in standard errors.
Z = 1.96


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return json.loads((DATA / "reference.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scores() -> list[int]:
    with (DATA / "nps_testdata.csv").open(encoding="utf-8", newline="") as file:
        return [int(row["REC"]) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def ask(tmp_path_factory, scores) -> Iterator[Callable[[str], Rows]]:
    """Asks the tables of a night, of whose day all answers are, and of one segment."""
    models = {"answers": world.rules({"asked": "responses_total > 0"}, "not_asked")}
    settings = world.make_home(tmp_path_factory.mktemp("nps"), models)
    world.deliver_the_least(settings, AS_OF)
    world.deliver(
        settings,
        AS_OF,
        survey_responses=[
            {
                "response_id": f"answer {number}",
                "question_id": "recommend",
                "user_id": f"respondent {number}",
                "survey_kind": "nps",
                "answer_number": score,
                "submitted_at": world.at(AS_OF, "10:00"),
            }
            for number, score in enumerate(scores)
        ],
    )
    with Night(settings, AS_OF) as night:
        world.compute(night, "+nps_by_segment,group:marts", "pipeline_metrics")
        with night.work() as connection:
            yield lambda sql: connection.execute(sql).fetchall()


def test_the_function_gives_the_numbers_of_the_package(scores, reference):
    n, found, error = nps(scores)
    assert n == reference["rows"]
    assert found == pytest.approx(reference["nps"], abs=1e-12)
    assert error == pytest.approx(reference["nps_se = sqrt(var/n)"], abs=5e-7)


def test_what_has_no_class_in_the_package_is_left_out(reference):
    names = reference["class map for -2..12"]
    for score in map(int, names):
        n, found, _ = nps([score])
        classes = {"Promoter": 1.0, "Passive": 0.0, "Detractor": -1.0}
        assert found == (classes[names[str(score)]] if names[str(score)] else None)
        assert n == (names[str(score)] is not None)


@pytest.mark.night
def test_every_score_has_the_class_that_the_package_gives_it(ask, scores, reference):
    names = {score: name for score, name in reference["class map for -2..12"].items()}
    expected = Counter((score, names[str(score)].lower()) for score in scores)
    found = ask(
        "select nps_score, nps_class, count(*) from features.customer_features"
        " group by all"
    )
    assert {(score, name): n for score, name, n in found} == expected


@pytest.mark.night
def test_promoters_passives_and_detractors_are_those_of_the_package(ask, reference):
    expected = tuple(reference[k] for k in ("promoters", "passives", "detractors"))
    assert expected == (462, 176, 362)
    found = ask(
        "select segment, n, promoters, passives, detractors from marts.nps_by_segment"
    )
    assert found == [("asked", 1000, *expected)]


@pytest.mark.night
def test_the_score_and_its_standard_error_are_those_of_the_package(ask, reference):
    assert (reference["nps"], reference["nps_se = sqrt(var/n)"]) == (0.1, 0.028531)
    [(points, low, high, error)] = ask(
        "select nps, nps_low, nps_high, nps_standard_error from marts.nps_by_segment"
    )
    assert points == Decimal("10.00")
    assert high - points == points - low
    assert error == Decimal("2.8531")
    # Published to a hundredth of a point, which is to 0.00005 of a standard error.
    half_width = 100 * Z * reference["nps_se = sqrt(var/n)"]
    assert float(high - points) == pytest.approx(half_width, abs=0.005)


@pytest.mark.night
def test_the_score_of_all_customers_is_a_metric_too(ask):
    found = ask("select value from marts.pipeline_metrics where metric = 'nps'")
    assert [float(value) for (value,) in found] == [10.0]
