"""Says which required key a JSON delivery of bad rows alone does not have."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from dagster_project.ingest.grammar.field_spec import PSEUDO_COLUMNS
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.reading.layout import Engine, Layout
from dagster_project.ingest.schema_drift import (
    JSON,
    Columns,
    delivered_columns,
    touches,
)


def missing_key(
    engine: Engine, source: SourceSpec, layout: Layout, path: Path
) -> str | None:
    """Why a JSON file of bad rows alone is bad, if a required key is in none of them.

    Names the keys that were found and the nearest.
    """
    if layout.is_closed or source.format not in JSON:
        return None
    (columns,) = delivered_columns(engine, source, layout, [path])
    feed, mapped = source.feed_spec, source.mapped
    wanted = [(name,) for name in feed.required] + list(feed.one_of)
    for group in wanted if columns else ():
        paths = [p for name in group if name in mapped for p in mapped[name].paths]
        named = all(name not in mapped or mapped[name].paths for name in group)
        if named and paths and not _any_found(paths, columns):
            return _missing(" | ".join(group), paths, [c.name for c in columns])
    return None


def _any_found(paths: Iterable[str], columns: Columns) -> bool:
    return any(
        path in PSEUDO_COLUMNS or touches(path, column.name)
        for path in paths
        for column in columns
    )


def _missing(name: str, paths: Sequence[str], found: Sequence[str]) -> str:
    wanted = " | ".join(dict.fromkeys(paths))
    near = difflib.get_close_matches(paths[0], found, n=2, cutoff=0.5)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    return (
        f"required key {wanted} for {name} is in no row;"
        f" found: {', '.join(found)}{hint}"
    )
