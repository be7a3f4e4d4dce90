"""Nights before and after an erasure: nothing of the person, everything of the rest."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.cli import run_cli
from dagster_project.privacy.request import pending, proofs
from dagster_project.privacy.search import files_with
from dagster_project.publish.catalogue import Release, releases_folder
from dagster_project.settings import Settings
from tests.pipeline import firm, world
from tests.pipeline.world import at, read

pytestmark = pytest.mark.night

ADA = "u7@example.org"
#: A word of hers that no other customer has.
HERS = (ADA, "Customer 7th Duchess", "+44 20 7946 0991")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A firm after two nights; since the second customer 7 has a name and a phone."""
    home = firm.after_second_day(tmp_path_factory.getbasetemp() / "a firm")
    duchess = {
        "billing_customer_id": "b7",
        "email": ADA,
        "user_id": "u7",
        "name": HERS[1],
        "phone": HERS[2],
        "country": "DE",
        "currency": "EUR",
        "created_at": at(firm.FIRST, "08:00"),
        "updated_at": at(firm.SECOND, "09:00"),
    }
    world.deliver(home, firm.SECOND, billing_customers=[duchess])
    world.run(home, firm.SECOND)
    return home


@pytest.fixture(scope="module")
def before(settings: Settings) -> dict[Path, set[str]]:
    """Where she was to be found outside the releases."""
    return holding(settings, *HERS)


@pytest.fixture(scope="module")
def forgotten(
    settings: Settings, before: dict[Path, set[str]], monkeymodule: pytest.MonkeyPatch
) -> Settings:
    monkeymodule.setenv("SEGMENTS_HOME", str(settings.home))
    monkeymodule.setenv("SEGMENTS_DECLARATIONS", str(settings.declarations))
    monkeymodule.setenv("SEGMENTS_PEPPER", world.PEPPER)
    assert run_cli(["forget", ADA]) == 2
    assert proofs(settings) == []
    assert run_cli(["forget", ADA, "--yes", "--reason", f"{ADA} asked"]) == 0
    return settings


@pytest.fixture(scope="module")
def monkeymodule() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def night_after(forgotten: Settings) -> Release:
    firm.another_day(forgotten, firm.THIRD)
    return world.run(forgotten, firm.THIRD)


def holding(settings: Settings, *values: str) -> dict[Path, set[str]]:
    return files_with([settings.home], values, [releases_folder(settings)])


def test_she_was_there_and_is_nowhere_but_in_releases(
    before: dict[Path, set[str]], forgotten: Settings
) -> None:
    assert len(before) >= 6
    assert holding(forgotten, *HERS) == {}
    assert pending(forgotten) == []


def test_no_clear_address_lies_outside_the_places_for_it(forgotten: Settings) -> None:
    clear = {"pii", "landed", "quarantine", "landing"}
    found = files_with([forgotten.home], [f"u{n}@example.org" for n in range(30)])
    wrong = {
        path.relative_to(forgotten.home)
        for path in found
        if not clear & set(path.parts) and not path.name.startswith("customer_pii")
    }
    assert wrong == set()


def test_the_pepper_lies_nowhere(forgotten: Settings) -> None:
    assert files_with([forgotten.home], [world.PEPPER]) == {}


def test_the_next_release_knows_all_but_her(
    night_after: Release, settings: Settings
) -> None:
    # That her rows of the third day came again changes nothing: they are older than
    # the erasure.
    query = "select count(*) from customer_features"
    assert read(night_after, query) == [(firm.CUSTOMERS - 1,)]
    before = settings.home / "releases" / f"{firm.SECOND}-1" / "customer_identities"
    (keys,) = duckdb.execute(
        f"select list(distinct customer_id) || list(distinct person_id)"
        f" from '{before}.parquet' where id_value in ('u7', 'a7', 'b7')"
    ).fetchall()
    found = files_with([night_after.folder], ["u7@", *HERS, *keys[0]])
    assert found == {}


def test_what_is_published_of_others_goes_on(night_after: Release) -> None:
    columns = "events_total, orders_total, revenue_total, first_seen_on"
    rows = read(
        night_after,
        f"select {columns} from customer_features join customer_identities"
        " using (customer_id) where id_value = 'u8'",
    )
    assert rows == [(3, 3, 3 * round(firm.price(8)), firm.FIRST)]
    query = "select count(*) from customer_segment_history where valid_from = ?"
    query = query.replace("?", f"date '{firm.FIRST}'")
    assert read(night_after, query) == [(2 * (firm.CUSTOMERS - 1),)]
