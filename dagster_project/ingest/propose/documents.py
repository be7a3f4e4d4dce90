"""Samples of JSON: one document per line, or a list of them.

Leaves become columns by their dotted path; lists of objects are kept apart.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.ingest.propose.sample import ROWS, Columns, Sample, usable

DEPTH = 4


def json_list(path: Path, text: str) -> Sample:
    """The objects of a list, as far as the text holds them whole."""
    return _documents(Sample(path, "json"), _elements(text))


def json_lines(path: Path, text: str) -> Sample:
    """The documents of lines. Raises UsageError when no line is one."""
    documents = []
    for line in text.splitlines()[:ROWS]:
        try:
            documents.append(json.loads(line))
        except ValueError:
            continue
    found = [one for one in documents if isinstance(one, dict)]
    if not found:
        raise UsageError(
            f"{path}: one JSON document over several lines; deliver one document per "
            "line, or a list of them"
        )
    return _documents(Sample(path, "jsonl"), iter(found))


def _elements(text: str) -> Iterator[dict[str, Any]]:
    """The objects of a list, as far as the sample holds them whole."""
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            element, at = decoder.raw_decode(text, at)
        except ValueError:
            return
        if isinstance(element, dict):
            yield element


def _documents(sample: Sample, documents: Iterator[dict[str, Any]]) -> Sample:
    flat: list[dict[str, str]] = []
    inner: dict[str, list[dict[str, str]]] = {}
    for document in documents:
        if len(flat) >= ROWS:
            break
        lists: dict[str, list[Any]] = {}
        flat.append(_flat(document, lists))
        for name, elements in lists.items():
            held = inner.setdefault(name, [])
            held += [{**flat[-1], **_flat(e, {}, f"{name}.")} for e in elements]
    if not flat:
        raise UsageError(f"{sample.path}: holds no JSON object")
    sample.columns, sample.rows = _columns(flat), len(flat)
    sample.lists = {f"{name}[]": _columns(rows[:ROWS]) for name, rows in inner.items()}
    return sample


def _flat(value: dict[str, Any], lists: dict[str, list[Any]], under: str = "") -> Any:
    """Leaves by dotted path; objects also as their own text."""
    found: dict[str, str] = {}
    for key, inner in value.items():
        path = f"{under}{key}"
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            lists[path] = [one for one in inner if isinstance(one, dict)]
        elif isinstance(inner, dict):
            found[path] = json.dumps(inner)
            if path.count(".") < DEPTH:
                found |= _flat(inner, lists, f"{path}.")
        else:
            found[path] = _text(inner)
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _columns(rows: list[dict[str, str]]) -> Columns:
    names = dict.fromkeys(name for row in rows for name in row)
    return usable({name: [row.get(name, "") for row in rows] for name in names})
