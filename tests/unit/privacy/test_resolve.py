"""From one identifier to all that a release knows of the person or the customer."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from privacy_world import ADA, ADA_PHONE, BOB, Shop

from dagster_project.errors import UsageError
from dagster_project.ingest.personal import email_hash, phone_hash
from dagster_project.privacy.preview import preview, releases_with
from dagster_project.privacy.resolve import Meant, resolve
from dagster_project.privacy.subject import key_of
from dagster_project.publish.manifest import manifest_text
from dagster_project.warehouse import connect


def meant(shop: Shop, which: str) -> Meant:
    with connect() as engine:
        return resolve(engine, shop.settings, which)


def keys(shop: Shop, *ids: tuple[str, str]) -> set[object]:
    return {key_of(shop.settings.pepper_bytes, *one) for one in ids}


@pytest.fixture
def released(shop: Shop) -> Shop:
    """Two people of one customer, and somebody else with a number for a name."""
    pepper = shop.settings.pepper_bytes
    rows = [
        ("email_hash", email_hash(pepper, ADA), "p_ada", "c_firm"),
        ("user_id", "u1", "p_ada", "c_firm"),
        ("anonymous_id", "a1", "p_ada", "c_firm"),
        ("phone_hash", phone_hash(pepper, ADA_PHONE), "p_ada", "c_firm"),
        ("user_id", "u2", "p_bob", "c_firm"),
        ("billing_customer_id", "7", "p_ada", "c_firm"),
        ("account_id", "acme", None, "c_firm"),
        ("user_id", "7", "p_eve", "c_eve"),
        ("billing_customer_id", "b9", None, "c_nine"),
    ]
    names = ("id_type", "id_value", "person_id", "customer_id")
    folder = shop.settings.home / "releases" / "2026-11-20-1"
    folder.mkdir(parents=True)
    table = pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})
    pq.write_table(table, folder / "customer_identities.parquet")
    tables = {"customer_identities": {"files": ["customer_identities.parquet"]}}
    (folder / "manifest.json").write_text(manifest_text({"tables": tables}))
    (folder.parent / "current").symlink_to(folder.name)
    return shop


ADAS = [("user_id", "u1"), ("anonymous_id", "a1"), ("billing_customer_id", "7")]


@pytest.mark.parametrize("which", [ADA.upper(), "0044 20 7946 0991", "u1", "billing:7"])
def test_one_identifier_stands_for_the_whole_person(released: Shop, which: str) -> None:
    pepper = released.settings.pepper_bytes
    found = meant(released, which)
    hashes = [("email_hash", email_hash(pepper, ADA))]
    hashes += [("phone_hash", phone_hash(pepper, ADA_PHONE))]
    assert found.subject.keys == keys(released, *ADAS, *hashes)
    assert (found.persons, found.customers) == (("p_ada",), ())


def test_a_customer_stands_for_all_its_people(released: Shop) -> None:
    found = meant(released, "c_firm")
    assert found.subject.keys > keys(
        released, ("user_id", "u2"), ("account_id", "acme")
    )
    assert found.persons == ("p_ada", "p_bob")
    assert found.customers == ("c_firm",)


def test_whoever_is_alone_takes_the_customer_along(released: Shop) -> None:
    assert meant(released, "user:7").customers == ("c_eve",)


def test_an_id_of_two_persons_is_refused(released: Shop) -> None:
    with pytest.raises(UsageError, match="2 persons: say which, customer:"):
        meant(released, "7")


def test_an_unknown_customer_is_refused(released: Shop) -> None:
    with pytest.raises(UsageError, match="no such customer"):
        meant(released, "customer:c_none")
    with pytest.raises(UsageError, match="name a customer"):
        meant(released, " ")


def test_a_billing_customer_without_a_person_stands_for_itself(released: Shop) -> None:
    found = meant(released, "b9")
    assert keys(released, ("billing_customer_id", "b9")) <= found.subject.keys
    assert found.persons == ()


def test_what_no_release_knows_stands_for_itself(shop: Shop) -> None:
    found = meant(shop, f"email:{BOB}")
    hashed = email_hash(shop.settings.pepper_bytes, BOB)
    assert found.subject.keys == keys(shop, ("email_hash", hashed))


def test_the_preview_counts_without_touching(released: Shop, tmp_path: Path) -> None:
    released.deliver_everything()
    released.ingest()
    before = released.everything()
    with connect() as engine:
        found = meant(released, f"email:{ADA}")
        shown = preview(engine, released.settings, found)
        held = list(releases_with(engine, released.settings, found))
    assert shown.rows == {
        "raw/billing_customers": 1,
        "raw/pii": 3,
        "raw/survey_responses": 1,
        "raw/web_events": 1,
    }
    assert shown.identifiers["email_hash"] == 1
    assert shown.deleted == {"state": 0, "held": 0}
    assert not shown.was_erased
    assert [(one.release_id, count) for one, count in held] == [("2026-11-20-1", 5)]
    assert released.everything() == before
