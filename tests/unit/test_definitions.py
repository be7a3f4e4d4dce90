"""What Dagster is shown: nothing is missing, unnamed or dropped on the way."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dagster_project.gates.suite_spec import load_suites
from dagster_project.ingest.feeds import FEEDS
from dagster_project.settings import REPOSITORY

DEFS = REPOSITORY / "dagster_project" / "defs"

# A stage is loaded from its file; the others are what the stages share.
STAGES = {
    "features",
    "gates",
    "ingest",
    "nightly",
    "publish",
    "resources",
    "segmentation",
}
GROUPS = {
    "ingest",
    "prepare",
    "features",
    "scores",
    "segmentation",
    "marts",
    "gates",
    "publish",
}
ADDS_SOMETHING = {
    "asset",
    "asset_check",
    "dbt_assets",
    "define_asset_job",
    "job",
    "multi_asset",
    "multi_asset_check",
    "run_failure_sensor",
    "schedule",
    "sensor",
}

# Settings are read when the definitions are loaded, so they are loaded elsewhere.
SHOWN = """
import importlib, json, sys
import dagster as dg
from dagster_project import transform
from dagster_project.definitions import defs
from dagster_project.settings import load_settings

repository = defs().get_repository_def()
graph = repository.asset_graph

def asset(key):
    node = graph.get(key)
    partitions, policy = node.partitions_def, node.backfill_policy
    return {
        "description": node.description,
        "group": node.group_name,
        "owners": sorted(node.owners),
        "kinds": sorted(node.kinds),
        "partitions": type(partitions).__name__,
        "timezone": getattr(partitions, "timezone", None),
        "policy": policy and [policy.policy_type.name, policy.max_partitions_per_run],
        "parents": sorted(p.to_user_string() for p in node.parent_keys),
    }

def named(check):
    return [".".join(check.asset_key.path), check.name]

def job(name):
    found = repository.get_job(name)
    layer = found.asset_layer
    checks = {key for one in layer.data for key in one.assets_def.check_keys}
    return {
        "assets": sorted(key.to_user_string() for key in layer.selected_asset_keys),
        "checks": sorted(named(key) for key in checks),
        "executor": found.executor_def.name,
        "partitions": type(found.partitions_def).__name__,
        "resources": sorted(found.resource_defs),
    }

def given(stage):
    module = importlib.import_module(f"dagster_project.defs.{stage}")
    (load,) = [
        value for value in vars(module).values()
        if type(value).__name__ == "LazyDefinitions"
    ]
    own = load()
    assets, checks = list(own.assets or []), list(own.asset_checks or [])
    return {
        "assets": sorted(k.to_user_string() for one in assets for k in one.keys),
        "checks": sorted(named(k) for one in assets + checks for k in one.check_keys),
        "jobs": [one.name for one in own.jobs or []],
        "schedules": [one.name for one in own.schedules or []],
        "sensors": sorted(one.name for one in own.sensors or []),
        "resources": sorted(own.resources or {}),
    }

