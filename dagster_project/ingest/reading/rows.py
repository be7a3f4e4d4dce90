"""Deliveries become rows of vendor columns, whatever the format.

A query of (file, line, raw, problem, is_empty, ...): number of the file, physical line,
the bytes, what made the row unreadable, and the columns as `layout.cell` finds them.
Files are read once, in a stream; no value is judged here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.reading.delimited import DelimitedReader
from dagster_project.ingest.reading.formats import (
    from_documents,
    from_parquet,
    from_pattern,
    json_texts,
    with_unpivot,
)
from dagster_project.ingest.reading.layout import Engine, Layout
from dagster_project.ingest.reading.lines import LineReader, RejectedFile

Reader = TypeVar("Reader", DelimitedReader, LineReader)


@dataclass
class ReadResult:
    """Blank lines per file, and the files that could not be read to their end."""

    blank: dict[int, int] = field(default_factory=dict)
    rejected: dict[int, RejectedFile] = field(default_factory=dict)


#: Makes a statement of the query of the rows.
Use = Callable[[str], str]


def read_deliveries(
    engine: Engine, source: SourceSpec, layout: Layout, paths: list[Path], use: Use
) -> ReadResult:
    """Carry out a statement over the rows of files of one layout, numbered from 0.

    Rows of a rejected file are in its result all the same. Raises RejectedFile when
    the engine itself cannot read the files; which of them is only known of a single
    one.
    """
    match source.format:
        case "csv":
            return _read_csv(engine, source, layout, paths, use)
        case "jsonl":
            texts = "select file, line, raw, try(decode(raw)) as text from delivery"
            query = from_documents(source, layout, texts)
            return _read_lines(engine, use(query), paths)
        case "regex":
            return _read_lines(engine, use(from_pattern(source)), paths)
        case "json":
            query = from_documents(source, layout, json_texts(paths))
        case _:
            query = from_parquet(source, layout, paths)
    try:
        engine.execute(use(query))
    except (duckdb.BinderException, duckdb.ParserException):
        raise  # ours, not the file's
    except (duckdb.Error, UnicodeDecodeError) as error:
        # The engine cannot even quote bytes that are not UTF-8.
        name = {"json": "a JSON list of objects"}.get(source.format, "Parquet")
        reason = f"not readable as {name} (truncated or damaged)"
        raise RejectedFile(reason) from error
    return ReadResult()


def _read_csv(
    engine: Engine, source: SourceSpec, layout: Layout, paths: list[Path], use: Use
) -> ReadResult:
    readers = [
        DelimitedReader(path, number, source.delimiter, source.header, source.skip)
        for number, path in enumerate(paths)
    ]
    query = "select file, line, raw, problem, false as is_empty, cells from delivery"
    query = with_unpivot(source, layout, query)
    width = len(layout.titles)
    return _read_streams(engine, use(query), readers, lambda r: r.batches(width))


def _read_lines(engine: Engine, statement: str, paths: list[Path]) -> ReadResult:
    readers = [LineReader(path, number) for number, path in enumerate(paths)]
    return _read_streams(engine, statement, readers, lambda reader: reader.batches())


def _read_streams(
    engine: Engine,
    statement: str,
    readers: list[Reader],
    batches: Callable[[Reader], Iterator[pa.RecordBatch]],
) -> ReadResult:
    result = ReadResult()

    def stream() -> Iterator[pa.RecordBatch]:
        for reader in readers:
            try:
                yield from batches(reader)
            except RejectedFile as rejection:
                # It cannot cross the engine: it would arrive as another error.
                result.rejected[reader.file] = rejection

    schema = readers[0].SCHEMA
    engine.register("delivery", pa.RecordBatchReader.from_batches(schema, stream()))
    try:
        engine.execute(statement)
    finally:
        engine.unregister("delivery")
    result.blank = {reader.file: reader.blank for reader in readers}
    return result
