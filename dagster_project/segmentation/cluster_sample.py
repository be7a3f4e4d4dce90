"""Pulls the numbers a fit needs out of the engine: a fixed sample, or all rows.

The order never depends on threads or files: it is that of a digest of the id.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import numpy as np

from dagster_project.declarations import did_you_mean
from dagster_project.errors import DeclarationError
from dagster_project.segmentation.cluster_space import (
    Axis,
    coordinate_sql,
    eligible_sql,
    fit_axis,
    shaped_sql,
)
from dagster_project.segmentation.spec import ClustersSpec
from dagster_project.warehouse import identifier

# 4 bytes x features x rows is held at once: 200 MB for ten features.
POLISH_ROWS = 5_000_000
NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "BOOLEAN")


def check_features(
    connection: duckdb.DuckDBPyConnection, spec: ClustersSpec, source: str
) -> None:
    """Raises DeclarationError for a feature that is not a number of the source."""
    about = connection.execute(f"describe {source}").fetchall()
    types = {str(name): str(type_) for name, type_, *_ in about}
    for place, feature in enumerate(spec.features):
        where = f"{spec.path}: features[{place}].feature"
        if feature.feature not in types:
            hint = did_you_mean(feature.feature, types)
            raise DeclarationError(
                f"{where}: unknown feature {feature.feature!r}{hint}"
            )
        if not any(word in types[feature.feature] for word in NUMBERS):
            kind = types[feature.feature].lower()
            reason = f"{feature.feature!r} is {kind}, clusters need numbers"
            raise DeclarationError(f"{where}: {reason}")


def fit_axes(
    connection: duckdb.DuckDBPyConnection, spec: ClustersSpec, source: str
) -> tuple[Axis, ...]:
    """The coordinates fitted on the sample."""
    raw = [f"cast({identifier(f.feature)} as double)" for f in spec.features]
    shaped = [shaped_sql(f.feature, f.transform) for f in spec.features]
    sample = _sampled(source, _has_place(spec), spec.sample)
    matrix = _matrix(connection, sample, [*raw, *shaped], np.float64)
    count = len(raw)
    return tuple(
        fit_axis(feature, matrix[:, place], matrix[:, count + place])
        for place, feature in enumerate(spec.features)
    )


def sample_vectors(
    connection: duckdb.DuckDBPyConnection,
    axes: Sequence[Axis],
    spec: ClustersSpec,
    source: str,
) -> np.ndarray:
    """The vectors of the sample, rows x axes."""
    sample = _sampled(source, _has_place(spec), spec.sample)
    return _matrix(connection, sample, map(coordinate_sql, axes), np.float64)


def all_vectors(
    connection: duckdb.DuckDBPyConnection,
    axes: Sequence[Axis],
    spec: ClustersSpec,
    source: str,
) -> np.ndarray:
    """The vectors of all customers that have a place, rows x axes.

    Beyond five million customers, those first by digest.
    """
    rows = _sampled(source, _has_place(spec), POLISH_ROWS)
    return _matrix(connection, rows, map(coordinate_sql, axes), np.float32)


def _has_place(spec: ClustersSpec) -> str:
    return eligible_sql(spec.features, spec.min_coverage)


def _sampled(source: str, where: str, rows: int) -> str:
    return (
        f"(select * from {source} where {where} "
        f"order by md5(customer_id), customer_id limit {rows})"
    )


def _matrix(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    columns: Iterable[str],
    dtype: type[np.floating],
) -> np.ndarray:
    names = [f"{column} as x{place}" for place, column in enumerate(columns)]
    [(count,)] = connection.execute(f"select count(*) from {rows}").fetchall()
    matrix = np.empty((count, len(names)), dtype=dtype)
    ordered = f"{rows} order by md5(customer_id), customer_id"
    query = f"select {', '.join(names)} from {ordered}"
    start = 0
    reader: Any = connection.sql(query).to_arrow_reader(100_000)
    for batch in reader:
        for place, column in enumerate(batch.columns):
            values = column.to_numpy(zero_copy_only=False)
            matrix[start : start + len(values), place] = values
        start += len(batch)
    return matrix
