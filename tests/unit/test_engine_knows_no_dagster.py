"""The engine runs without Dagster: only `definitions.py` and `defs/` import it.

The linter says so too (TID251); here is what it cannot see: a command may reach for the
job, inside a function and only there, so that the engine loads without Dagster.
"""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dagster_project.settings import REPOSITORY

PACKAGE = REPOSITORY / "dagster_project"
BANNED = {"dagster", "dagster_dbt", "dagster_webserver", "dagster_graphql"}
INSIDE = ("dagster_project.defs", "dagster_project.definitions")

ENGINE = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path != PACKAGE / "definitions.py" and PACKAGE / "defs" not in path.parents
)


def of_dagster(source: str, where: str) -> list[str]:
    """Each import of Dagster in an engine module, and of defs/ outside a command."""
    tree = ast.parse(source)
    late = {
        id(node) for one in ast.walk(tree) if _delays(one) for node in ast.walk(one)
    }
    found = []
    for node in ast.walk(tree):
        may_launch = where.startswith("commands/") and id(node) in late
        for name in _imported(node):
            banned = name.partition(".")[0] in BANNED
            inside = name.startswith(INSIDE) and not may_launch
            if banned or inside:
                found.append(f"{where}: {name}")
    return found


def _delays(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        module = node.module or ""
        return [f"{module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"dagster_project.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and _is_import(node.func) and node.args:
        first = node.args[0]
        return [str(first.value)] if isinstance(first, ast.Constant) else []
    return []


def _is_import(node: ast.AST) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) in {
        "import_module",
        "__import__",
    }


def test_no_module_of_the_engine_imports_dagster():
    assert len(ENGINE) > 50
    found = [
        one
        for path in ENGINE
        for one in of_dagster(
            path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix()
        )
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ("import dagster", "night.py"),
        ("import os, dagster as dg", "commands/run.py"),
        ("from dagster import asset", "report/page.py"),
        ("from dagster_dbt import DbtProject", "transform.py"),
        ("def f():\n    from dagster._core import x", "commands/run.py"),
        ("import importlib\nimportlib.import_module('dagster')", "night.py"),
        ("from dagster_project.defs.launch import run_job", "commands/run.py"),
        ("from dagster_project import defs", "night.py"),
        ("from . import defs", "night.py"),
        ("def f():\n    from dagster_project.defs import outcome", "gates/stage.py"),
    ],
    ids=lambda value: value.splitlines()[-1].strip(),
)
def test_an_import_of_dagster_would_be_found(source, where):
    assert len(of_dagster(source, where)) == 1


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ("def f():\n    from dagster_project.defs.launch import x", "commands/run.py"),
        ("from dagster_project import declarations", "night.py"),
        ("text = 'import dagster'", "report/page.py"),
    ],
    ids=["the command that runs the job", "another module", "a text"],
)
def test_what_is_allowed_is_not_found(source, where):
    assert of_dagster(source, where) == []


def test_the_whole_engine_loads_without_dagster():
    names = [
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for path in ENGINE
        if path.name not in {"__init__.py", "__main__.py"}
    ]
    loads = (
        "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    )
    says = f"\nprint(sorted({BANNED!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", loads + says, *names],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    ("path", "is_refused"),
    [
        ("dagster_project/night.py", True),
        ("dagster_project/commands/run.py", True),
        ("dagster_project/definitions.py", False),
        ("dagster_project/defs/nightly.py", False),
    ],
)
def test_the_linter_refuses_dagster_where_it_does_not_belong(path, is_refused):
    source = '"""A module."""\n\nimport dagster as dg\n\nprint(dg)\n'
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
        + ["--stdin-filename", path, "-"],
        cwd=REPOSITORY,
        input=source,
        capture_output=True,
        text=True,
    )
    assert ("TID251" in done.stdout) == is_refused, done.stdout + done.stderr


def test_every_module_of_dagster_is_banned_by_name():
    lint = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["ruff"]
    banned = set(lint["lint"]["flake8-tidy-imports"]["banned-api"])
    used = {
        name.partition(".")[0]
        for path in [PACKAGE / "definitions.py", *(PACKAGE / "defs").glob("*.py")]
        for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.startswith("dagster") and not name.startswith("dagster_project")
    }
    assert used <= banned
