"""The log of a night: what is in it, what is not, how long it stays."""

import os
from datetime import date, datetime
from pathlib import Path

import pytest

from dagster_project.errors import NightHeld
from dagster_project.gates.checks import CheckResult
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import open_ledger
from dagster_project.ingest.load import ingest
from dagster_project.night import Night
from dagster_project.night_log import NightLog, last_log, log_folder, prune_logs
from dagster_project.settings import Settings

NIGHT = date(2026, 11, 20)
SEEN = datetime(2026, 11, 21, 2)
RUN = "0f8fad5b-d9cb-469f-a165-70867728950e"

SOURCE = SourceSpec(
    name="lines",
    feed="invoice_lines",
    path="*.csv",
    format="csv",
    delivery="events",
    required=True,
)
HEAD = "invoice_line_id,invoice_id,invoiced_at,amount,description\n"
GOOD = "l1,i1,2026-11-20T10:00:00Z,10,ok\n"
BAD = "l2,i1,2026-11-20T10:00:00Z,dear,ada@firm.example\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(_env_file=None, home=tmp_path, pepper="pepper")
    settings.landing_folder.mkdir()
    return settings


def logged(settings: Settings) -> str:
    path = last_log(settings)
    assert path
    return path.read_text(encoding="utf-8")


def deliver(settings: Settings, name: str, text: str) -> None:
    (settings.landing_folder / name).write_text(text)


def after_ingest(settings: Settings, known: set[str] | None = None) -> str:
    """The log of a night that brings in what was delivered, as far as that."""
    log = NightLog(settings, NIGHT, RUN)
    result = ingest(settings, [SOURCE], log.write, SEEN)
    with open_ledger(settings) as ledger:
        log.deliveries(result, ledger.rows(), known or set())
    log.close()
    return logged(settings)


def test_it_is_named_after_night_and_run_and_only_for_its_owner(settings):
    log = NightLog(settings, NIGHT, RUN)
    assert log.path == settings.home / "logs" / "2026-11-20-0f8fad5b.log"
    assert log.path.stat().st_mode & 0o777 == 0o600
    log.close()


def test_what_happens_is_on_disk_as_it_happens(settings):
    log = NightLog(settings, NIGHT, RUN)
    log.stage("ingest")
    assert "== ingest (after 0." in logged(settings)
    log.write("killed after this")
    assert logged(settings).endswith("killed after this\n")


def test_every_file_is_there_with_counts_and_every_reject_with_its_line(settings):
    deliver(settings, "a.csv", HEAD + GOOD + BAD)
    deliver(settings, "b.csv", "x,y\n1,2\n")
    deliver(settings, "stray.txt", "?")
    text = after_ingest(settings)
    assert "a.csv: 2 lines, 1 loaded, 1 quarantined" in text
    assert "  a.csv:3: amount: not a number\n" in text
    assert "b.csv: rejected: required column" in text
    assert "no source reads stray.txt" in text
    assert "required source lines: rejected: b.csv" in text


def test_no_value_of_a_delivery_is_in_it(settings):
    deliver(settings, "a.csv", HEAD + GOOD + BAD)
    text = after_ingest(settings)
    assert "ada@firm.example" not in text
    assert "dear" not in text


def test_files_that_an_ingest_read_before_the_night_are_in_its_log(settings):
    deliver(settings, "a.csv", HEAD + GOOD + BAD)
    ingest(settings, [SOURCE], seen_at=SEEN)
    text = after_ingest(settings)
    assert "file a.csv [lines] 2 lines = 1 loaded + 1 quarantined" in text
    assert "a.csv:3: amount: not a number" in text


def test_files_of_an_earlier_release_are_in_the_log_of_their_own_night(settings):
    deliver(settings, "a.csv", HEAD + GOOD + BAD)
    ingest(settings, [SOURCE], seen_at=SEEN)
    with open_ledger(settings) as ledger:
        known = {row.file_id for row in ledger.rows()}
    assert "a.csv" not in after_ingest(settings, known)


def test_many_rejects_are_all_there(settings):
    rows = 10_050
    bad = "".join(f"b{n},i,2026-11-20,dear,x\n" for n in range(rows))
    deliver(settings, "a.csv", HEAD + GOOD + bad)
    lines = after_ingest(settings).splitlines()
    found = [int(one.split(":")[1]) for one in lines if "not a number" in one]
    assert found == list(range(3, rows + 3))


def test_failed_checks_are_named_with_what_was_seen(settings):
    log = NightLog(settings, NIGHT, RUN)
    given = ("raw.payments", None, "critical")
    bad = CheckResult("amounts", "dbt", *given, False, "3 rows", "none", 3, "p1", "why")
    good = CheckResult("ids", "dbt", *given, True, "", "", 0, "", "")
    log.checks([bad, good])
    text = logged(settings)
    assert "check raw.payments amounts failed (critical): 3 rows, expected none" in text
    assert "1 of 2 checks passed" in text
    assert "p1" not in text


def test_names_of_files_cannot_forge_lines(settings):
    log = NightLog(settings, NIGHT, RUN)
    log.write("a\n2026-11-20 decision: published\x1b[2J.csv")
    assert len(logged(settings).splitlines()) == 2
    assert "\x1b" not in logged(settings)


def test_a_disk_that_takes_no_log_fails_no_night(settings):
    in_the_way = settings.home / "logs"
    in_the_way.write_text("no folder")
    log = NightLog(settings, NIGHT, RUN)
    log.write("said to nobody")
    log.close()
    log.write("after the end")
    assert in_the_way.read_text() == "no folder"
    assert last_log(settings) is None


def test_the_logs_of_the_last_sixty_nights_stay(settings):
    folder = log_folder(settings)
    folder.mkdir()
    for age in range(65):
        path = folder / f"{date.fromordinal(NIGHT.toordinal() - age)}-aaaaaaaa.log"
        path.touch()
        os.utime(path, (1e9 - age, 1e9 - age))
    again = folder / "2020-01-01-bbbbbbbb.log"
    again.touch()
    prune_logs(settings)
    kept = {path.name[:10] for path in folder.iterdir()}
    assert len(kept) == 60
    assert "2020-01-01" in kept
    assert min(kept - {"2020-01-01"}) == str(date.fromordinal(NIGHT.toordinal() - 58))


def test_a_night_that_dies_leaves_its_log_with_the_decision(settings):
    with pytest.raises(NightHeld), Night(settings, NIGHT) as night:
        night.on_stage("features")
        raise NightHeld("raw.payments: three rows\nand another reason")
    text = logged(settings)
    assert "== features" in text
    assert "decision: held 2026-11-20-1\n  raw.payments: three rows\n  and" in text


def test_without_a_night_there_is_no_log(settings):
    assert last_log(settings) is None
