"""Which cluster model assigns tonight: the frozen champion, or one that beats it.

Fitting itself is elsewhere; a decision is a small dictionary for log and manifest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import numpy as np

from dagster_project.segmentation import cluster_quality as quality
from dagster_project.segmentation.champion import Champion
from dagster_project.segmentation.cluster_digest import fingerprint, naming
from dagster_project.segmentation.cluster_fit import SOURCE, finish, fit_champion
from dagster_project.segmentation.cluster_matching import (
    centroid_matrix,
    matched_names,
    moved_into,
    moved_share,
)
from dagster_project.segmentation.cluster_names import name_clusters
from dagster_project.segmentation.cluster_sample import (
    check_features,
    fit_axes,
    sample_vectors,
)
from dagster_project.segmentation.cluster_space import Axis
from dagster_project.segmentation.spec import ClustersSpec

# The silhouette of the same customers moves by about 0.01 between samples of 5,000:
# less than twice that is no reason to move anybody.
BETTER_BY = 0.02

Decision = dict[str, Any]


def champion_for_tonight(
    connection: duckdb.DuckDBPyConnection,
    spec: ClustersSpec,
    previous_rows: Iterable[Mapping[str, Any]] | None,
    as_of: date,
    source: str = SOURCE,
) -> tuple[Champion, Decision]:
    """The model that assigns tonight, and why.

    `previous_rows` are the rows of `cluster_models` in the predecessor's release; other
    models among them are left aside. The decision is one of first, definition (the
    declaration asks for another fit), kept, promoted or rejected (a challenger was
    fitted).
    """
    own = [row for row in previous_rows or [] if row["model"] == spec.name]
    previous = Champion.from_rows(own) if own else None
    if previous is None or not previous.fitted_customers:
        champion = fit_champion(connection, spec, source)
        return champion, _decision(champion, "first")
    if previous.fingerprint != fingerprint(spec):
        champion = fit_champion(connection, spec, source)
        return champion, _decision(champion, "definition")
    kept = _renamed(previous, spec)
    if (as_of - (kept.challenged_on or kept.fitted_on)).days < spec.refit_every_days:
        return kept, _decision(kept, "kept")
    return challenge(connection, spec, kept, source)


def challenge(
    connection: duckdb.DuckDBPyConnection,
    spec: ClustersSpec,
    champion: Champion,
    source: str = SOURCE,
) -> tuple[Champion, Decision]:
    """A refit against the champion on tonight's customers, and the winner.

    Two challengers run: one warm-started from the champion's centroids, one free. The
    better one wins when its silhouette is better by 0.02 and at most the declared
    share of customers would change their label; it keeps the names of the groups it
    shares with the champion.
    """
    check_features(connection, spec, source)
    axes = fit_axes(connection, spec, source)
    sample = sample_vectors(connection, axes, spec, source)
    old_vectors = sample_vectors(connection, champion.axes, spec, source)
    old = quality.nearest(old_vectors, centroid_matrix(champion))
    with quality.one_thread():
        before = quality.silhouette(sample, old)
        found = _challenger(sample, champion, axes, spec)
    tried = finish(connection, spec, source, axes, sample, found)
    stays = replace(champion, challenged_on=tried.fitted_on)
    facts: Decision = {"silhouette": before, "challenger_id": tried.champion_id}
    if found is None:
        return stays, _decision(
            stays, "rejected", "no clustering passes the gates", facts
        )
    new = quality.nearest(sample, centroid_matrix(tried))
    tried = tried.with_names(matched_names(champion, tried, old, new, spec))
    moved = moved_share(champion.names, tried.names, old, new)
    facts |= {"challenger_silhouette": found.silhouette, "moved_share": moved}
    reason = _objection(champion, before, found.silhouette, moved, spec)
    if reason:
        return stays, _decision(stays, "rejected", reason, facts)
    return tried, _decision(tried, "promoted", "", facts)


def _challenger(
    sample: np.ndarray, champion: Champion, axes: tuple[Axis, ...], spec: ClustersSpec
) -> quality.Clustering | None:
    free = quality.choose(sample, spec)
    if not 1 < champion.k <= quality.most_clusters(sample):
        return free
    start = moved_into(champion, axes)
    warm = quality.judged(sample, quality.polish(sample.copy(), start), spec)
    if warm is None or free is None:
        return warm or free
    return free if free.silhouette >= warm.silhouette + BETTER_BY else warm


def _objection(
    champion: Champion, before: float, after: float, moved: float, spec: ClustersSpec
) -> str:
    if champion.k == 1:
        return ""
    if after < before + BETTER_BY:
        return f"silhouette {after:.3f} is not {BETTER_BY} above {before:.3f}"
    if moved > spec.gates.max_moved:
        return f"{moved:.1%} would change cluster, {spec.gates.max_moved:.1%} may"
    return ""


def _renamed(champion: Champion, spec: ClustersSpec) -> Champion:
    if champion.naming == naming(spec) or champion.k == 1:
        return champion
    names = name_clusters(spec, [cluster.effects for cluster in champion.clusters])
    return replace(champion.with_names(names), naming=naming(spec))


def _decision(
    champion: Champion, decision: str, reason: str = "", facts: Decision | None = None
) -> Decision:
    return {
        "model": champion.model,
        "decision": decision,
        "reason": reason,
        "champion_id": champion.champion_id,
        "k": champion.k,
        **(facts or {}),
    }
