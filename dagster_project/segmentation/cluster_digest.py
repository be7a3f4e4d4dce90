"""Short digests: of a model's numbers, and of what a declaration asks for."""

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_project.segmentation.spec import ClustersSpec


def fingerprint(spec: "ClustersSpec") -> str:
    """A digest of what a declaration asks of the fit: another one needs a refit.

    Words, title and cadence are not part of it: they move no customer.
    """
    shape = {"features", "k", "seed", "sample", "starts", "polish", "gates"}
    asked = spec.model_dump(mode="json", include=shape | {"min_coverage"})
    for feature in asked["features"]:
        feature.pop("words", None)
    asked["gates"].pop("max_moved", None)
    return digest(asked)


def naming(spec: "ClustersSpec") -> str:
    """A digest of the words a declaration gives to its features."""
    words = {f.feature: f.words and f.words.model_dump() for f in spec.features}
    return digest(words)


def digest(value: object) -> str:
    """Twelve hexadecimal digits that stand for a plain value."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]
