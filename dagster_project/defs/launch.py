"""Runs the nightly job from the command line: the same run as one from the UI."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import dagster as dg
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.execution.api import execute_run_iterator
from dagster._core.remote_origin import RemoteRepositoryOrigin
from dagster._core.workspace.load_target import WorkspaceFileTarget

from dagster_project.defs.outcome import OUTCOME, REBUILDING
from dagster_project.settings import REPOSITORY, Settings, load_settings

JOB = "nightly"
# The log of a run is in the UI; on the terminal the command says what matters.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def prepare_home(settings: Settings) -> Path:
    """The folder of Dagster's own storage, with the shipped dagster.yaml."""
    home = settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(REPOSITORY / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def run_job(
    settings: Settings,
    as_of: date,
    say: Callable[[str], None] = lambda step: None,
    rebuilding: bool = False,
) -> str:
    """Run the night as the job and return its outcome: published, held or failed.

    `say` hears the name of each step as it begins.
    """
    prepare_home(settings)
    with dg.DagsterInstance.get() as instance:
        repository = ReconstructableRepository.for_module(
            "dagster_project.definitions", "defs", str(REPOSITORY)
        )
        job = repository.get_reconstructable_job(JOB)
        definition = job.get_definition()
        tags = definition.get_tags_for_partition_key(
            as_of.isoformat(), selected_asset_keys=None
        )
        run = instance.create_run_for_job(
            definition,
            run_config=QUIET,
            tags={**tags, REBUILDING: str(rebuilding).lower()},
            job_code_origin=job.get_python_origin(),
            remote_job_origin=_origin().get_job_origin(JOB),
        )
        for event in execute_run_iterator(job, run, instance):
            if event.is_step_start and event.step_key:
                say(event.step_key.replace("__", " "))
        finished = instance.get_run_by_id(run.run_id)
        return finished.tags.get(OUTCOME, "failed") if finished else "failed"


def _origin() -> RemoteRepositoryOrigin:
    # As the UI names it, so that the run is listed under the job there.
    workspace = WorkspaceFileTarget([str(REPOSITORY / "workspace.yaml")])
    return RemoteRepositoryOrigin(workspace.create_origins()[0], "__repository__")


if __name__ == "__main__":
    print(prepare_home(load_settings()))
