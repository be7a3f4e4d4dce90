"""The columns of a delivery under the names that a declaration uses, as SQL.

How they become ours is in `mapping.py`.
"""

from dagster_project.ingest.grammar.expressions import vendor_column
from dagster_project.ingest.grammar.field_spec import PSEUDO_COLUMNS
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.reading.layout import Layout
from dagster_project.ingest.reading.reshape import inside
from dagster_project.ingest.reading.unquoted import WHOLE_LINE, parts_sql, problem_sql
from dagster_project.warehouse import identifier


def native_column(path: str) -> str:
    """The SQL name of a vendor column in the type that it was delivered with."""
    return identifier(f"n.{path}")


def holds(source: SourceSpec, layout: Layout, path: str) -> bool:
    """Whether the delivery can have a vendor column."""
    if path in PSEUDO_COLUMNS or source.is_split:
        return True
    return layout.holds(_in_file(source, path))


def _in_file(source: SourceSpec, path: str) -> str:
    """A path under the name that the file itself has for its column."""
    name, dot, inner = path.partition(".")
    if name not in source.columns:
        return path
    return f"column_{source.columns.index(name) + 1}{dot}{inner}"


def _cell(source: SourceSpec, layout: Layout, path: str) -> str:
    if not source.is_split:
        return layout.cell(_in_file(source, path))
    name, _, inner = path.partition(".")
    cell = f"{_parts(source, layout)}[{source.columns.index(name) + 1}]"
    return inside(cell, inner) if inner else cell


def _parts(source: SourceSpec, layout: Layout) -> str:
    return parts_sql(layout.cell(WHOLE_LINE), source.delimiter)


def _problem(source: SourceSpec, layout: Layout) -> str:
    if not source.is_split:
        return "problem"
    return problem_sql(_parts(source, layout), len(source.columns))


def vendor_sql(source: SourceSpec, layout: Layout, rows: str) -> str:
    """The query of the rows of a delivery with every vendor column that is asked for.

    `rows` is a query as `reading/rows.py` makes it. The result has (_file, _line, _raw,
    _digest, _problem, is_empty, _latest, _version_text, `v.<column>`..., `n.<column>`
    of those with a type of their own).
    """
    pseudo = {
        "_path": "_path",
        "_line": "cast(line as VARCHAR)",
        "_row": "try(decode(raw))",
    }
    paths = (*source.vendor_paths, *_unpivoted(source))
    columns = [
        f"{_trimmed(pseudo.get(path) or _cell(source, layout, path))}"
        f" as {vendor_column(path)}"
        for path in dict.fromkeys(paths)
    ]
    columns += [
        f"{layout.native(path)} as {native_column(path)}"
        for path in sorted({f.path[0] for f in source.mapped.values() if f.path})
        if layout.native_kind(path)
    ]
    own = ["file as _file", "line as _line", "raw as _raw"]
    own += [
        f"{_digest(source, layout)} as _digest",
        f"{_problem(source, layout)} as _problem",
        "is_empty",
        "_latest",
        "_version_text",
    ]
    return f"""
        select {", ".join([*own, *columns])}
        from ({rows}) as read_rows inner join batch_files using (file)"""


def _digest(source: SourceSpec, layout: Layout) -> str:
    # A response on two pages lies among others on each: its own values are what counts.
    is_part_of_line = source.explode or source.unpivot
    return "0::UBIGINT" if is_part_of_line else layout.digest


def _trimmed(text: str) -> str:
    # Most texts have nothing to trim, and looking is four times cheaper.
    ends = " or ".join(f"suffix({text}, chr({code}))" for code in (32, 9, 10, 13))
    return f"""case when {text} < '!' or {ends}
        then nullif(trim({text}, ' \t\r\n'), '') else {text} end"""


def _unpivoted(source: SourceSpec) -> tuple[str, ...]:
    return (source.unpivot.key, source.unpivot.value) if source.unpivot else ()
