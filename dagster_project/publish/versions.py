"""Which code made a release: a hash of the sources and the versions of the tools."""

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

from dagster_project.settings import REPOSITORY

TOOLS = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "great-expectations")
SOURCES = {
    "dagster_project": ("*.py", "*.html", "*.css", "*.js"),
    "dbt": ("*.sql", "*.yml", "*.csv"),
}


def code_version(repository: Path = REPOSITORY) -> str:
    """The sha256 of every source file that takes part in a night, first 16 digits.

    It is equal on every machine that runs the same files; generated folders are left
    out.
    """
    digest = hashlib.sha256()
    for path in sorted(_sources(repository)):
        content = path.read_bytes()
        name = path.relative_to(repository).as_posix()
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def tool_versions() -> dict[str, str]:
    """The versions of Python and of the tools that compute a night."""
    return {"python": platform.python_version(), **{t: version(t) for t in TOOLS}}


def _sources(repository: Path) -> list[Path]:
    generated = {"target", "logs", "dbt_packages", "__pycache__"}
    return [
        path
        for folder, patterns in SOURCES.items()
        for pattern in patterns
        for path in (repository / folder).rglob(pattern)
        if not generated.intersection(path.relative_to(repository).parts)
    ]
