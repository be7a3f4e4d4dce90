"""What becomes of files in time: a proof for each of these rows of the docs.

Each takes a company without a source and the reason that the page names.
"""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from bad_case import GOOD, HEADER
from ingest_company import Company

from dagster_project.errors import DeclarationError
from dagster_project.ingest import discovery
from dagster_project.ingest.ledger import LedgerRow, open_ledger
from dagster_project.ingest.reading.landed import keep_copy

Proof = Callable[[Company, str], None]
PROOFS: dict[str, Proof] = {}
TEXT = HEADER + GOOD
PAID = b"p1,2026-11-20,succeeded,"


def proves(name: str) -> Callable[[Proof], Proof]:
    def enter(proof: Proof) -> Proof:
        PROOFS[name] = proof
        return proof

    return enter


def declare(company: Company, name: str = "source", **changes: str) -> None:
    declared = {"feed": "invoice_lines", "path": "**/*.csv", "format": "csv"}
    company.source(name, **{**declared, "delivery": "events", **changes})


def ledger(company: Company) -> list[LedgerRow]:
    with open_ledger(company.settings) as opened:
        return opened.rows()


def ids(company: Company) -> list[str]:
    return [row[0] for row in company.raw("invoice_lines", "invoice_line_id")]


def row(id_: str, amount: int = 1) -> bytes:
    return f"{id_},I1,2026-11-20,{amount},EUR,\n".encode()


def only(company: Company, *expected: str) -> None:
    """An ingest that loads these ids and no others."""
    company.ingest()
    assert ids(company) == list(expected)


@proves("hidden file or folder")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver(".a.csv", TEXT)
    company.deliver(".hidden/b.csv", TEXT)
    company.deliver("c/.snapshot/b.csv", TEXT)
    only(company)
    assert company.ingest().unclaimed == ()


@proves("name that ends in .tmp or .part")
def _(company: Company, _: str) -> None:
    declare(company, path="**/*")
    company.deliver("a.csv.tmp", TEXT)
    company.deliver("b.csv.part", TEXT)
    only(company)


