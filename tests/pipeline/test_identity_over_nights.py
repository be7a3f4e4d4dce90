"""Three nights of a couple: two customers, one by mistake, two again for good.

Ada and Ben are known apart on the first night. On the second the CRM gives both one
mailbox, and they become one customer. On the third somebody has cut them, and a phone
that both use does not bring them back together. They share a tablet all along.
"""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from dagster_project import transform
from dagster_project.publish.catalogue import Release
from tests.pipeline import world
from tests.pipeline.world import at, event

pytestmark = pytest.mark.night

MON, TUE, WED = (date(2026, 3, day) for day in (2, 3, 4))
VISITS = world.rules({"seen": "events_total > 0"}, "idle")


def _contacts(day: date, **given: str) -> str:
    rows = [
        {"contact_id": name, "user_id": name, "updated_at": str(at(day, "07:00"))}
        for name in ("ada", "ben")
    ]
    return "".join(json.dumps(row | given) + "\n" for row in rows)


def _visits(day: date) -> list[world.Row]:
    return [
        event(f"ada {day}", at(day, "09:00"), user_id="ada", anonymous_id="tablet"),
        event(f"ben {day}", at(day, "10:00"), user_id="ben", anonymous_id="tablet"),
        event(f"somebody {day}", at(day, "08:00"), anonymous_id="tablet"),
    ]


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> dict[date, Release]:
    """The releases; the decision is written into a seed of the user's own."""
    folder: Path = tmp_path_factory.mktemp("a couple")
    project = folder / "dbt"
    shutil.copytree(transform.PROJECT, project)
    settings = world.make_home(folder, {"visits": VISITS})
    crm = settings.landing_folder / "crm"
    crm.mkdir()
    releases = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "PROJECT", project)
        world.deliver_the_least(settings, MON)
        for day in (MON, TUE, WED):
            world.deliver(settings, day, web_events=_visits(day))
            if day == TUE:
                mail = _contacts(day, email="the.lovelaces@home.example")
                (crm / f"contacts-{day}.jsonl").write_text(mail)
            if day == WED:
                phone = {
                    "email": "the.lovelaces@home.example",
                    "phone": "+49 30 1234567",
                }
                (crm / f"contacts-{day}.jsonl").write_text(_contacts(day, **phone))
                with (project / "seeds" / "identity_overrides.csv").open("a") as seed:
                    seed.write("cut,user_id:ada,user_id:ben,kim,a couple\n")
                    seed.write("cut,user_id:ada,user_id:nobody,kim,a slip\n")
            releases[day] = world.run(settings, day)
    return releases


def _keys(release: Release) -> dict[str, str]:
    rows = world.read(
        release,
        "select id_value, customer_id from customer_identities where id_type = 'user_id'",
    )
    return dict(rows)


def test_a_couple_with_one_mailbox_is_one_customer_until_somebody_cuts_them(nights):
    monday, tuesday, wednesday = (_keys(nights[day]) for day in (MON, TUE, WED))
    assert monday["ada"] != monday["ben"]
    assert tuesday["ada"] == tuesday["ben"] == monday["ada"]
    assert wednesday == monday


def test_the_key_log_says_what_joined_them_and_who_took_them_apart(nights):
    ada, ben = (_keys(nights[MON])[name] for name in ("ada", "ben"))
    rows = world.read(
        nights[WED],
        "select changed_on, kind, old_customer_id, new_customer_id, "
        "regexp_replace(reason, '[0-9a-f]{64}', '...'), current_customer_id "
        "from customer_key_log where kind <> 'new' order by changed_on",
    )
    linked = "user_id:ben linked with email_hash:... by crm"
    decided = "decided: cut user_id:ada user_id:ben by kim: a couple"
    assert rows == [
        (TUE, "merge", ben, ada, linked, ben),
        (WED, "split", ada, ben, decided, ben),
    ]
    merged = world.read(
        nights[TUE],
        "select current_customer_id from customer_key_log where kind = 'merge'",
    )
    assert merged == [(ada,)]


def test_the_history_of_a_merged_customer_ends_and_goes_on_after_the_undo(nights):
    ada, ben = (_keys(nights[MON])[name] for name in ("ada", "ben"))
    rows = world.read(
        nights[WED],
        "select customer_id, valid_from, valid_to from customer_segment_history",
    )
    assert sorted(rows, key=str) == sorted(
        [(ada, MON, None), (ben, MON, TUE), (ben, WED, None)], key=str
    )


def test_the_tablet_is_nobodys_and_its_visits_count_for_the_nearest_sign_in(nights):
    device = world.read(
        nights[MON],
        "select person_id, customer_id, link_rule from customer_identities "
        "where id_value = 'tablet'",
    )
    assert device == [(None, None, "shared_device")]
    # Ada signs in first: the hour before is hers. Together they have all of it.
    for day, expected in ((MON, [1, 2]), (TUE, [6]), (WED, [3, 6])):
        rows = world.read(nights[day], "select events_total from customer_features")
        assert sorted(row[0] for row in rows) == expected


def test_a_decision_about_nobody_is_a_warning_and_nothing_is_quarantined(nights):
    failed = world.read(
        nights[WED],
        "select check_name from data_quality_results where not passed",
    )
    assert ("assert_every_override_names_identifiers_that_are_known",) in failed
    assert world.read(nights[WED], "select count(*) from identity_quarantine") == [(0,)]
