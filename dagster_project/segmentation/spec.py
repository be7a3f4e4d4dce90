"""What a file in `segments/` may say, kind by kind.

Predicates are text here; `predicate.py` reads them against the feature contract.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from dagster_project.declarations import Declaration, did_you_mean, parse, read_yaml
from dagster_project.errors import DeclarationError

UNKNOWN = "unknown"
SNAKE_CASE = r"^[a-z][a-z0-9_]*$"


def _is_not_reserved(name: str) -> str:
    if name == UNKNOWN:
        raise ValueError("'unknown' is reserved for customers that cannot be judged")
    return name


Name = Annotated[str, Field(pattern=SNAKE_CASE, max_length=60)]
SegmentName = Annotated[Name, AfterValidator(_is_not_reserved)]
Requirement = Annotated[str, Field(pattern=r"^R([1-9]|[1-7][0-9]|80)$")]
Words = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class ModelSpec(Declaration):
    """What every segment model declares, whatever its kind."""

    name: Name
    path: Path = Field(Path(), exclude=True, description="For messages only")
    title: Words
    goal: Words
    kpi: Name
    owner: Words
    reviewed_on: date
    review_notes: str | None = None
    requirement: list[Requirement] = []
    sensitive: bool = False
    purpose: str | None = None

    @model_validator(mode="after")
    def _says_why_it_is_sensitive(self) -> "ModelSpec":
        if self.sensitive and not (self.purpose or "").strip():
            raise ValueError("a sensitive model needs a written `purpose`")
        return self


class SegmentRule(Declaration):
    """One rule: the customers it takes and what they are in plain words."""

    name: SegmentName
    when: Words
    means: Words


class RulesSpec(ModelSpec):
    """Rules in order, the first that is true takes the customer."""

    kind: Literal["rules"]
    segments: list[SegmentRule] = Field(min_length=1)
    otherwise: SegmentName
    otherwise_means: str | None = None

    @model_validator(mode="after")
    def _names_each_segment_once(self) -> "RulesSpec":
        names = [rule.name for rule in self.segments] + [self.otherwise]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"segment named more than once: {', '.join(twice)}")
        return self


class FeatureWords(Declaration):
    """How a high and a low value of a feature read in a cluster's name."""

    high: Words
    low: Words


class ClusterFeature(Declaration):
    """One dimension of the space in which clusters are looked for."""

    feature: Name
    transform: Literal["log", "robust", "standard", "none"] = "robust"
    weight: float = Field(1.0, gt=0)
    fill: Literal["median", "zero"] | None = None
    words: FeatureWords | None = None


class ClusterCount(Declaration):
    """The numbers of clusters that are tried."""

    min: Annotated[int, Field(ge=2)] = 2
    max: Annotated[int, Field(ge=2, le=50)] = 8

    @model_validator(mode="after")
    def _is_a_range(self) -> "ClusterCount":
        if self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}")
        return self


class ClusterGates(Declaration):
    """What a fitted model must reach before it may assign customers."""

    silhouette: Annotated[float, Field(ge=-1, le=1)] = 0.15
    min_share: Share = 0.02
    stability: Share = 0.7
    max_moved: Share = 0.2


class ClustersSpec(ModelSpec):
    """Groups found by the data, kept by a frozen champion from night to night."""

    kind: Literal["clusters"]
    features: list[ClusterFeature] = Field(min_length=1)
    k: ClusterCount = ClusterCount()
    seed: int = Field(0, ge=0)
    sample: int = Field(50_000, ge=100)
    starts: int = Field(20, ge=1)
    polish: bool = True
    gates: ClusterGates = ClusterGates()
    refit_every_days: int = Field(30, ge=1)
    min_coverage: Share = 0.5

    @model_validator(mode="after")
    def _names_each_feature_once(self) -> "ClustersSpec":
        names = [feature.feature for feature in self.features]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"feature named more than once: {', '.join(twice)}")
        return self


KINDS: dict[str, type[ModelSpec]] = {"rules": RulesSpec, "clusters": ClustersSpec}


def load_models(folder: Path) -> list[ModelSpec]:
    """All segment models of a folder, sorted by name.

    Raises DeclarationError naming file, key and reason.
    """
    if not folder.is_dir():
        raise DeclarationError(f"{folder}: no such folder of segment declarations")
    for path in sorted(folder.glob("*.yaml")):
        raise DeclarationError(f"{path}: rename it to {path.stem}.yml to be read")
    return [_load(path) for path in sorted(folder.glob("*.yml"))]


def model_from(data: dict[str, Any], path: Path) -> ModelSpec:
    """A model from parsed content that carries its name, as a release keeps it.

    Raises DeclarationError for an unknown kind or a wrong key.
    """
    kind = str(data.get("kind"))
    if kind not in KINDS:
        guess = did_you_mean(kind, KINDS)
        known = " and ".join(sorted(KINDS, reverse=True))
        raise DeclarationError(
            f"{path}: kind: {kind!r} is not available, the kinds are {known}{guess}"
        )
    return parse(KINDS[kind], {**data, "path": path}, path)


def _load(path: Path) -> ModelSpec:
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise DeclarationError(f"{path}: expected keys and values")
    for key in ("name", "path"):
        if key in data:
            raise DeclarationError(f"{path}: {key}: is the file's own, leave it out")
    return model_from({**data, "name": path.stem}, path)
