"""Fits a cluster model: sample, choice of k, polish, figures, names.

When a model is fitted, and whether it replaces another, is not decided here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import duckdb
import numpy as np

from dagster_project.errors import SegmentsError
from dagster_project.segmentation import cluster_quality as quality
from dagster_project.segmentation.champion import (
    EVERYONE,
    Champion,
    Cluster,
)
from dagster_project.segmentation.cluster_digest import fingerprint, naming
from dagster_project.segmentation.cluster_names import name_clusters
from dagster_project.segmentation.cluster_sample import (
    all_vectors,
    check_features,
    fit_axes,
    sample_vectors,
)
from dagster_project.segmentation.cluster_space import Axis, significant
from dagster_project.segmentation.cluster_sql import nearest_sql
from dagster_project.segmentation.spec import ClustersSpec
from dagster_project.warehouse import identifier

SOURCE = "features.customer_features"


def fit_champion(
    connection: duckdb.DuckDBPyConnection, spec: ClustersSpec, source: str = SOURCE
) -> Champion:
    """A model fitted on the customers of the source (one row per customer).

    Where no number of clusters passes the gates of the declaration, the answer is
    one cluster named `everyone`. The result depends neither on threads nor on the
    order of rows.
    Raises DeclarationError for a feature that is missing or not a number.
    """
    check_features(connection, spec, source)
    axes = fit_axes(connection, spec, source)
    sample = sample_vectors(connection, axes, spec, source)
    with quality.one_thread():
        found = quality.choose(sample, spec) if len(sample) else None
    return finish(connection, spec, source, axes, sample, found)


def finish(
    connection: duckdb.DuckDBPyConnection,
    spec: ClustersSpec,
    source: str,
    axes: tuple[Axis, ...],
    sample: np.ndarray,
    found: quality.Clustering | None,
) -> Champion:
    """The chosen clustering polished on all rows, ordered, described and named.

    Clusters are in order of size, largest first.
    """
    centroids = _centroids(connection, spec, source, axes, sample, found)
    bare = Champion(
        model=spec.name,
        fingerprint=fingerprint(spec),
        naming=naming(spec),
        fitted_on=_as_of(connection, source),
        axes=axes,
        clusters=tuple(_bare(row) for row in centroids),
        silhouette=found.silhouette if found else None,
        stability=found.stability if found else None,
    )
    described = _described(connection, bare, spec, source, sample)
    if not found:
        return described.with_names([EVERYONE])
    return described.with_names(
        name_clusters(spec, [c.effects for c in described.clusters])
    )


def _centroids(
    connection: duckdb.DuckDBPyConnection,
    spec: ClustersSpec,
    source: str,
    axes: Sequence[Axis],
    sample: np.ndarray,
    found: quality.Clustering | None,
) -> np.ndarray:
    if found is None:
        return (
            sample.mean(axis=0, keepdims=True)
            if len(sample)
            else np.zeros((1, len(axes)))
        )
    if not spec.polish or len(sample) < spec.sample:
        return found.centroids
    with quality.one_thread():
        rows = all_vectors(connection, axes, spec, source)
        return quality.polish(rows, found.centroids)


def _bare(centroid: np.ndarray) -> Cluster:
    return Cluster("", 0, tuple(significant(float(x)) for x in centroid), (), ())


def _described(
    connection: duckdb.DuckDBPyConnection,
    bare: Champion,
    spec: ClustersSpec,
    source: str,
    sample: np.ndarray,
) -> Champion:
    medians = ", ".join(
        f"quantile_cont(cast({identifier(axis.feature)} as double), 0.5)"
        for axis in bare.axes
    )
    nearest = nearest_sql(bare, spec, source)
    query = f"select own - 1, count(*), {medians} from ({nearest}) group by own"
    found = {own: rest for own, *rest in connection.execute(query).fetchall()}
    clusters = []
    for place, cluster in enumerate(bare.clusters):
        customers, *typical = found.get(place, [0] + [None] * len(bare.axes))
        clusters.append(
            Cluster(
                name="",
                customers=customers,
                centroid=cluster.centroid,
                typical=tuple(x if x is None else significant(x) for x in typical),
                effects=_effects(cluster.centroid, sample),
            )
        )
    ordered = sorted(clusters, key=lambda one: (-one.customers, one.centroid))
    return replace(bare, clusters=tuple(ordered))


def _effects(centroid: tuple[float, ...], sample: np.ndarray) -> tuple[float, ...]:
    if not len(sample):
        return (0.0,) * len(centroid)
    spread = sample.std(axis=0)
    away = np.array(centroid) - sample.mean(axis=0)
    effects = np.divide(away, spread, out=np.zeros_like(away), where=spread > 0)
    return tuple(round(float(x), 6) + 0.0 for x in effects)


def _as_of(connection: duckdb.DuckDBPyConnection, source: str) -> date:
    query = f"select max(as_of_date) from {source}"
    [(found,)] = connection.execute(query).fetchall()
    if found is None:
        raise SegmentsError(f"{source} has no rows: clusters have no customers to fit")
    return found
