"""The night as a resource: one lock, one work file and one verdict for each run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import dagster as dg

from dagster_project.defs.outcome import (
    HOLDER,
    OUTCOME,
    REBUILDING,
    RUNNING,
    bury_dead,
    outcome_of,
)
from dagster_project.errors import SegmentsError
from dagster_project.night import Night
from dagster_project.settings import load_settings


class NightResource(dg.ConfigurableResource):
    """Holds the lock of the home for the run and says at its end what became of it."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Night]:
        """The night of the run's partition."""
        run, instance, log = context.run, context.instance, context.log
        assert run is not None and instance is not None and log is not None
        night = Night(
            load_settings(),
            date.fromisoformat(run.tags["dagster/partition"]),
            run_id=run.run_id,
            root_run_id=run.root_run_id or run.run_id,
            rebuilding=run.tags.get(REBUILDING) == "true",
            say=log.info,
        )
        try:
            night.__enter__()
        except SegmentsError as error:
            instance.add_run_tags(run.run_id, {OUTCOME: "failed"})
            raise dg.Failure(str(error), allow_retries=False) from error
        try:
            instance.add_run_tags(run.run_id, {HOLDER: run.run_id, OUTCOME: RUNNING})
            bury_dead(instance, but=run.run_id)
            yield night
        finally:
            try:
                _conclude(night, instance)
            finally:
                night.__exit__(None, None, None)


def _conclude(night: Night, instance: dg.DagsterInstance) -> None:
    outcome = "failed"
    try:
        outcome, reasons = outcome_of(instance, night.run_id, night.release)
        if outcome == "held" or outcome == "failed":
            night.conclude(outcome, reasons)
    finally:
        instance.add_run_tags(night.run_id, {OUTCOME: outcome})


@dg.definitions
def resources() -> dg.Definitions:
    """The resource of every asset."""
    return dg.Definitions(resources={"night": NightResource()})
