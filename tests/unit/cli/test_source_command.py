"""`segments source new`: a proposal, what it lacks, and what there is already."""

import json
from pathlib import Path

import yaml
from cli_world import LINES, World

from dagster_project.settings import REPOSITORY

VENDORS = REPOSITORY / "tests" / "declarations" / "vendors"

SALES = """InvoiceNo,InvoiceDate,Quantity,UnitPrice,Shop
536365,2010-12-01 08:26,6,2.55,Leeds
536366,2010-12-01 08:28,1,no price,Leeds
536367,2010-12-01 08:28,2,1.00,York
"""


def sales(tmp_path: Path) -> str:
    path = tmp_path / "sales-2010-12-01.csv"
    path.write_text(SALES.replace("no price", "3.00"))
    return str(path)


def test_a_proposal_is_printed_with_what_came_of_it(
    world: World, tmp_path: Path
) -> None:
    answer = world.segments("source", "new", sales(tmp_path))
    assert answer.code == 0, answer.err
    declaration = answer.out.split("It looks like")[0]
    assert yaml.safe_load(declaration)["feed"] == "invoice_lines"
    assert "#   Shop: values are texts" in declaration
    assert "Tried on this file: 3 rows load, 0 do not" in answer.out
    assert not (world.home / "raw").exists()


def test_rows_that_the_proposal_cannot_load_are_named(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "sales.csv"
    good = "".join(f"{n},2010-12-01 08:26,6,2.55,Leeds\n" for n in range(20))
    path.write_text(SALES + good)
    out = world.segments("source", "new", str(path)).out
    assert "Tried on this file: 22 rows load, 1 do not" in out
    assert "UnitPrice is not a number" in out or "unit_price: not a number" in out
    assert "sales.csv:3" in out


def test_a_proposal_is_written_once_and_never_over_another(
    world: World, tmp_path: Path
) -> None:
    folder = world.declarations / "sources"
    command = ("source", "new", sales(tmp_path), "--out", str(folder), "--name", "shop")
    answer = world.segments(*command)
    assert f"Written to {folder / 'shop.yml'}" in answer.out
    assert world.segments("validate").code == 0
    (folder / "shop.yml").write_text("mine")
    again = world.segments(*command)
    assert (again.code, "is not overwritten" in again.err) == (2, True)
    assert (folder / "shop.yml").read_text() == "mine"
    nowhere = world.segments(*command[:4], str(tmp_path / "none"))
    assert (nowhere.code, "no such folder" in nowhere.err) == (2, True)


def test_what_is_missing_is_said_and_nothing_is_tried(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,order_date,revenue\n7,2026-01-02,10\n")
    answer = world.segments("source", "new", str(path))
    assert answer.code == 0
    assert "# needs: invoice_id" in answer.out
    assert "missing: invoice_id" in answer.out
    assert "Tried on this file" not in answer.out


def test_a_declaration_that_reads_the_file_is_named_instead(world: World) -> None:
    path = world.deliver(
        "somewhere/lines.csv", LINES.replace("not a day", "2026-01-02")
    )
    answer = world.segments("source", "new", str(path))
    assert "There is a declaration that reads this file" in answer.out
    assert "invoice_lines (invoice_lines): 2 rows of the sample load" in answer.out
    asked = world.segments("source", "new", str(path), "--feed", "invoice_lines")
    assert "It looks like invoice_lines" in asked.out


def test_exports_of_known_vendors_are_recognised(world: World) -> None:
    files = {
        "web_events__segment": "segment/landing/segment/calls-2026-11-20.jsonl",
        "survey_responses__delighted": (
            "delighted/landing/delighted/after-sales/2026-11-20.csv"
        ),
        "survey_responses__qualtrics": "qualtrics/landing/qualtrics/SV_1/export.csv",
    }
    for name, file in files.items():
        out = world.segments("source", "new", str(VENDORS / file)).out
        assert name in out.splitlines()[1], out


def test_a_file_that_cannot_be_read_is_refused(world: World, tmp_path: Path) -> None:
    answer = world.segments("source", "new", str(tmp_path / "none.csv"))
    assert (answer.code, "no such file" in answer.err) == (2, True)
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"a": 1}, indent=1))
    answer = world.segments("source", "new", str(path))
    assert (answer.code, "over several lines" in answer.err) == (2, True)
