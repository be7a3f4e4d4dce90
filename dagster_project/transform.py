"""Runs dbt in this process. Knows the project, not what its models mean."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dagster_project.errors import SegmentsError
from dagster_project.settings import REPOSITORY, Settings

PROJECT = REPOSITORY / "dbt"

# What dbt builds from, by target folder, and what each content of the project says.
_PARSED: dict[Path, Any] = {}
_MANIFESTS: dict[tuple[Any, ...], tuple[Any, dict[str, Any]]] = {}

# Only what this group builds stays when a night is over, and is worth being packed.
KEPT_GROUP = "prepare"

# The schemas in the order in which they are built.
STAGES = ("seeds", "staging", "intermediate", "features", "marts")


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test."""

    unique_id: str
    name: str
    kind: str
    status: str
    message: str
    failures: int
    seconds: float


@dataclass(frozen=True)
class TestNode:
    """One data test of the project."""

    unique_id: str
    name: str
    table: str
    column: str | None
    severity: Literal["critical", "warning"]
    why: str


class ModelError(SegmentsError):
    """A model or test could not be run at all."""


def work_file(settings: Settings) -> Path:
    """The private database file of a night; its path never changes."""
    return settings.home / "work" / "work.duckdb"


def target_folder(settings: Settings) -> Path:
    """Where dbt keeps its manifest and its partial parse."""
    return settings.home / "work" / "dbt"


def parse(settings: Settings) -> dict[str, Any]:
    """What dbt knows of its project: its manifest.

    What was parsed is kept for the builds of this process, and for every later night
    of it, until a file of the project changes: reading the project again would cost
    more than a group of models.
    """
    content = _content_of_project()
    if content not in _MANIFESTS:
        # With an older manifest at hand dbt would not read the project.
        _PARSED.pop(target_folder(settings), None)
        parsed = _invoke(settings, ["parse"])
        path = target_folder(settings) / "manifest.json"
        _MANIFESTS.clear()
        _MANIFESTS[content] = (parsed, json.loads(path.read_text(encoding="utf-8")))
    parsed, manifest = _MANIFESTS[content]
    # dbt writes what it compiles into the manifest that it builds from.
    _PARSED[target_folder(settings)] = parsed.deepcopy()
    return manifest


def _content_of_project() -> tuple[tuple[str, int, int], ...]:
    found = sorted(
        (str(path), path.stat())
        for kind in ("*.sql", "*.yml", "*.csv", "*.md")
        for path in PROJECT.rglob(kind)
        if path.relative_to(PROJECT).parts[0] not in {"target", "logs"}
    )
    return tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in found)


def data_tests(manifest: dict[str, Any]) -> list[TestNode]:
    """Every data test, with the table it is about.

    A test of several models is about the one of the latest stage, which it waits for.
    """
    return [
        TestNode(
            unique_id=unique_id,
            name=node["name"],
            table=_table_of_test(manifest, node),
            column=node.get("column_name"),
            severity="critical"
            if node["config"]["severity"].lower() == "error"
            else "warning",
            why=_why(node),
        )
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
    ]


def table_name(node: dict[str, Any]) -> str:
    """`schema.name` of a model, seed or source."""
    return f"{node['schema']}.{node['name']}"


def contract(manifest: dict[str, Any], model: str) -> dict[str, str]:
    """The columns of a model and their types, as its yml promises them."""
    name = manifest["metadata"]["project_name"]
    columns = manifest["nodes"][f"model.{name}.{model}"]["columns"]
    return {column: spec["data_type"] for column, spec in columns.items()}


def column_texts(manifest: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The description of each column of each model, by model name."""
    return {
        node["name"]: {c: spec["description"] for c, spec in node["columns"].items()}
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def _table_of_test(manifest: dict[str, Any], test: dict[str, Any]) -> str:
    known = manifest["nodes"] | manifest["sources"]
    if attached := test.get("attached_node"):
        return table_name(known[attached])
    parents = [known[p] for p in test["depends_on"]["nodes"] if p in known]
    return table_name(max(parents, key=_stage))


def _stage(node: dict[str, Any]) -> int:
    return STAGES.index(node["schema"]) if node["schema"] in STAGES else -1


def _why(test: dict[str, Any]) -> str:
    # dbt leaves the description of a test in a file of its own in its configuration.
    said = test.get("description") or test["config"].get("description")
    return said or "A promise of the model's documentation."


def build(
    settings: Settings, select: Iterable[str], without: Iterable[str] = ()
) -> list[NodeResult]:
    """Build the selected seeds, models and tests against the work file.

    A test that found rows is a result, not an error; what depends on the tested model
    is then skipped. `without` names tests to leave out. Raises ModelError, naming the
    node, when one could not be run.
    """
    select = list(select)
    left_out = ["--exclude", *without] if without else []
    groups = {one.split(",")[0].partition("group:")[2] for one in select}
    return _run(
        settings,
        ["build", "--select", *select, *left_out]
        + ["--indirect-selection", "buildable", "--exclude-resource-type", "unit_test"],
        packed=not groups.isdisjoint({"", KEPT_GROUP}),
    )


def run_tests(settings: Settings, names: Iterable[str]) -> list[NodeResult]:
    """Run some data tests by name; nothing is skipped, whatever they find.

    Raises ModelError, naming the test, when one could not be run.
    """
    return _run(settings, ["test", "--select", *names])


def _run(
    settings: Settings, arguments: list[str], packed: bool = True
) -> list[NodeResult]:
    found = _invoke(settings, ["--no-write-json", *arguments], packed)
    results = [_read(one) for one in found.results]
    errors = [r for r in results if r.status in {"error", "runtime error"}]
    if errors:
        lines = [f"{r.kind} {r.name}: {r.message}" for r in errors]
        raise ModelError("\n".join(lines))
    return results


def unit_test(settings: Settings) -> list[NodeResult]:
    """Run every unit test of the models against the work file."""
    found = _invoke(settings, ["--no-write-json", "test", "--select", "test_type:unit"])
    return [_read(one) for one in found.results]


def _invoke(settings: Settings, arguments: list[str], packed: bool = True) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ.update(_environment(settings, packed))
    target = target_folder(settings)
    target.mkdir(parents=True, exist_ok=True)
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    try:
        done = dbtRunner(manifest=_PARSED.get(target)).invoke(
            [
                "--quiet",
                "--log-level",
                "none",
                "--log-level-file",
                "none",
                "--no-populate-cache",
            ]
            + [*arguments, *folders, "--target-path", str(target)]
        )
    finally:
        # The next stage opens the file with other options.
        DuckDBConnectionManager.close_all_connections()
    if done.result is None:
        raise ModelError(f"dbt {' '.join(arguments)}: {done.exception or 'no result'}")
    return done.result


def _environment(settings: Settings, packed: bool) -> dict[str, str]:
    # profiles.yml can only be told through the environment of this process.
    return {
        "SEGMENTS_WORK_FILE": str(work_file(settings)),
        "SEGMENTS_WORK_MEMORY_LIMIT": settings.memory_limit,
        "SEGMENTS_WORK_THREADS": str(settings.threads),
        "SEGMENTS_WORK_UNPACKED": "" if packed else "fsst,dict_fsst",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def _read(result: Any) -> NodeResult:
    node = result.node
    # dbt adds its own call stack to a message.
    message = (result.message or "").split("> in macro")[0].strip()
    return NodeResult(
        unique_id=node.unique_id,
        name=node.name,
        kind=node.resource_type.value,
        status=str(result.status.value),
        message=message,
        failures=int(result.failures or 0),
        seconds=float(result.execution_time or 0),
    )
