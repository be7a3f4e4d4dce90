"""A fitted cluster model as plain numbers, and its rows in a release.

No fitting and no assignment here; nothing is pickled.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from dagster_project.segmentation.cluster_digest import digest
from dagster_project.segmentation.cluster_space import Axis

EVERYONE = "everyone"
# Name and SQL type of each column of the published table.
COLUMNS = {
    "model": "varchar",
    "champion_id": "varchar",
    "fingerprint": "varchar",
    "naming": "varchar",
    "fitted_on": "date",
    "challenged_on": "date",
    "fitted_customers": "bigint",
    "k": "integer",
    "silhouette": "double",
    "stability": "double",
    "cluster": "integer",
    "segment_name": "varchar",
    "customers": "bigint",
    "feature_order": "integer",
    "feature": "varchar",
    "transform": "varchar",
    "low": "double",
    "high": "double",
    "center": "double",
    "scale": "double",
    "weight": "double",
    "fill_value": "double",
    "centroid": "double",
    "centroid_raw": "double",
    "effect": "double",
}
AXIS_COLUMNS = [field.name for field in fields(Axis)]


@dataclass(frozen=True)
class Cluster:
    """One group: its centre and what is typical of it, axis by axis.

    `typical` is the median of the known values in the feature's own units, `effects`
    how far the centre lies from that of all customers, in standard deviations.
    """

    name: str
    customers: int
    centroid: tuple[float, ...]
    typical: tuple[float | None, ...]
    effects: tuple[float, ...]


@dataclass(frozen=True)
class Champion:
    """The frozen model that assigns customers until a challenger replaces it.

    `silhouette` and `stability` are None when no structure was found (one cluster).
    """

    model: str
    fingerprint: str
    naming: str
    fitted_on: date
    axes: tuple[Axis, ...]
    clusters: tuple[Cluster, ...]
    silhouette: float | None = None
    stability: float | None = None
    challenged_on: date | None = None

    @property
    def k(self) -> int:
        """The number of clusters."""
        return len(self.clusters)

    @property
    def fitted_customers(self) -> int:
        """How many customers the model was fitted on; 0 = there was nothing to fit."""
        return sum(cluster.customers for cluster in self.clusters)

    @property
    def names(self) -> list[str]:
        """The segment names in cluster order."""
        return [cluster.name for cluster in self.clusters]

    @property
    def champion_id(self) -> str:
        """A short digest of all numbers that decide an assignment."""
        decisive = [asdict(axis) for axis in self.axes]
        centroids = [cluster.centroid for cluster in self.clusters]
        return digest([self.model, decisive, centroids])

    def with_names(self, names: Iterable[str]) -> "Champion":
        """The same model under other segment names."""
        pairs = zip(self.clusters, names, strict=True)
        named = tuple(replace(cluster, name=name) for cluster, name in pairs)
        return replace(self, clusters=named)

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per cluster and feature, keyed by `COLUMNS`."""
        head = {name: getattr(self, name, None) for name in COLUMNS}
        return [
            {
                **head,
                **asdict(axis),
                "cluster": number,
                "segment_name": cluster.name,
                "customers": cluster.customers,
                "feature_order": place,
                "centroid": cluster.centroid[place],
                "centroid_raw": cluster.typical[place],
                "effect": cluster.effects[place],
            }
            for number, cluster in enumerate(self.clusters)
            for place, axis in enumerate(self.axes)
        ]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> "Champion":
        """The model from its published rows, in whatever order they come.

        Raises ValueError when a cluster or a feature is missing.
        """
        ordered = sorted(rows, key=lambda row: (row["cluster"], row["feature_order"]))
        first = ordered[0]
        own = [row for row in ordered if row["cluster"] == first["cluster"]]
        axes = tuple(Axis(**{c: row[c] for c in AXIS_COLUMNS}) for row in own)
        if len(ordered) != first["k"] * len(axes):
            raise ValueError(f"cluster model {first['model']}: rows are missing")
        kept = [f.name for f in fields(cls) if f.name not in {"axes", "clusters"}]
        starts = range(0, len(ordered), len(axes))
        clusters = tuple(_cluster(ordered[at : at + len(axes)]) for at in starts)
        head = {name: first[name] for name in kept}
        return cls(axes=axes, clusters=clusters, **head)


def _cluster(rows: list[Mapping[str, Any]]) -> Cluster:
    return Cluster(
        name=rows[0]["segment_name"],
        customers=rows[0]["customers"],
        centroid=tuple(row["centroid"] for row in rows),
        typical=tuple(row["centroid_raw"] for row in rows),
        effects=tuple(row["effect"] for row in rows),
    )
