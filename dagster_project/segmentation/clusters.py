"""Discovered clusters: fit, freeze, assign, challenge. The door for other stages."""

from dagster_project.segmentation.champion import COLUMNS, Champion
from dagster_project.segmentation.cluster_assign import assign_clusters
from dagster_project.segmentation.cluster_challenge import (
    challenge,
    champion_for_tonight,
)
from dagster_project.segmentation.cluster_fit import fit_champion
from dagster_project.segmentation.cluster_models import read_champions, write_champions
from dagster_project.segmentation.cluster_registry import cluster_rows

__all__ = [
    "COLUMNS",
    "Champion",
    "assign_clusters",
    "challenge",
    "champion_for_tonight",
    "cluster_rows",
    "fit_champion",
    "read_champions",
    "write_champions",
]
