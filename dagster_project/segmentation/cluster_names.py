"""Readable names for clusters, from what sets each apart from all customers.

Words of a feature come from its declaration; nothing here moves a customer.
"""

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_project.segmentation.spec import ClusterFeature, ClustersSpec

# Half a standard deviation is a "medium" effect, a fifth a "small" one (Cohen 1988).
NOTABLE_EFFECT = 0.5
SMALL_EFFECT = 0.2
LEAST_WORDS = 2
WORDS_IN_A_NAME = 3
AVERAGE = "average"
WINDOW = re.compile(r"_(prev_)?\d+[dwmy]$")
ACRONYMS = {"mrr", "arr", "nps", "csat", "rfm"}


def name_clusters(
    spec: "ClustersSpec",
    effects: Sequence[Sequence[float]],
    taken: Collection[str] = (),
) -> list[str]:
    """One name per cluster, such as `high MRR, low activity, detractors`.

    `effects` holds one row per cluster, in standard deviations from all customers.
    A name is unique within the model and differs from those already taken.
    """
    names: list[str] = []
    for place, own in enumerate(effects):
        others = [_phrase(spec.features, row) for row in effects[:place]]
        others += [_phrase(spec.features, row) for row in effects[place + 1 :]]
        names.append(_unused(spec.features, own, {*taken, *names}, set(others)))
    return names


def _unused(
    features: Sequence["ClusterFeature"],
    effects: Sequence[float],
    used: Collection[str],
    wanted: Collection[str],
) -> str:
    phrases = [
        _phrase(features, effects, length)
        for length in range(WORDS_IN_A_NAME, len(features) + 1)
    ] or [_phrase(features, effects)]
    for phrase in phrases:
        if phrase not in used and phrase not in wanted:
            return phrase
    for phrase in phrases:
        if phrase not in used:
            return phrase
    number = 2
    while f"{phrases[-1]} ({number})" in used:
        number += 1
    return f"{phrases[-1]} ({number})"


def _phrase(
    features: Sequence["ClusterFeature"],
    effects: Sequence[float],
    length: int = WORDS_IN_A_NAME,
) -> str:
    ranked = sorted(range(len(effects)), key=lambda place: -abs(effects[place]))
    notable = [place for place in ranked if abs(effects[place]) >= NOTABLE_EFFECT]
    if len(notable) < LEAST_WORDS:
        small = [place for place in ranked if abs(effects[place]) >= SMALL_EFFECT]
        notable = small[:LEAST_WORDS]
    # The order of the declaration, so that names of one model read alike.
    told = [
        _words(features[place], effects[place]) for place in sorted(notable[:length])
    ]
    return ", ".join(dict.fromkeys(told)) or AVERAGE


def _words(feature: "ClusterFeature", effect: float) -> str:
    if feature.words:
        return feature.words.high if effect > 0 else feature.words.low
    return f"{'high' if effect > 0 else 'low'} {_label(feature.feature)}"


def _label(feature: str) -> str:
    words = WINDOW.sub("", feature).split("_")
    return " ".join(word.upper() if word in ACRONYMS else word for word in words)
