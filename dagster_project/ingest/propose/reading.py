"""Reads the beginning of a delivery into a sample, whatever its form."""

import gzip
import re
from pathlib import Path

import duckdb

from dagster_project.errors import UsageError
from dagster_project.ingest.propose.delimited import delimited
from dagster_project.ingest.propose.documents import json_lines, json_list
from dagster_project.ingest.propose.sample import ROWS, Sample, usable, words
from dagster_project.warehouse import connect, identifier, literal

BYTES = 4 * 1024 * 1024


def read_sample(path: Path) -> Sample:
    """Look at a file's beginning.

    Raises UsageError for a file that is not there, empty, not text, or of a form that
    no source can read.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if _suffix(path) == ".parquet":
        return _parquet(path)
    text = _beginning(path)
    first = text.lstrip()[:1]
    if first == "[":
        return json_list(path, text)
    if first == "{":
        return json_lines(path, text)
    lines = [line for line in text.splitlines() if line.strip()]
    if found := _known_lines(path, lines):
        return found
    return delimited(path, text)


def _suffix(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _beginning(path: Path) -> str:
    """Whole lines of the first megabytes."""
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as handle:
            content: bytes = handle.read(BYTES + 1)
    except (OSError, EOFError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    if not content.strip():
        raise UsageError(f"{path}: is empty")
    if len(content) > BYTES:
        content = content[: content.rfind(b"\n", 0, BYTES) + 1] or content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text, CSV, JSON or Parquet") from error


def _parquet(path: Path) -> Sample:
    query = f"from read_parquet({literal(path)})"
    try:
        with connect() as engine:
            described = engine.execute(f"describe select * {query}").fetchall()
            named = ", ".join(
                f"cast(to_json({identifier(n)}) as varchar)"
                if str(kind).startswith(("STRUCT", "MAP")) or str(kind).endswith("]")
                else f"cast({identifier(n)} as varchar)"
                for n, kind, *_ in described
            )
            rows = engine.execute(f"select {named} {query} limit {ROWS}").fetchall()
    except duckdb.Error as error:
        raise UsageError(f"{path}: not readable as Parquet") from error
    names = [name for name, *_ in described]
    columns = {
        name: [str(row[at]) if row[at] is not None else "" for row in rows]
        for at, name in enumerate(names)
    }
    return Sample(path, "parquet", usable(columns), len(rows))


def _known_lines(path: Path, lines: list[str]) -> Sample | None:
    lines = lines[:ROWS]
    for name, pattern in words()["patterns"].items():
        compiled = re.compile(pattern)
        found = [match for line in lines if (match := compiled.fullmatch(line))]
        if len(found) >= 0.8 * len(lines):
            columns = {
                group: [match[group] or "" for match in found]
                for group in compiled.groupindex
            }
            sample = Sample(path, "regex", columns, len(found))
            sample.pattern, sample.pattern_name = pattern, name
            return sample
    return None
