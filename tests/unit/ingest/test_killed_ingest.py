"""A killed process leaves each file wholly loaded or not at all."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from ingest_company import SEEN_AT, Company

from dagster_project.ingest.file_set import file_set
from dagster_project.ingest.ledger import open_ledger

ROOT = Path(__file__).resolve().parents[3]
KILLED = """
    import os, signal, sys
    from datetime import datetime
    from pathlib import Path
    import {module} as module
    from dagster_project.ingest.load import ingest
    from dagster_project.ingest.grammar.source_spec import SourceSpec
    from dagster_project.settings import Settings

    def die(*arguments, **options):
        os.kill(os.getpid(), signal.SIGKILL)

    folder = Path(sys.argv[1])
    settings = Settings(
        home=folder / "home", landing=folder / "landing", pepper="pepper")
    source = SourceSpec.model_validate(dict(name="source", feed="invoice_lines",
        path="*.csv*", format="csv", delivery="events"))
    module.{function} = die
    ingest(settings, [source], seen_at=datetime(2020, 1, 1))
"""


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("load", "open_delivery"),
        ("load_batch", "judge"),
        ("raw_files", "_sync"),
        ("load_batch", "sync_folders"),
        ("load", "replaced_rows"),
    ],
)
def test_the_next_run_completes_what_was_killed(
    invoices: Company, tmp_path: Path, module: str, function: str
) -> None:
    header = "invoice_line_id,invoice_id,invoiced_at,amount\n"
    for name in "abc":
        invoices.deliver(f"{name}.csv", header + f"{name},I1,2019-11-20,1\n")
    script = textwrap.dedent(KILLED).format(
        module=f"dagster_project.ingest.{module}", function=function
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], env=environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert file_set(invoices.settings) == []
    invoices.ingest(SEEN_AT)
    found = invoices.raw("invoice_lines", "invoice_line_id, _received")
    assert found == [("a", 1), ("b", 2), ("c", 3)]
    assert {row.first_seen_at.year for row in file_set(invoices.settings)} == {2020}
    with open_ledger(invoices.settings) as ledger:
        assert {row.status for row in ledger.rows()} == {"loaded"}
    assert not list(invoices.settings.home.rglob("*.tmp"))
