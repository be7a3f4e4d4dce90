"""Describes the clusters of a frozen model for the registry. Nothing is assigned."""

from typing import Any

from dagster_project.segmentation.champion import EVERYONE, Champion, Cluster
from dagster_project.segmentation.cluster_space import plain
from dagster_project.segmentation.spec import UNKNOWN, ClustersSpec

UNKNOWN_MEANS = "Too little is known of the customer to compare it with others"
EVERYONE_MEANS = "The customers do not fall into groups that would last"


def cluster_rows(champion: Champion, spec: ClustersSpec) -> list[dict[str, Any]]:
    """The segments of one model, as the registry lists them.

    The clusters in order of size when they were fitted, then `unknown`. `means` gives
    the typical value of each feature in its own units.
    """
    least = f"less than {spec.min_coverage:.0%} of the features are known"
    needed = [feature.feature for feature in spec.features if not feature.fill]
    missing = f", or {' or '.join(needed)} is not" if needed else ""
    named = [(c.name, _rule(champion), _means(champion, c)) for c in champion.clusters]
    named.append((UNKNOWN, least + missing, UNKNOWN_MEANS))
    return [
        {
            "model": spec.name,
            "segment": segment,
            "segment_order": order,
            "kind": spec.kind,
            "title": spec.title,
            "goal": spec.goal,
            "kpi": spec.kpi,
            "owner": spec.owner,
            "requirement": ", ".join(spec.requirement),
            "rule": rule,
            "means": means,
            "reviewed_on": spec.reviewed_on,
        }
        for order, (segment, rule, means) in enumerate(named, start=1)
    ]


def _rule(champion: Champion) -> str:
    if champion.names == [EVERYONE]:
        return "no structure was found"
    centers = f"the nearest of {champion.k} centers"
    return f"{centers} of model {champion.champion_id}, fitted on {champion.fitted_on}"


def _means(champion: Champion, cluster: Cluster) -> str:
    if champion.names == [EVERYONE]:
        return EVERYONE_MEANS
    pairs = zip(champion.axes, cluster.typical, strict=True)
    told = [f"{a.feature} {plain(round(x, 2))}" for a, x in pairs if x is not None]
    return f"Typical: {', '.join(told)}"
