"""One night, from landed files to a gated release, without the orchestrator.

The stages are methods in the order in which data flows. Dagster's assets call the same
methods; nothing here knows of Dagster.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any

import duckdb

from dagster_project import state, transform
from dagster_project.ending import Decision, keep_state, log_attempt
from dagster_project.errors import NightHeld, UsageError
from dagster_project.features.identity import connect_persons
from dagster_project.features.scoring import score
from dagster_project.gates import stage as gates
from dagster_project.gates.checks import CheckResult
from dagster_project.gates.waivers import Waiver, waivers_in_force
from dagster_project.ingest.load import ingest
from dagster_project.ingest.outcome import IngestResult
from dagster_project.night_log import NightLog
from dagster_project.privacy.erase import finish_erasures
from dagster_project.publish import pointer
from dagster_project.publish.catalogue import Release
from dagster_project.publish.lock import WAIT_SECONDS, night_lock
from dagster_project.publish.retention import clean_leftovers, prune_releases
from dagster_project.publish.stage import publish_night
from dagster_project.report import render_report
from dagster_project.segmentation.stage import segment
from dagster_project.settings import Settings
from dagster_project.tonight import DATED, Tonight
from dagster_project.transform import NodeResult, TestNode
from dagster_project.warehouse import connect

Say = Callable[[str], None]


def silent(line: str) -> None:
    """Say nothing."""


class Night:
    """The night of one as-of date in one home. Use as a context manager.

    It holds the lock of the home. Leaving it with NightHeld keeps the work file for
    `segments inspect`; either way an attempt that ends without a release is logged and
    the current release stays.
    """

    def __init__(
        self,
        settings: Settings,
        as_of: date,
        *,
        run_id: str | None = None,
        root_run_id: str | None = None,
        rebuilding: bool = False,
        say: Say = silent,
        on_stage: Say = silent,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self.settings = settings
        self.as_of = as_of
        self.run_id = run_id or str(uuid.uuid4())
        self.owner = f"{as_of} {root_run_id or self.run_id}"
        self.rebuilding = rebuilding
        self._say = say
        self._on_stage = on_stage
        self.log: NightLog | None = None
        self.wait_seconds = wait_seconds
        self.tonight = Tonight(settings, as_of)
        self.release: Release | None = None
        self._lock = ExitStack()
        self._started = time.monotonic()

    def __enter__(self) -> "Night":
        with ExitStack() as stack:
            stack.enter_context(
                night_lock(self.settings, self.as_of, self.wait_seconds)
            )
            clean_leftovers(self.settings)
            finish_erasures(self.settings, self._say)
            self._check_order()
            if not self._continues():
                state.discard_work(self.settings)
            self.log = NightLog(self.settings, self.as_of, self.run_id)
            self._lock = stack.pop_all()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        try:
            if error is not None:
                held = isinstance(error, NightHeld)
                self.conclude("held" if held else "failed", str(error).splitlines())
        finally:
            if self.log:
                self.log.close()
            self._lock.close()

    def say(self, line: str) -> None:
        """Tell whoever listens, and the log of the night."""
        if self.log:
            self.log.write(line)
        self._say(line)

    def on_stage(self, name: str) -> None:
        """The next stage begins."""
        if self.log:
            self.log.stage(name)
        self._on_stage(name)

    def _noted(self, results: list[CheckResult]) -> list[CheckResult]:
        if self.log:
            self.log.checks(results)
        return results

    def _check_order(self) -> None:
        current = pointer.current_release(self.settings)
        if current and current.as_of > self.as_of and not self.rebuilding:
            raise UsageError(
                f"{self.as_of} is older than the current release {current.release_id}: "
                f"`segments run --from {self.as_of}` rebuilds it and every later night "
                "in order"
            )

    # Whose work the file is: the night and the run that all its re-executions share.

    def _continues(self) -> bool:
        path = self._owner_path
        return path.exists() and path.read_text(encoding="utf-8") == self.owner

    @property
    def _owner_path(self) -> Any:
        return self.settings.home / "work" / "owner"

    @contextmanager
    def work(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The work file, open for one stage; dbt opens it itself between stages."""
        if not self._continues():
            raise UsageError(
                f"the night of {self.as_of} has not begun in this run: run the whole "
                "job, or begin with the raw assets"
            )
        with connect(transform.work_file(self.settings), self.settings) as connection:
            yield connection

    def ingest(self) -> IngestResult:
        """Bring new deliveries into raw and lay out what tonight is."""
        self.on_stage("ingest")
        result = ingest(self.settings, self.tonight.sources, self.say)
        before = self.tonight.predecessor
        if self.log:
            self.log.deliveries(result, *self.tonight.delivered)
        self._owner_path.unlink(missing_ok=True)
        restored = state.restore(self.settings, before.release_id if before else None)
        if before and not restored:
            self.say(f"no state of {before.release_id} is kept: computing from raw")
        self._owner_path.write_text(self.owner, encoding="utf-8")
        with self.work() as connection:
            self.tonight.lay_out(connection)
            self.tonight.promise_checks(connection)
        return result

    def check_suites(self, *tables: str) -> list[CheckResult]:
        """Run the expectations of tables (`schema.table`) or whole schemas."""
        suites = [
            suite
            for suite in self.tonight.suites
            if suite.table_name in tables or suite.schema_name in tables
        ]
        with self.work() as connection:
            return self._noted(gates.run_suites(connection, suites))

    def build(
        self, group: str, models: list[str] | None = None
    ) -> tuple[list[NodeResult], list[CheckResult]]:
        """Build one group of dbt models, or some of it, and keep their test results."""
        self.on_stage(group)
        with self.work():
            pass  # refuses a night that has not begun
        # What somebody accepted must not make dbt skip the models below it.
        accepted = gates.accepted_tests(self.tonight.tests, self.waivers)
        nodes = transform.build(
            self.settings, models or [f"group:{group}"], [t.name for t in accepted]
        )
        nodes += self._run_accepted(accepted, nodes)
        with self.work() as connection:
            results = gates.record_tests(connection, nodes, self.tonight.tests)
        return nodes, self._noted(results)

    def _run_accepted(
        self, accepted: list[TestNode], built: list[NodeResult]
    ) -> list[NodeResult]:
        known = self.tonight.manifest["nodes"]
        tables = {transform.table_name(known[node.unique_id]) for node in built}
        names = [test.name for test in accepted if test.table in tables]
        return transform.run_tests(self.settings, names) if names else []

    def connect_persons(self) -> int:
        """Join identifiers to persons; returns their number."""
        self.on_stage("identity")
        with self.work() as connection:
            return connect_persons(connection)

    def score(self) -> list[dict[str, Any]]:
        """Fit or keep the models of value and risk; returns what was decided."""
        self.on_stage("scores")
        with self.work() as connection:
            return score(connection, self.as_of)

    def segment(self) -> list[dict[str, Any]]:
        """Assign every customer to a segment of every model."""
        self.on_stage("segmentation")
        with self.work() as connection:
            decisions = segment(
                connection,
                self.tonight.models,
                self.as_of,
                self.tonight.earlier_models,
            )
            connection.execute(
                "create or replace table night.decisions as "
                "select unnest(?::varchar[]) as decision",
                [[json.dumps(one, default=str) for one in decisions]],
            )
        return decisions

    def check_night(self) -> list[CheckResult]:
        """Compare tonight's tables with each other and with the last release."""
        self.on_stage("gates")
        folder = self.settings.declaration_folder("expectations")
        with self.work() as connection:
            return self._noted(gates.check_night(connection, folder, DATED))

    @property
    def waivers(self) -> list[Waiver]:
        """The waivers in force tonight."""
        return waivers_in_force(self.settings, self.as_of)

    def stop_if_broken(self, results: list[CheckResult]) -> None:
        """Raise NightHeld when a critical check failed that nobody accepted."""
        gates.stop_if_broken(results, self.waivers)

    def publish(self) -> Release:
        """Publish when every gate has passed.

        Raises NightHeld with every reason when one has not, or has no result.
        """
        self.on_stage("publish")
        with self.work() as connection:
            verdict = gates.judge(connection, self.settings, self.as_of)
            if not verdict.passed:
                raise NightHeld("\n".join(verdict.reasons))
            self.release = publish_night(
                connection,
                self.settings,
                self.as_of,
                pointer.next_release_id(self.settings, self.as_of),
                self.tonight.account(connection, verdict.warnings),
                transform.column_texts(self.tonight.manifest),
                render_report,
                before_swap=lambda: self.on_stage("swap"),
            )
        self.conclude("published", verdict.warnings)
        return self.release

    def conclude(self, decision: Decision, reasons: list[str]) -> None:
        """Log the attempt and put the work file where it belongs."""
        seconds = round(time.monotonic() - self._started, 1)
        release_id = log_attempt(
            self.tonight, decision, reasons, self.release, self.run_id, seconds
        )
        if self.log:
            self.log.decision(f"{decision} {release_id}", reasons)
        if decision == "failed" or not self._continues():
            return
        try:
            if self.release:
                self.on_stage("state")
                keep_state(self.tonight, self.release)
            else:
                state.keep_held(self.settings, release_id)
        except (OSError, duckdb.Error) as error:
            # What was decided stands: a state only saves the next night some work.
            self.say(f"the work file of {release_id} could not be kept: {error}")
        self._owner_path.unlink(missing_ok=True)
        prune_releases(self.settings)
