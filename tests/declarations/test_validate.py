"""`segments validate` finds every problem and names file, key and reason of each."""

import json
from pathlib import Path

import pytest

from dagster_project.cli import run_cli

MODEL = """
title: Value tiers
kind: rules
goal: Keep the few who pay for the many
kpi: revenue_12m
owner: growth
reviewed_on: 2026-01-01
segments:
  - {name: large, when: "revenue_12m >= 12000", means: Served by name}
otherwise: small
"""
CLUSTERS = """
title: Groups
kind: clusters
goal: See who is alike
kpi: mrr
owner: growth
reviewed_on: 2026-01-01
features: [{feature: mrr}]
"""
SOURCE = "{feed: invoice_lines, path: '*.csv', format: csv, delivery: events}"
SUITE = """
key: [customer_id]
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {column: mrr, min_value: 0}
    severity: critical
    meta: {why: Nobody subscribes for less than nothing.}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A valid project of one source, two models and one suite."""
    monkeypatch.setenv("SEGMENTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SEGMENTS_DECLARATIONS", str(tmp_path))
    write(tmp_path / "segments/tiers.yml", MODEL)
    write(tmp_path / "segments/groups.yml", CLUSTERS)
    write(tmp_path / "sources/lines.yml", SOURCE)
    write(tmp_path / "expectations/features/customer_features.yml", SUITE)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_shipped_declarations_are_valid(monkeypatch, capsys) -> None:
    monkeypatch.delenv("SEGMENTS_DECLARATIONS", raising=False)
    assert run_cli(["validate"]) == 0
    assert capsys.readouterr().out.endswith("are valid\n")


def test_a_valid_project_is_counted(project: Path, capsys) -> None:
    assert run_cli(["validate"]) == 0
    counted = "1 source, 2 models and 1 suite of expectations are valid\n"
    assert capsys.readouterr().out == counted
    assert not (project / "home").exists()


@pytest.mark.parametrize(
    ("wrong", "key", "reason"),
    [
        ("revenu_12m >= 1", "when",
         "unknown feature 'revenu_12m', did you mean revenue_12m?"),
        ("mrr > (select 1)", "when", "sub-queries are not allowed"),
        ("mrr > (select max(mrr) from customer_features)", "when", "sub-queries"),
        ("read_text('/etc/passwd') = 'x'", "when", "is not allowed, functions are"),
        ("mrr > 'many'", "when", "mrr is number and 'many' is text"),
        ("mrr >", "when", "not a condition: mrr >"),
    ],
)  # fmt: skip
def test_a_wrong_predicate_names_file_key_and_reason(
    project: Path, capsys, wrong: str, key: str, reason: str
) -> None:
    path = write(
        project / "segments/tiers.yml", MODEL.replace("revenue_12m >= 12000", wrong)
    )
    assert run_cli(["validate"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{path}: segments[0].{key}: ")
    assert reason in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("segments/tiers.yml", MODEL.replace("kpi: revenue_12m", "kpi: revnue_12m"),
         "kpi: unknown feature 'revnue_12m', did you mean revenue_12m?"),
        ("segments/groups.yml", CLUSTERS.replace("feature: mrr", "feature: mr"),
         "features[0].feature: unknown feature 'mr', did you mean mrr?"),
        ("segments/groups.yml", CLUSTERS.replace("feature: mrr", "feature: plan"),
         "'plan' is varchar, clusters need numbers"),
        ("segments/tiers.yml", MODEL.replace("owner:", "ownr:"),
         "ownr: unknown key, did you mean owner?"),
        ("segments/tiers.yml", MODEL + "name: x", "name: is the file's own"),
        ("segments/more.yaml", MODEL, "rename it to more.yml"),
        ("sources/lines.yml", SOURCE.replace("_lines", "_line"),
         "did you mean invoice_lines?"),
        ("sources/lines.yml", f"[{SOURCE}, {SOURCE}]", "is declared twice"),
        ("sources/more.yml", "feed: [", "not readable as YAML"),
        ("sources/more.yml", "just words", "expected keys and values"),
        ("expectations/features/more.yml", SUITE.replace("_be_between", "_be_betwen"),
         "did you mean"),
        ("expectations/features/more.yaml", SUITE, "nobody reads this file"),
        ("expectations/drift.yml", "metrics: [{metric: mr, warn: 1, why: x}]",
         "unknown metric"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_line(
    project: Path, capsys, file: str, text: str, reason: str
) -> None:
    path = write(project / file, text)
    assert run_cli(["validate"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"{path}: ")
    assert reason in err
    assert len(set(err.splitlines())) == len(err.splitlines())


def test_every_problem_of_every_file_is_named_at_once(project: Path, capsys) -> None:
    broken = MODEL.replace("revenue_12m >= 12000", "mr > 1").replace("12m\n", "12\n")
    paths = [
        write(project / "segments/tiers.yml", broken),
        write(project / "segments/groups.yml", "kind: cluster"),
        write(project / "sources/lines.yml", "feed: nobody"),
        write(project / "sources/more.yml", "a: [\nb"),
        write(project / "expectations/features/customer_features.yml", "key: x"),
    ]
    assert run_cli(["validate", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["valid"] is False
    for path in paths:
        assert any(p.startswith(f"{path}: ") for p in found["problems"]), path
    assert all(p.startswith("/") for p in found["problems"])


def test_a_project_folder_that_is_not_there_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SEGMENTS_DECLARATIONS", str(tmp_path / "typo"))
    assert run_cli(["validate"]) == 2
    assert f"{tmp_path}/typo: no such folder" in capsys.readouterr().err


def test_a_project_without_a_source_is_said(project: Path, capsys) -> None:
    (project / "sources/lines.yml").unlink()
    assert run_cli(["validate"]) == 2
    assert "no source is declared there" in capsys.readouterr().err
