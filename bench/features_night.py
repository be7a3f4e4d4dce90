"""One night up to the features, for `bench.features`: says what each stage cost.

    python -m bench.features_night before|full|next

The home is SEGMENTS_HOME, with raw rows and no deliveries. The last line is JSON.
"""

import json
import shutil
import sys
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bench.feature_data import LAST, ledger_rows
from bench.processes import peak_megabytes
from dagster_project import state, tonight, transform
from dagster_project.features.identity import connect_persons
from dagster_project.features.scoring import score
from dagster_project.ingest.ledger import open_ledger
from dagster_project.settings import Settings, load_settings
from dagster_project.warehouse import connect, literal

BEFORE = LAST - timedelta(days=1)
LAST_FILE = "day-364"

#: What the next night reads of the release.
RELEASED = {
    "customer_features": "features.customer_features",
    "customer_identities": "marts.customer_identities",
}


def main(which: str) -> None:
    """Run the night and say what it cost."""
    settings = load_settings()
    night = prepare(settings, which)
    stages: dict[str, float] = {}
    models: dict[str, float] = {}
    for stage, work in (
        ("lay out", lambda: lay_out(settings, night)),
        ("prepare", lambda: build(settings, "prepare")),
        ("identity", lambda: with_work(settings, connect_persons)),
        ("features", lambda: build(settings, "features")),
        ("scores", lambda: with_work(settings, lambda c: score(c, night.as_of))),
        ("scored features", lambda: build(settings, "scores")),
    ):
        begun = time.process_time()
        took = work() or {}
        stages[stage] = time.process_time() - begun
        wall = sum(took.values()) or 1
        models |= {name: s / wall * stages[stage] for name, s in took.items()}
    megabytes = peak_megabytes()
    finish(settings, night, which)
    print(json.dumps({"stages": stages, "models": models, "megabytes": megabytes}))


def prepare(settings: Settings, which: str) -> Any:
    """Its files, its predecessor and, for the next night, its state."""
    # Judging deliveries is no part of the features.
    tonight.lay_out_arrivals = lambda *_: None
    tonight.lay_out_drift = lambda *_: None
    with open_ledger(settings) as ledger, ledger.transaction():
        for row in ledger_rows(settings.home / "raw"):
            if which != "before" or row.file_id != LAST_FILE:
                ledger.write(row)
    night = tonight.Tonight(settings, BEFORE if which == "before" else LAST)
    night.predecessor = None if which == "before" else predecessor(settings)
    state.restore(settings, "before" if which == "next" else None)
    transform.parse(settings)
    return night


def predecessor(settings: Settings) -> Any:
    """The little that the night reads of a release."""
    seen = [row.file_id for row in ledger_rows(settings.home / "raw")]
    files = [{"file_id": one} for one in seen if one != LAST_FILE]
    return SimpleNamespace(
        release_id=f"{BEFORE}-1",
        as_of=BEFORE,
        manifest={"input_files": files, "declarations": {"segments": {}}},
        parquet=lambda table: sorted((settings.home / "release").glob(f"{table}.p*")),
    )


def lay_out(settings: Settings, night: Any) -> None:
    """Control tables, raw, and which delivery of each event counts."""
    with_work(settings, night.lay_out)
    if night.predecessor is None:
        # One day, as on every later night.
        with_work(
            settings,
            lambda c: c.execute("delete from night.as_of_dates where not is_tonight"),
        )


def with_work(settings: Settings, do: Any) -> None:
    """Do something with the work file."""
    with connect(transform.work_file(settings), settings) as connection:
        do(connection)


def build(settings: Settings, group: str) -> dict[str, float]:
    """Build the models of a group, without their tests; seconds by model."""
    kinds = [f"group:{group},resource_type:{kind}" for kind in ("seed", "model")]
    return {one.name: one.seconds for one in transform.build(settings, kinds)}


def finish(settings: Settings, night: Any, which: str) -> None:
    """Keep what the next night, or the comparison, needs."""
    work = transform.work_file(settings)
    if which != "before":
        shutil.move(work, settings.home / f"{which}.duckdb")
        return
    transform.build(settings, ["customer_identities"])
    release = settings.home / "release"
    release.mkdir(exist_ok=True)
    with connect(work, settings) as connection:
        for name, table in RELEASED.items():
            path = literal(release / f"{name}.parquet")
            connection.execute(f"copy (from {table}) to {path} (format parquet)")
    state.keep(settings, "before", night.as_of, night.kept_tables, night.context)


if __name__ == "__main__":
    main(sys.argv[1])
