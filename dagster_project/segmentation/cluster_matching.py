"""Sets a challenger beside the champion: same space, same names, who moves.

Whether the challenger wins is not decided here.
"""

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.segmentation.champion import Champion
from dagster_project.segmentation.cluster_names import name_clusters
from dagster_project.segmentation.cluster_space import Axis

if TYPE_CHECKING:
    from dagster_project.segmentation.spec import ClustersSpec

# Two clusters are the same group when they share more customers than not.
SAME_GROUP = 0.5


def centroid_matrix(champion: Champion) -> np.ndarray:
    """The centroids, k x axes."""
    return np.array([cluster.centroid for cluster in champion.clusters])


def moved_into(champion: Champion, axes: tuple[Axis, ...]) -> np.ndarray:
    """The champion's centroids in the coordinates of other axes."""
    centroids = centroid_matrix(champion)
    for place, (old, new) in enumerate(zip(champion.axes, axes, strict=True)):
        shaped = centroids[:, place] / old.stretch * old.scale + old.center
        centroids[:, place] = (shaped - new.center) / new.scale * new.stretch
    return centroids


def matched_names(
    champion: Champion,
    tried: Champion,
    old: np.ndarray,
    new: np.ndarray,
    spec: "ClustersSpec",
) -> list[str]:
    """Names of the champion for groups that stay, generated ones for the others.

    Matched by shared customers (Hungarian method, Kuhn 1955).
    """
    from scipy.optimize import linear_sum_assignment

    shared = np.zeros((champion.k, tried.k), dtype=np.int64)
    np.add.at(shared, (old, new), 1)
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    alike = shared / np.maximum(either, 1)
    kept = {
        int(column): champion.names[row]
        for row, column in zip(*linear_sum_assignment(-alike), strict=True)
        if alike[row, column] >= SAME_GROUP
    }
    left = [place for place in range(tried.k) if place not in kept]
    effects = [tried.clusters[place].effects for place in left]
    fresh = name_clusters(spec, effects, taken=kept.values())
    return [(kept | dict(zip(left, fresh, strict=True)))[p] for p in range(tried.k)]


def moved_share(
    before: list[str], after: list[str], old: np.ndarray, new: np.ndarray
) -> float:
    """The share of customers whose segment name would be another one."""
    moved = np.array(before)[old] != np.array(after)[new]
    return round(float(moved.mean()), 6)