keys = sorted(graph.get_all_asset_keys())
json.dump({
    "assets": {key.to_user_string(): asset(key) for key in keys},
    "checks": [
        {"name": named(key), "blocking": graph.get(key).blocking,
         "description": graph.get(key).description}
        for key in sorted(graph.asset_check_keys)
    ],
    "jobs": {name: job(name) for name in repository.job_names},
    "schedules": [
        {"name": one.name, "cron": one.cron_schedule, "job": one.job_name,
         "timezone": one.execution_timezone, "status": one.default_status.value}
        for one in repository.schedule_defs
    ],
    "sensors": {one.name: one.default_status.value for one in repository.sensor_defs},
    "resources": sorted(repository.get_top_level_resources()),
    "stages": {stage: given(stage) for stage in sys.argv[1:]},
    "tests": [
        {"name": [test.table, test.name], "severity": test.severity}
        for test in transform.data_tests(transform.parse(load_settings()))
    ],
}, sys.stdout)
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The definitions as a home with the shipped declarations in Berlin loads them."""
    home = tmp_path_factory.mktemp("a company") / "home"
    environment = {k: v for k, v in os.environ.items() if "SEGMENTS_" not in k}
    environment |= {"SEGMENTS_HOME": str(home), "SEGMENTS_TIMEZONE": "Europe/Berlin"}
    done = subprocess.run(
        [sys.executable, "-c", SHOWN, *sorted(STAGES)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# Assets


def test_the_groups_are_the_stages_in_which_data_flows(shown):
    assert {asset["group"] for asset in shown["assets"].values()} == GROUPS


@pytest.mark.parametrize("attribute", ["description", "owners", "kinds"])
def test_every_asset_says_what_it_is_and_whose(shown, attribute):
    silent = [name for name, one in shown["assets"].items() if not one[attribute]]
    assert silent == []


def test_every_asset_is_of_one_night_and_backfilled_night_by_night(shown):
    for name, one in shown["assets"].items():
        assert one["partitions"] == "DailyPartitionsDefinition", name
        assert one["timezone"] == "Europe/Berlin", name
        assert one["policy"] == ["MULTI_RUN", 1], name


def test_the_release_waits_for_the_gate_and_the_gate_for_every_dated_table(shown):
    from dagster_project.tonight import DATED

    assets = shown["assets"]
    assert "gates/data_quality_results" in assets["publish/release"]["parents"]
    parents = assets["gates/data_quality_results"]["parents"]
    assert parents == sorted(table.replace(".", "/") for table in DATED)


def test_everything_but_the_release_leads_to_the_release(shown):
    reached, waiting = set(), ["publish/release"]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += shown["assets"][one]["parents"]
    read = {parent for one in shown["assets"].values() for parent in one["parents"]}
    # A staging view or a list that no model reads holds nothing that a release could
    # lack, and it is built in one step with those that are read.
    leaves = {n for n in shown["assets"] if n.startswith(("staging/", "seeds/"))}
    unread = leaves - read
    aside = set(shown["assets"]) - reached - unread
    assert aside == set(), "a run may publish before these are built"


# Checks


def test_every_expectation_is_a_check_that_blocks_and_says_why(shown):
    checks = {tuple(one["name"]): one for one in shown["checks"]}
    suites = load_suites(REPOSITORY / "expectations")
    expected = {
        (suite.table_name, expectation.check_name): expectation.meta.why
        for suite in suites
        for expectation in suite.expectations
    }
    assert expected.keys() <= checks.keys()
    for name, why in expected.items():
        assert checks[name]["blocking"], name
        assert checks[name]["description"] == why, name


def test_every_file_of_expectations_is_a_suite():
    suites = {suite.table_name for suite in load_suites(REPOSITORY / "expectations")}
    files = (REPOSITORY / "expectations").glob("*/*.yml")
    assert {f"{file.parent.name}.{file.stem}" for file in files} == suites


def test_every_feed_has_an_asset_that_says_what_its_rows_are(shown):
    for feed in FEEDS.values():
        asset = shown["assets"][f"raw/{feed.name}"]
        assert asset["group"] == "ingest"
        assert ", ".join(feed.id) in asset["description"]


def test_every_feed_has_a_freshness_check_that_holds_nothing_up(shown):
    checks = {tuple(one["name"]): one["blocking"] for one in shown["checks"]}
    assert {(f"raw.{feed}", "is_fresh"): False for feed in FEEDS}.items() <= (
        checks.items()
    )


def test_every_check_is_an_expectation_a_dbt_test_or_about_age(shown):
    suites = load_suites(REPOSITORY / "expectations")
    known = {(s.table_name, e.check_name) for s in suites for e in s.expectations}
    known |= {(f"raw.{feed}", "is_fresh") for feed in FEEDS}
    known |= {tuple(test["name"]) for test in shown["tests"]}
    assert {tuple(one["name"]) for one in shown["checks"]} <= known


def test_every_dbt_test_of_one_table_is_a_check_of_its_severity(shown):
    checks = {tuple(one["name"]): one["blocking"] for one in shown["checks"]}
    tests = {tuple(t["name"]): t["severity"] == "critical" for t in shown["tests"]}
    assert {name: checks[name] for name in tests if name in checks} == {
        name: critical for name, critical in tests.items() if name in checks
    }


# The job and what starts it


def test_the_nightly_job_runs_everything_in_one_process(shown):
    job = shown["jobs"]["nightly"]
    assert job["assets"] == sorted(shown["assets"])
    assert job["checks"] == sorted(one["name"] for one in shown["checks"])
    assert job["partitions"] == "DailyPartitionsDefinition"
    assert "night" in job["resources"]


def test_no_job_starts_a_second_process(shown):
    assert set(shown["jobs"]) == {"nightly", "__ASSET_JOB"}
    assert {job["executor"] for job in shown["jobs"].values()} == {"in_process"}


def test_the_schedule_is_on_at_two_in_the_configured_time_zone(shown):
    assert shown["schedules"] == [
        {
            "name": "every_night_at_two",
            "cron": "0 2 * * *",
            "job": "nightly",
            "timezone": "Europe/Berlin",
            "status": "RUNNING",
        }
    ]


def test_the_sensors_are_on(shown):
    assert shown["sensors"] == dict.fromkeys(
        [
            "bury_dead_runs",
            "night_failed",
            "night_held",
            "night_killed",
            "when_the_day_is_complete",
        ],
        "RUNNING",
    )


# Nothing is dropped on the way


def calls(tree: ast.AST) -> set[str]:
    """The names that a module decorates with or calls, without `dg.`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found.add(_last_name(node.func))
        if isinstance(node, ast.FunctionDef):
            found |= {_last_name(one) for one in node.decorator_list}
    return found


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return getattr(node, "attr", getattr(node, "id", ""))


def loaders(path: Path) -> list[str]:
    """The functions of a module that Dagster loads."""
    return [
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and "definitions" in map(_last_name, node.decorator_list)
    ]


def test_a_file_that_adds_something_has_one_door():
    files = {path.stem: path for path in DEFS.glob("*.py")}
    assert {name for name, path in files.items() if loaders(path)} == STAGES
    for name, path in files.items():
        adds = calls(ast.parse(path.read_text(encoding="utf-8"))) & ADDS_SOMETHING
        assert len(loaders(path)) == (name in STAGES), name
        assert name in STAGES or not adds, f"{name} adds {adds} and is never loaded"


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_what_a_stage_gives_is_shown(shown, stage):
    given = shown["stages"][stage]
    everything = {
        "assets": set(shown["assets"]),
        "checks": {tuple(one["name"]) for one in shown["checks"]},
        "jobs": set(shown["jobs"]),
        "schedules": {one["name"] for one in shown["schedules"]},
        "sensors": set(shown["sensors"]),
        "resources": set(shown["resources"]),
    }
    assert any(given.values())
    for kind, names in given.items():
        plain = {tuple(name) if isinstance(name, list) else name for name in names}
        assert plain <= everything[kind], kind
