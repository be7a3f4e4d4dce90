"""The vendor columns of JSON documents, as SQL: every document is parsed once.

Keys of the top level are columns of one struct; what lies deeper is looked up in the
text of its top-level key, and only where there is one.
"""

import json
from collections.abc import Iterable

from dagster_project.ingest.reading.reshape import INDEXED, json_path
from dagster_project.warehouse import literal


def document_columns(paths: Iterable[str]) -> str:
    """The select list over `doc` that `document_cell` refers to."""
    inner = _inner_paths(paths)
    # A text is kept in its quotes where something may lie deeper: it is no JSON itself.
    kinds = {key: "JSON" if below else "VARCHAR" for key, below in inner.items()}
    deeper = {
        key: f"json_extract_string({_top(key)}, [{_listed(paths)}]::VARCHAR[])"
        for key, paths in inner.items()
        if paths
    }
    nested = ", ".join(f"{literal(key)}: {sql}" for key, sql in deeper.items())
    columns = [f"json_transform(doc, {literal(json.dumps(kinds))}) as top"]
    return ", ".join([*columns, f"{{{nested}}} as nested"] if nested else columns)


def document_cell(path: str, paths: Iterable[str]) -> str:
    """The text at a path of a document."""
    key, inner = _split(path)
    below = _inner_paths(paths)[key]
    if inner == "$":
        return f"json_extract_string({_top(key)}, '$')" if below else _top(key)
    place = below.index(inner) + 1
    return f"struct_extract(nested, {literal(key)})[{place}]"


def _top(key: str) -> str:
    return f"struct_extract(top, {literal(key)})"


def _inner_paths(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(set(paths)):
        key, inner = _split(path)
        below = found.setdefault(key, [])
        if inner != "$":
            below.append(inner)
    return found


def _split(path: str) -> tuple[str, str]:
    first, _, rest = path.partition(".")
    match = INDEXED.match(first)
    key, index = (match[1], match[2]) if match else (first, "")
    return key, "$" + index + (json_path(rest).removeprefix("$") if rest else "")


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(literal(path) for path in paths)
