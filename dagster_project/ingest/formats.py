"""The queries that give `read_rows` from each format. Nothing is executed here."""

from pathlib import Path

from dagster_project.ingest.layout import Layout
from dagster_project.ingest.lines import BATCH_BYTES
from dagster_project.ingest.reshape import (
    column_pairs,
    document_pairs,
    exploded,
    json_path,
    unpivoted,
)
from dagster_project.ingest.source_spec import SourceSpec
from dagster_project.warehouse import identifier, literal


def json_texts(paths: list[Path]) -> str:
    """A list of objects in one file; lines are the numbers of its elements."""
    (path,) = paths
    compression = "gzip" if path.suffix == ".gz" else "none"
    return f"""
        select 0 as file, row_number() over () as line,
            encode(cast(json as VARCHAR)) as raw, cast(json as VARCHAR) as text
        from read_json_objects({literal(path)}, format = 'array',
            compression = '{compression}', maximum_object_size = {BATCH_BYTES * 8})"""


def from_documents(source: SourceSpec, layout: Layout, texts: str) -> str:
    """Rows of JSON texts, a query of (file, line, raw, text)."""
    documents = f"""
        select file, line, raw, false as is_empty,
            case when text is null then 'line: not UTF-8'
                when doc is null then 'line: not JSON'
                when json_type(doc) <> 'OBJECT' then 'line: not a JSON object'
            end as problem,
            doc
        from (select *, case when json_valid(text) then text end as doc
            from ({texts}))"""
    if source.explode:
        documents = exploded(documents, source.explode)
    wanted = ", ".join(literal(json_path(path)) for path in layout.titles)
    cells = f"json_extract_string(doc, [{wanted}]::VARCHAR[]) as cells"
    if source.unpivot:
        pairs = document_pairs(source.unpivot.prefix)
        return unpivoted(f"select *, {cells}, {pairs} as pairs from ({documents})")
    return f"select file, line, raw, problem, is_empty, {cells} from ({documents})"


def from_pattern(source: SourceSpec) -> str:
    """Rows of `delivery` (file, line, raw) by the named groups of a pattern."""
    pattern = literal(source.pattern)
    groups = ", ".join(literal(name) for name in source.groups)
    cells = ", ".join(f"found.{identifier(name)}" for name in source.groups)
    return f"""
        select file, line, raw, false as is_empty,
            case when text is null then 'line: not UTF-8'
                when not regexp_full_match(text, {pattern})
                    then 'line: does not match the pattern' end as problem,
            [{cells}] as cells
        from (
            select *, regexp_extract(text, {pattern}, [{groups}]) as found
            from (select *, try(decode(raw)) as text from delivery)
        )"""


def from_parquet(source: SourceSpec, layout: Layout, paths: list[Path]) -> str:
    """Rows of Parquet files; the line is the number of the row, raw is JSON."""
    columns = zip(layout.titles, layout.kinds, strict=True)
    cells = ", ".join(_as_text(name, kind) for name, kind in columns)
    files = ", ".join(literal(path) for path in paths)
    query = f"""
        select list_position([{files}], place.filename) - 1 as file,
            place.file_row_number + 1 as line,
            encode(cast(to_json(delivered) as VARCHAR)) as raw,
            null::VARCHAR as problem, false as is_empty, [{cells}] as cells
        from (
            select
                {{'filename': filename, 'file_row_number': file_row_number}} as place,
                {{{_struct(layout.titles)}}} as delivered
            from read_parquet([{files}], filename = true, file_row_number = true)
        )"""
    return with_unpivot(source, layout, query)


def _struct(titles: tuple[str, ...]) -> str:
    return ", ".join(f"{literal(title)}: {identifier(title)}" for title in titles)


def with_unpivot(source: SourceSpec, layout: Layout, query: str) -> str:
    """The rows of a query, wide columns turned if the source says so."""
    if not source.unpivot:
        return query
    pairs = column_pairs(layout.titles, source.unpivot.prefix)
    return unpivoted(f"select *, {pairs} as pairs from ({query})")


def _as_text(name: str, kind: str) -> str:
    column = f"delivered.{identifier(name)}"
    if kind in ("DOUBLE", "FLOAT"):
        # Ids with gaps come as 12346.0 from pandas.
        is_whole = f"{column} = trunc({column}) and abs({column}) < 9e15"
        whole = f"cast(cast({column} as BIGINT) as VARCHAR)"
        return f"case when {is_whole} then {whole} else cast({column} as VARCHAR) end"
    if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as VARCHAR)"
    return f"cast({column} as VARCHAR)"
