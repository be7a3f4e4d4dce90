import json

from cli_world import LINES, NIGHT, World

from dagster_project.commands.deliveries import COLUMNS
from dagster_project.publish.lock import night_lock


def test_ingest_counts_every_line_of_every_file(world: World) -> None:
    world.deliver("billing/a.csv", LINES)
    world.deliver("elsewhere/b.csv", "x\n")
    answer = world.segments("ingest")
    assert answer.code == 0
    titles, row, *_ = answer.out.splitlines()
    assert " ".join(titles.split()) == " ".join(COLUMNS)
    assert row.split() == ["billing/a.csv", "2", "1", "1", "0", "0", "loaded"]
    assert "no source reads elsewhere/b.csv" in answer.out
    again = world.segments("ingest").out
    assert "0 files read, 1 known before" in again


def test_files_and_quarantine_are_listed_for_people_and_programs(world: World) -> None:
    assert "No file was ever delivered" in world.segments("files", "list").out
    assert "No row is in quarantine" in world.segments("quarantine", "list").out
    world.deliver("billing/a.csv", LINES)
    world.segments("ingest")
    (file,) = json.loads(world.segments("files", "list", "--json").out)
    assert (file["path"], file["feed"]) == ("billing/a.csv", "invoice_lines")
    found = json.loads(world.segments("quarantine", "list", "--json").out)
    (row,) = found["rows"]
    assert (row["path"], row["line"]) == ("billing/a.csv", 3)
    assert "raw" not in row
    assert "not a day" in world.segments("quarantine", "list", "--raw").out


def test_a_rejected_required_file_is_said_to_hold_the_next_night(world: World) -> None:
    world.deliver("billing/a.csv", LINES)
    world.deliver("billing/b.csv", "one,column\n1,2\n")
    out = world.segments("ingest").out
    assert "rejected" in out
    assert "the next night will be held: invoice_lines: rejected" in out


def test_ingest_without_a_landing_folder_or_with_a_running_night(world: World) -> None:
    answer = world.segments("ingest")
    assert answer.code == 2
    assert "no landing folder" in answer.err
    world.deliver("billing/a.csv", LINES)
    with night_lock(world.settings, NIGHT):
        answer = world.segments("ingest", "--wait", "0")
    assert answer.code == 1
    assert "another run is in progress" in answer.err


def test_a_damaged_ledger_is_named(world: World) -> None:
    ledger = world.home / "raw" / "ledger.sqlite"
    ledger.parent.mkdir(parents=True)
    ledger.write_text("this is no database, however long it may be" * 30)
    answer = world.segments("files", "list")
    assert answer.code == 1
    assert f"{ledger}: the ledger cannot be used" in answer.err


def test_names_of_files_cannot_steer_the_terminal(world: World) -> None:
    world.deliver("billing/\x1b[31mred.csv", LINES)
    out = world.segments("ingest").out
    assert "\x1b" not in out
    assert "\\x1b[31mred.csv" in out
