"""The queries that give `read_rows` from each format. Nothing is executed here."""

from pathlib import Path

from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.reading.documents import document_columns
from dagster_project.ingest.reading.layout import Layout, as_text
from dagster_project.ingest.reading.lines import LARGEST
from dagster_project.ingest.reading.reshape import (
    column_pairs,
    document_pairs,
    exploded,
    json_path,
    unpivoted,
)
from dagster_project.warehouse import identifier, literal

#: Postgres refuses it, and readers written in C end a text there.
NUL = "'line: holds a NUL character'"


def json_texts(paths: list[Path]) -> str:
    """A list of objects in one file; lines are the numbers of its elements."""
    (path,) = paths
    compression = "gzip" if path.suffix == ".gz" else "none"
    return f"""
        select 0 as file, row_number() over () as line,
            encode(cast(json as VARCHAR)) as raw, cast(json as VARCHAR) as text
        from read_json_objects({literal(path)}, format = 'array',
            compression = '{compression}', maximum_object_size = {LARGEST * 8})"""


def from_documents(source: SourceSpec, layout: Layout, texts: str) -> str:
    """Rows of JSON texts, a query of (file, line, raw, text)."""
    documents = f"""
        select file, line, raw, false as is_empty,
            case when text is null then 'line: not UTF-8'
                when doc is null then 'line: not JSON'
                when not starts_with(text, '{{')
                    and not regexp_matches(doc, '^[ \t\n\r]*[{{]')
                    then 'line: not a JSON object'
                when contains(text, '\\u0000') then {NUL}
            end as problem,
            doc
        from (select *, case when json_valid(text) then text end as doc
            from ({texts}))"""
    if source.explode:
        documents = exploded(documents, source.explode)
    if source.unpivot:
        wanted = ", ".join(literal(json_path(path)) for path in layout.titles)
        cells = f"json_extract_string(doc, [{wanted}]::VARCHAR[]) as cells"
        pairs = document_pairs(source.unpivot.prefix)
        return unpivoted(f"select *, {cells}, {pairs} as pairs from ({documents})")
    columns = document_columns(layout.titles)
    return f"select file, line, raw, problem, is_empty, {columns} from ({documents})"


def from_pattern(source: SourceSpec) -> str:
    """Rows of `delivery` (file, line, raw) by the named groups of a pattern."""
    # The whole line, or a lazy group would end early.
    pattern = literal(f"^(?:{source.pattern})$")
    groups = ", ".join(literal(name) for name in source.groups)
    cells = ", ".join(f"found.{identifier(name)}" for name in source.groups)
    return f"""
        select file, line, raw, false as is_empty,
            case when text is null then 'line: not UTF-8'
                when contains(text, chr(0)) then {NUL}
                when not regexp_full_match(text, {pattern})
                    then 'line: does not match the pattern' end as problem,
            [{cells}] as cells
        from (
            select *, regexp_extract(text, {pattern}, [{groups}]) as found
            from (select *, rtrim(try(decode(raw)), chr(10)) as text from delivery)
        )"""


def from_parquet(source: SourceSpec, layout: Layout, paths: list[Path]) -> str:
    """Rows of Parquet files; the line is the number of the row, raw is JSON.

    The columns lie in `delivered`. Only those of them that are asked for are read,
    unless a row is bad and its bytes are wanted.
    """
    files = ", ".join(literal(path) for path in paths)
    number = f"list_position([{files}], filename) - 1" if len(paths) > 1 else "0"
    query = f"""
        select {number} as file, file_row_number + 1 as line,
            encode(cast(to_json(delivered) as VARCHAR)) as raw,
            null::VARCHAR as problem, false as is_empty, *
        from (
            select {{{_struct(layout.titles)}}} as delivered, filename, file_row_number
            from read_parquet([{files}], filename = true, file_row_number = true)
        )"""
    if not source.unpivot:
        return query
    cells = ", ".join(
        as_text(layout.native_at(place), kind)
        for place, kind in enumerate(layout.kinds, start=1)
    )
    return with_unpivot(source, layout, f"select *, [{cells}] as cells from ({query})")


def _struct(titles: tuple[str, ...]) -> str:
    return ", ".join(f"{literal(title)}: {identifier(title)}" for title in titles)


def with_unpivot(source: SourceSpec, layout: Layout, query: str) -> str:
    """The rows of a query, wide columns turned if the source says so."""
    if not source.unpivot:
        return query
    pairs = column_pairs(layout.titles, source.unpivot.prefix)
    return unpivoted(f"select *, {pairs} as pairs from ({query})")
