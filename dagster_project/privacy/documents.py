"""Parquet files and JSON lists without the rows of a subject.

A row that is taken out stays as an empty one (every column NULL, the element `null`),
so that those of others keep their numbers.
"""

import json
import re
from pathlib import Path

from dagster_project.ingest.reading.layout import Engine
from dagster_project.privacy.lines import Redaction, lines, redact_lines, writer
from dagster_project.privacy.traces import ERASED
from dagster_project.warehouse import connect, identifier, literal

BLANK = re.compile(r"[\s,]*")


def redact(path: Path, target: Path, how: Redaction) -> int:
    """Write `target` without the subject, whatever the format of the file.

    The number of records changed; without any nothing is written.
    """
    suffix = path.name.removesuffix(".gz").rpartition(".")[2]
    if suffix == "parquet" and path.read_bytes()[:4] == b"PAR1":
        return _redact_parquet(path, target, how)
    if suffix == "json" and (elements := _elements(b"".join(lines(path)))):
        return _redact_list(elements, path, target, how)
    return redact_lines(path, target, how)


def _elements(content: bytes) -> list[str] | None:
    """The elements of a JSON list as they are written; None if it is none."""
    text = content.decode("utf-8-sig", "surrogateescape")
    begin = len(text) - len(text.lstrip())
    if text[begin : begin + 1] != "[":
        return None
    decoder = json.JSONDecoder()
    found: list[str] = []
    at = begin + 1
    while True:
        at += len(BLANK.match(text, at)[0])  # type: ignore[index]
        if at >= len(text) or text[at] == "]":
            return found
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        found.append(text[at:end])
        at = end


def _redact_list(elements: list[str], path: Path, target: Path, how: Redaction) -> int:
    raws = [text.encode("utf-8", "surrogateescape") for text in elements]
    suspects = [n for n, raw in enumerate(raws, start=1) if how.is_suspect(raw)]
    kept = how.kept(suspects) - how.owned
    theirs = (how.owned | set(suspects)) - kept
    changed = 0
    for number, raw in enumerate(raws, start=1):
        if number in theirs and raw != b"null":
            raws[number - 1] = b"null"
            changed += 1
        elif number in kept:
            raws[number - 1], masked = how.traces.without(raw)
            changed += masked
    if changed:
        with writer(path, target) as out:
            out.write(b"[\n" + b",\n".join(raws) + b"\n]\n")
    return changed


def _redact_parquet(path: Path, target: Path, how: Redaction) -> int:
    source = f"read_parquet({literal(path)}, file_row_number = true)"
    with connect() as engine:
        described = engine.execute(f"describe select * from {source}").fetchall()
        columns = {n: kind for n, kind, *_ in described if n != "file_row_number"}
        theirs, mentions = _rows_of_subject(engine, source, list(columns), how)
        if not theirs and not mentions:
            return 0
        listed = ", ".join(str(number) for number in sorted(theirs)) or "0"
        values = [
            f"case when file_row_number + 1 in ({listed}) then null"
            f" else {_without(name, kind, mentions)} end as {identifier(name)}"
            for name, kind in columns.items()
        ]
        engine.execute(f"""
            copy (select {", ".join(values)} from {source} order by file_row_number)
            to {literal(target)} (format parquet, compression zstd)""")
    return len(theirs) + len(mentions)


def _rows_of_subject(
    engine: Engine, source: str, columns: list[str], how: Redaction
) -> tuple[set[int], set[str]]:
    """The numbers of the subject's rows, and how others' rows mention it."""
    row = ", ".join(f"{identifier(name)} := {identifier(name)}" for name in columns)
    empty = " and ".join(f"{identifier(name)} is null" for name in columns)
    found = engine.execute(f"""
        select file_row_number + 1, cast(to_json(struct_pack({row})) as VARCHAR)
        from {source} where not ({empty})""")
    suspects: dict[int, bytes] = {}
    theirs: set[int] = set()
    while rows := found.fetchmany(10_000):
        for number, text in rows:
            if number in how.owned:
                theirs.add(number)
            elif how.is_suspect(text.encode()):
                suspects[number] = text.encode()
    kept = how.kept(suspects)
    mentions = {
        suspects[number][begin:end].decode()
        for number in kept
        for begin, end in how.traces.spans(suspects[number])
    }
    return theirs | (suspects.keys() - kept), mentions


def _without(name: str, kind: str, mentions: set[str]) -> str:
    value = identifier(name)
    for mention in sorted(mentions) if kind == "VARCHAR" else ():
        value = f"replace({value}, {literal(mention)}, {literal(ERASED.decode())})"
    return value