@proves("file that may not be read")
def _(company: Company, said: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    if os.getuid():
        company.deliver("b.csv", TEXT + b"\n").chmod(0)
    elif Path("/proc/self/mem").exists():  # root may read everything else
        (company.landing / "b.csv").symlink_to("/proc/self/mem")
    else:
        pytest.skip("needs Linux or a user that is not root")
    (rejected,) = company.ingest().rejected
    assert str(rejected.reason).startswith(said.removesuffix("..."))
    assert ids(company) == ["good"]


@proves("folder named like a file")
def _(company: Company, _: str) -> None:
    declare(company)
    (company.landing / "a.csv").mkdir()
    company.deliver("a.csv/b.csv", TEXT)
    only(company, "good")
    assert [row.path for row in ledger(company)] == ["a.csv/b.csv"]


@proves("link to a file")
def _(company: Company, _: str) -> None:
    declare(company)
    target = company.landing.parent / "elsewhere.csv"
    target.write_bytes(TEXT)
    (company.landing / "a.csv").symlink_to(target)
    only(company, "good")


@proves("link to nothing or to itself")
def _(company: Company, _: str) -> None:
    declare(company)
    (company.landing / "a.csv").symlink_to(company.landing / "nothing")
    (company.landing / "b.csv").symlink_to(company.landing / "b.csv")
    only(company)


@proves("named pipe")
def _(company: Company, _: str) -> None:
    declare(company)
    os.mkfifo(company.landing / "a.csv")
    only(company)


@proves("file that disappears while files are read")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    going = company.deliver("b.csv", HEADER + row("b"))
    company.deliver("c.csv", HEADER + row("c"))

    def copied(*given: Any) -> str:
        going.unlink(missing_ok=True)
        return keep_copy(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discovery, "keep_copy", copied)
        assert company.ingest().waiting == ("b.csv",)
    assert ids(company) == ["good", "c"]
    company.deliver("b.csv", HEADER + row("b"))
    company.ingest()
    assert sorted(ids(company)) == ["b", "c", "good"]


@proves("file written less than the setting ago")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    once = company.settings
    company.settings = once.model_copy(update={"settle_seconds": 3600})
    assert company.ingest().waiting == ("a.csv",)
    assert ids(company) == []
    company.settings = once.model_copy(update={"settle_seconds": 0})
    only(company, "good")


@proves("file that changes while it is read")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    growing = company.deliver("b.csv", HEADER + row("b"))

    class Grows(list[str]):
        def append(self, line: str) -> None:
            if "c" not in growing.read_text().split(",I1")[1]:
                growing.write_bytes(HEADER + row("b") + row("c"))

    company.said = Grows()
    company.ingest()
    assert ids(company)[0] == "good"
    company.said = []
    company.ingest()
    assert ids(company) == ["good", "b", "c"]


@proves("file that no source reads")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("readme.txt", b"hello")
    assert company.ingest().unclaimed == ("readme.txt",)


@proves("name in capitals, where the source says small letters")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("A.CSV", TEXT)
    assert company.ingest().unclaimed == ("A.CSV",)


@proves("file that sources of two feeds read")
def _(company: Company, _: str) -> None:
    declare(company, "one")
    declare(company, "two", feed="payments", path="a*")
    company.deliver("a.csv", b"payment_id,paid_at,status," + HEADER + PAID + GOOD)
    only(company, "good")
    assert company.raw("payments", "payment_id") == [("p1",)]
    assert [row.source for row in ledger(company)] == ["one", "two"]


@proves("file that two sources of one feed read")
def _(company: Company, said: str) -> None:
    declare(company, "one")
    declare(company, "two", path="a*")
    company.deliver("a.csv", TEXT)
    with pytest.raises(DeclarationError) as refused:
        company.ingest()
    assert str(refused.value) == said
    assert ids(company) == []


@proves("name with quotes, newlines and SQL")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver('o\'b\n"x"; drop table y; -- [1]*?.csv', TEXT)
    only(company, "good")


@proves("name that is not UTF-8")
def _(company: Company, _: str) -> None:
    declare(company)
    name = os.fsdecode(os.fsencode(company.landing) + b"/caf\xe9.csv")
    try:
        Path(name).write_bytes(TEXT)
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    only(company, "good")
    (entered,) = ledger(company)
    assert entered.path.encode().startswith(b"caf")


@proves("same content under the same name again")
def _(company: Company, _: str) -> None:
    declare(company)
    path = company.deliver("a.csv", TEXT)
    company.ingest()
    os.utime(path, ns=(1, 1))
    before = ledger(company)
    assert not company.ingest().loaded
    assert ledger(company) == before


@proves("same content under another name")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    company.ingest()
    before = ledger(company)
    company.deliver("b.csv", TEXT)
    assert not company.ingest(datetime(2026, 11, 25)).loaded
    assert ledger(company) == before


@proves("same content under two names at once")
def _(company: Company, _: str) -> None:
    declare(company)
    for name in ("a.csv", "b.csv"):
        company.deliver(name, TEXT)
    only(company, "good")


@proves("new content under an old name")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    company.ingest()
    company.deliver("a.csv", HEADER + row("b"))
    only(company, "b")
    assert [row.status for row in ledger(company)] == ["superseded", "loaded"]


@proves("rejected content under an old name")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    company.ingest()
    company.deliver("a.csv", b"")
    only(company, "good")


@proves("old content under its old name again")
def _(company: Company, _: str) -> None:
    declare(company)
    for content in (TEXT, HEADER + row("b"), TEXT):
        company.deliver("a.csv", content)
        company.ingest()
    assert ids(company) == ["good"]


@proves("file taken out of the landing folder")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    company.ingest()
    (company.landing / "a.csv").unlink()
    only(company, "good")


@proves("overlapping deliveries of one id")
def _(company: Company, _: str) -> None:
    declare(company, delivery="upserts")
    company.deliver("a.csv", HEADER + row("x", 1))
    company.deliver("b.csv", HEADER + row("x", 2))
    company.ingest()
    found = company.raw("invoice_lines", "amount::INTEGER, _received")
    assert found == [(1, 1), (2, 2)]


@proves("ids that a full snapshot no longer names")
def _(company: Company, _: str) -> None:
    declare(company, delivery="full_snapshot")
    company.deliver("a.csv", HEADER + row("x") + row("y"))
    company.ingest()
    company.deliver("b.csv", HEADER + row("y"))
    only(company, "y")


@proves("file for a day long past")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT)
    company.ingest()
    company.deliver("old.csv", HEADER + b"x,I1,2019-03-04,1,EUR,\n")
    (late,) = company.ingest().loaded
    assert late.dates == (date(2019, 3, 4),)


@proves("byte-identical row once more")
def _(company: Company, _: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT + GOOD)
    assert company.counts() == (2, 1, 0, 1, 0)


@proves("other row with the id of an event")
def _(company: Company, said: str) -> None:
    declare(company)
    company.deliver("a.csv", HEADER + row("x", 1) + row("x", 2))
    assert company.counts() == (2, 1, 1, 0, 0)
    assert company.quarantine() == [(3, said)]


@proves("other row with an id and no version")
def _(company: Company, said: str) -> None:
    declare(company, delivery="upserts")
    company.deliver("a.csv", HEADER + row("x", 1) + row("x", 2) + GOOD)
    assert company.counts() == (3, 1, 2, 0, 0)
    assert company.quarantine() == [(2, said), (3, said)]


@proves("unclosed quote over more than 32 MB")
def _(company: Company, said: str) -> None:
    declare(company)
    company.deliver("a.csv", TEXT + b'"' + GOOD * 900_000)
    (rejected,) = company.ingest().rejected
    assert rejected.reason == said
