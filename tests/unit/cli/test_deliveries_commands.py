import json
from pathlib import Path

from cli_world import LINES, NIGHT, SOURCE, World

from dagster_project.commands.delivered import COLUMNS
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


# A dry run


def everything_below(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_dry_run_tells_all_and_leaves_no_trace(world: World) -> None:
    world.deliver("billing/old.csv", LINES.replace("l1", "o1"))
    world.segments("ingest")
    world.deliver("billing/new.csv", LINES)
    world.deliver("elsewhere/b.csv", "x\n")
    before = everything_below(world.home)
    answer = world.segments("ingest", "--dry-run")
    assert answer.code == 0
    assert everything_below(world.home) == before
    _, row, *_ = answer.out.splitlines()
    assert row.split() == ["billing/new.csv", *"21100", "loaded", "new"]
    assert "invoiced_at: not a timestamp" in answer.out
    assert "billing/new.csv:3" in answer.out
    assert "no source reads elsewhere/b.csv" in answer.out
    assert "The first 1 rows of invoice_lines" in answer.out
    assert "One file is known and would not be read." in answer.out


def test_a_dry_run_in_a_home_that_is_not_there_makes_none(world: World) -> None:
    landed = world.deliver("billing/new.csv", LINES)
    assert world.segments("ingest", "--dry-run").code == 0
    assert [path for path in world.home.rglob("*") if path.is_file()] == [landed]


def test_a_dry_run_reads_a_file_from_anywhere_by_the_source_it_is_told(
    world: World, tmp_path: Path
) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text(LINES)
    refused = world.segments("ingest", "--dry-run", str(sample))
    assert refused.code == 2
    assert "no source reads it; say which with --source" in refused.err
    found = world.segments(
        "ingest", "--dry-run", "--source", "invoice_lines", str(sample), "--json"
    )
    answer = json.loads(found.out)
    (file,) = answer["files"]
    assert (file["loaded"], file["quarantined"], file["standing"]) == (1, 1, "new")
    (row,) = answer["rows"]["invoice_lines"]
    assert (row["line"], row["billing_customer_id"], row["amount"]) == (2, "007", 10)
    (reject,) = answer["rejects"]
    assert (reject["path"], reject["line"]) == ("sample.csv", 3)
    unknown = world.segments("ingest", "--dry-run", "--source", "invoices")
    assert (unknown.code, "there are invoice_lines" in unknown.err) == (2, True)


def test_a_dry_run_says_that_a_declaration_has_changed(world: World) -> None:
    world.deliver("billing/a.csv", LINES)
    world.segments("ingest")
    assert "One file is known" in world.segments("ingest", "--dry-run").out
    world.declare("sources/invoice_lines.yml", SOURCE + "timezone: Europe/Paris\n")
    out = world.segments("ingest", "--dry-run").out
    assert "declaration changed" in out


def test_personal_values_are_not_shown_by_a_dry_run(world: World) -> None:
    world.declare(
        "sources/billing_customers.yml",
        "{feed: billing_customers, path: 'c/*.csv', format: csv, delivery: upserts}",
    )
    world.deliver("c/a.csv", "billing_customer_id,email,name\n1,ada@firm.example,Ada\n")
    for way in ([], ["--json"]):
        out = world.segments("ingest", "--dry-run", *way).out
        assert "***" in out
        assert "ada" not in out.lower()


def test_a_file_to_read_is_only_named_for_a_dry_run(world: World) -> None:
    assert "--dry-run" in world.segments("ingest", "a.csv").err


# Withdrawn, reloaded, retried


def statuses(world: World) -> dict[str, str]:
    found = json.loads(world.segments("files", "list", "--json").out)
    return {file["path"]: file["status"] for file in found}


def test_a_withdrawn_file_stays_away_until_it_is_reloaded(world: World) -> None:
    world.deliver("billing/a.csv", LINES)
    world.segments("ingest")
    answer = world.segments("files", "withdraw", "billing/a.csv", "--reason", "a test")
    assert answer.code == 0
    assert "1 rows leave every later night" in answer.out
    world.deliver("billing/again.csv", LINES)
    out = world.segments("ingest").out
    assert "billing/again.csv is withdrawn and was not read: a test" in out
    assert set(statuses(world).values()) == {"withdrawn"}
    again = world.segments("files", "withdraw", "billing/again.csv", "--reason", "b")
    assert "was withdrawn before: a test" in again.out
    back = world.segments("files", "reload", "billing/a.csv")
    assert back.code == 0, back.err
    assert set(statuses(world).values()) == {"loaded"}


def test_a_withdrawal_needs_a_reason_and_a_file(world: World) -> None:
    world.deliver("billing/a.csv", LINES)
    world.segments("ingest")
    empty = world.segments("files", "withdraw", "billing/a.csv", "--reason", " ")
    assert (empty.code, "say why" in empty.err) == (2, True)
    unknown = world.segments("files", "withdraw", "billing/b.csv", "--reason", "x")
    assert (unknown.code, "no such file id or path" in unknown.err) == (2, True)
    outside = world.segments("files", "reload", "../../etc/hostname")
    assert (outside.code, "no such file id or path" in outside.err) == (2, True)


def test_retry_reads_rejects_again_with_the_corrected_source(world: World) -> None:
    world.deliver("billing/a.csv", LINES.replace("not a day", "01/03/2026"))
    world.deliver("billing/bad.csv", LINES.replace("2026-03-01T10:00:00Z", "no day"))
    world.segments("ingest")
    assert statuses(world) == {"billing/a.csv": "loaded", "billing/bad.csv": "rejected"}
    corrected = SOURCE + (
        "fields:\n  invoice_line_id: invoice_line_id\n  invoice_id: invoice_id\n"
        "  invoiced_at: {sql: \"case when contains(invoiced_at, '/') then "
        "concat(right(invoiced_at, 4), '-03-01') else invoiced_at end\"}\n"
        "  amount: amount\n"
    )
    world.declare("sources/invoice_lines.yml", corrected)
    found = json.loads(world.segments("quarantine", "retry", "--json").out)
    by_path = {one["path"]: one for one in found}
    first = by_path["billing/a.csv"]
    assert (first["was"]["quarantined"], first["quarantined"], first["won"]) == (
        1,
        0,
        1,
    )
    assert by_path["billing/bad.csv"]["status"] == "rejected"
    out = world.segments("quarantine", "retry", "--source", "invoice_lines").out
    assert "billing/a.csv" not in out
    assert world.segments("quarantine", "retry", "--source", "x").code == 2


def test_files_are_listed_by_source_and_status(world: World) -> None:
    world.deliver("billing/a.csv", LINES)
    world.deliver("billing/b.csv", "one,column\n1,2\n")
    world.segments("ingest")
    out = world.segments("files", "list", "--status", "rejected").out
    assert "billing/b.csv" in out
    assert "billing/a.csv" not in out
    assert "No such file" in world.segments("files", "list", "--source", "x").out
    assert world.segments("files", "list", "--status", "lost").code == 2


def test_nothing_is_withdrawn_or_read_while_a_night_runs(world: World) -> None:
    world.deliver("billing/a.csv", LINES)
    world.segments("ingest")
    commands = (
        ("files", "withdraw", "billing/a.csv", "--reason", "x"),
        ("files", "reload", "billing/a.csv"),
        ("quarantine", "retry"),
    )
    with night_lock(world.settings, NIGHT):
        for command in commands:
            answer = world.segments(*command, "--wait", "0")
            assert answer.code == 1
            assert "another run is in progress" in answer.err


def test_a_delivery_of_several_sources_is_told_apart(world: World) -> None:
    world.declare(
        "sources/customers.yml",
        "feed: billing_customers\npath: billing/*\nformat: csv\ndelivery: upserts\n"
        "fields: {billing_customer_id: invoice_id}\n",
    )
    world.deliver("billing/a.csv", LINES)
    titles, first, second, *_ = world.segments("ingest").out.splitlines()
    assert titles.split()[-1] == "source"
    assert {first.split()[-1], second.split()[-1]} == {"customers", "invoice_lines"}
