"""A fitted model of value: its numbers, its rows in a release, when it is refitted.

No fitting here; nothing is pickled.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from dagster_project.state import hash_of

# A change of what is fitted: models of an earlier definition are fitted again.
DEFINITION = 1

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """What a fit found. Without parameters, `problem` says in words why not."""

    parameters: dict[str, float]
    metrics: dict[str, float] = field(default_factory=dict)
    customers: int = 0
    problem: str = ""
    note: str = ""
    is_too_little: bool = False


@dataclass(frozen=True)
class ValueModel:
    """The model that values customers tonight; without parameters there is none."""

    model: str
    status: str
    definition: str
    outcome: Outcome
    fitted_on: date | None
    challenged_on: date

    @property
    def champion_id(self) -> str | None:
        """A short digest of the numbers that decide a value."""
        parameters = self.outcome.parameters
        return hash_of([self.model, parameters]) if parameters else None

    @property
    def note(self) -> str:
        """Why there is no model, or what to know of it."""
        return self.outcome.problem or self.outcome.note

    def to_rows(self) -> list[Row]:
        """One row per number, in the order of the columns of `scores.score_models`."""
        numbers = [
            *(("parameter", *item, None) for item in self.outcome.parameters.items()),
            *(("metric", *item, None) for item in self.outcome.metrics.items()),
            ("state", "definition", None, self.definition),
            ("state", "note", None, self.note),
        ]
        head = (
            self.model,
            self.champion_id,
            self.status,
            self.fitted_on,
            self.challenged_on,
            self.outcome.customers,
        )
        return [(*head, *number) for number in numbers]

    @property
    def decision(self) -> dict[str, Any]:
        """What was decided, for the log."""
        return {
            "model": self.model,
            "decision": self.status,
            "reason": self.note,
            "champion_id": self.champion_id,
        }


def from_rows(rows: Iterable[Mapping[str, Any]], model: str) -> ValueModel | None:
    """The model as a release has published it; None when that has none."""
    own = [row for row in rows if row["model"] == model]
    numbers = {
        kind: {row["name"]: row["value"] for row in own if row["kind"] == kind}
        for kind in ("parameter", "metric")
    }
    said = {row["name"]: row["note"] for row in own if row["kind"] == "state"}
    if not numbers["parameter"] or "definition" not in said:
        return None
    first = own[0]
    note = said.get("note") or ""
    found = Outcome(
        numbers["parameter"], numbers["metric"], first["fitted_customers"], "", note
    )
    days = first["fitted_on"], first["challenged_on"]
    return ValueModel(model, "kept", said["definition"], found, *days)


def champion(
    model: str,
    previous: ValueModel | None,
    as_of: date,
    keep_days: float,
    context: str,
    fit: Callable[[], Outcome],
) -> ValueModel:
    """The model of tonight: kept until its cadence ends, else fitted on tonight.

    A model that was once trusted stays when tonight's fit is not to be trusted.
    """
    definition = hash_of([DEFINITION, model, context])
    if previous is not None and previous.definition != definition:
        previous = None
    if previous and (as_of - previous.challenged_on).days < keep_days:
        return previous
    found = fit()
    if found.parameters:
        rounded = {name: round_off(v) for name, v in found.parameters.items()}
        found = replace(found, parameters=rounded)
        return ValueModel(model, "fitted", definition, found, as_of, as_of)
    if previous:
        why = f"the fit of {as_of} was not taken: {found.problem}"
        return replace(
            previous,
            outcome=replace(previous.outcome, note=why),
            challenged_on=as_of,
        )
    status = "too_little_history" if found.is_too_little else "not_trusted"
    return ValueModel(model, status, definition, found, None, as_of)


def too_little(name: str, found: int, minimum: Mapping[str, float]) -> Outcome | None:
    """Why there is nothing to fit, when less was found than the threshold asks for."""
    wanted = minimum[f"clv_minimum_{name}"]
    if found >= wanted:
        return None
    words = name.replace("_", " ")
    problem = f"{found} {words}, {wanted:g} are needed"
    return Outcome({}, problem=problem, is_too_little=True)


def round_off(value: float) -> float:
    """Ten digits: what differs between machines is beyond them."""
    return float(f"{value:.10g}")
