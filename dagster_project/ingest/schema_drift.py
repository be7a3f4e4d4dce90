"""Which columns each delivery has, read or not, so that nights can compare them.

Names only, never values: a key that looks like a value is no column. What changed from
file to file is found in `gates/layout_drift.py`.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from dagster_project.ingest.grammar.field_spec import PSEUDO_COLUMNS
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.reading.delimited import column_key
from dagster_project.ingest.reading.formats import json_texts
from dagster_project.ingest.reading.layout import Engine, Layout
from dagster_project.ingest.reading.lines import RejectedFile, physical_lines

JSON = ("json", "jsonl")

#: As many rows of a JSON file are looked at.
SAMPLED_ROWS = 1_000
SAMPLED_BYTES = 4 * 1024 * 1024

#: A document with more keys than this uses values as keys.
MOST_COLUMNS = 500

#: In a sample of fewer rows a key is never usual.
ENOUGH_ROWS = 20

#: E-mail addresses, numbers, dates and digests as keys are data, not columns.
NAME = re.compile(r"[^\d@\"\\\n][^@\"\\\n]{0,79}")
NUMBERED = re.compile(r"\d{6}|[0-9a-f]{16}")
TITLE = re.compile(r"(?!.*(@|\d{9})).+", re.DOTALL)
INDEX = re.compile(r"\[\d+\]")

# The keys of each document and, where the value is an object, the keys below it.
KEYS = """
with documents as (
    select file, json(text) as doc
    from delivered_texts
    where json_valid(text) and json_type(text) = 'OBJECT'
),
tops as (
    select file, key, json_extract(doc, '$."' || key || '"') as value
    from (select file, doc, unnest(json_keys(doc)) as key from documents)
    where key not in ('', '*') and not contains(key, '"') and not contains(key, '\\')
),
leaves as (
    select file, unnest(case
        when json_type(value) <> 'OBJECT' or len(json_keys(value)) = 0 then [key]
        else list_transform(json_keys(value), lambda k: key || '.' || k)
    end) as name
    from tops
),
sizes as (select file, count(*) as documents from documents group by file)
select file, name, count(*) * 2 >= documents and documents >= {enough} as is_usual
from leaves inner join sizes using (file)
group by file, name, documents
order by file, name
"""


class DeliveredColumn(NamedTuple):
    """One column of a delivery.

    `kind` is the engine's type, known of Parquet alone. `is_usual`: a later file
    without it has lost it; a JSON key is so when half of the documents have it.
    """

    name: str
    kind: str
    is_usual: bool


Columns = tuple[DeliveredColumn, ...]


def delivered_columns(
    engine: Engine, source: SourceSpec, layout: Layout, paths: Sequence[Path]
) -> list[Columns]:
    """The columns of files of one layout, by name; JSON keys down to two levels.

    A file that cannot be read has none.
    """
    if layout.is_closed:
        kinds = layout.kinds or ("",) * len(layout.titles)
        found = zip(layout.titles, kinds, strict=True)
        columns = [(layout.key(name), kind) for name, kind in found]
        named = [DeliveredColumn(n, k, True) for n, k in columns if TITLE.fullmatch(n)]
        return [tuple(sorted(named))] * len(paths)
    if source.format not in JSON:
        return [()] * len(paths)
    return _keys(engine, source, paths)


def is_read(source: SourceSpec, column: str) -> bool:
    """Whether the declaration reads a delivered column, or something inside it."""
    if source.unpivot and column.lower().startswith(source.unpivot.prefix.lower()):
        return True
    # Titles are compared without case and spaces, JSON keys are not.
    key = str if source.format in JSON else column_key
    return any(
        touches(key(path), key(column))
        for path in source.vendor_paths
        if path not in PSEUDO_COLUMNS
    )


def _keys(engine: Engine, source: SourceSpec, paths: Sequence[Path]) -> list[Columns]:
    texts = list(_texts(engine, source, paths))
    table = {
        "file": pa.array([number for number, _ in texts], pa.int32()),
        "text": pa.array([text for _, text in texts], pa.string()),
    }
    engine.register("delivered_texts", pa.table(table))
    try:
        found = engine.execute(KEYS.format(enough=ENOUGH_ROWS)).fetchall()
    finally:
        engine.unregister("delivered_texts")
    columns: list[list[DeliveredColumn]] = [[] for _ in paths]
    for number, name, is_usual in found:
        if _is_name(name) and len(columns[number]) < MOST_COLUMNS:
            columns[number].append(DeliveredColumn(name, "", is_usual))
    return [tuple(of_file) for of_file in columns]


def _texts(
    engine: Engine, source: SourceSpec, paths: Sequence[Path]
) -> Iterator[tuple[int, str]]:
    for number, path in enumerate(paths):
        rows = _elements(engine, path) if source.format == "json" else _lines(path)
        size = 0
        for text in islice(rows, SAMPLED_ROWS):
            yield number, text
            size += len(text)
            if size > SAMPLED_BYTES:
                break


def _lines(path: Path) -> Iterator[str]:
    with suppress(RejectedFile):
        for line in physical_lines(path):
            yield line.decode("utf-8", "replace")


def _elements(engine: Engine, path: Path) -> Iterator[str]:
    query = f"{json_texts([path])} limit {SAMPLED_ROWS}"
    with suppress(duckdb.Error, UnicodeDecodeError):
        found = engine.execute(f"select text from ({query})").fetchall()
        yield from (text for (text,) in found)


def _is_name(name: str) -> bool:
    is_plain = all(NAME.fullmatch(part) for part in name.split("."))
    return is_plain and not NUMBERED.search(name.lower())


def touches(path: str, column: str) -> bool:
    """Whether a dotted path is a column, or one lies in the other."""
    path = INDEX.sub("", path)
    return f"{path}.".startswith(f"{column}.") or f"{column}.".startswith(f"{path}.")
