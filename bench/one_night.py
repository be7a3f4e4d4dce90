"""One night in this process, for `bench.nights`: says what each stage cost.

    python -m bench.one_night job|alone DATE

The home is SEGMENTS_HOME. The last line of the output is JSON.
"""

import json
import os
import sys
import time
from datetime import date
from typing import Any

from bench.processes import peak_megabytes
from dagster_project.settings import Settings, load_settings


class Stages:
    """CPU-seconds from the beginning of each stage to the beginning of the next."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, float]] = [("start", 0.0)]

    def __call__(self, name: str) -> None:
        """A stage begins."""
        self.begun.append((name, time.process_time()))

    def seconds(self) -> dict[str, float]:
        """CPU-seconds by stage; the last one ends now."""
        ends = [at for _, at in self.begun[1:]] + [time.process_time()]
        found: dict[str, float] = {}
        for (name, begun), end in zip(self.begun, ends, strict=True):
            found[name] = round(found.get(name, 0.0) + end - begun, 3)
        return found


def main(way: str, day: str) -> None:
    settings, as_of, stages = load_settings(), date.fromisoformat(day), Stages()
    if way == "job":
        run_as_job(settings, as_of)
    else:
        from dagster_project.run import run_night

        run_night(settings, as_of, on_stage=stages)
    said = {"stages": stages.seconds(), "megabytes": peak_megabytes()}
    print(json.dumps(said | published(settings)))


def run_as_job(settings: Settings, as_of: date) -> None:
    from dagster_project.defs.launch import run_job

    outcome = run_job(settings, as_of)
    if outcome != "published":
        sys.exit(f"the night of {as_of} was {outcome}")


def published(settings: Settings) -> dict[str, Any]:
    """Size and content of the current release."""
    from dagster_project.publish.pointer import current_release
    from dagster_project.warehouse import connect

    release = current_release(settings)
    if release is None:
        sys.exit("nothing was published")
    with connect(release.folder / "segments.duckdb", read_only=True) as connection:
        found = connection.execute(
            "select (select count(*) from customer_features), "
            "(select coalesce(sum(loaded), 0)::bigint from source_files "
            "where feed = 'web_events')"
        ).fetchall()
    customers, events = found[0]
    return {
        "customers": customers,
        "events": events,
        "content_hash": release.content_hash,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # As the command line ends: without the clean-up of extension modules.
    os._exit(0)
