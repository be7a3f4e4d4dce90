"""A rule model whose predicates have been read, and the numbering of its answers.

No SQL is put together here; `rule_sql.py` does that from the numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dagster_project.errors import DeclarationError
from dagster_project.segmentation.predicate import Predicate, parse_predicate
from dagster_project.segmentation.predicate_tree import (
    Comparison,
    comparisons,
    conjuncts,
)
from dagster_project.segmentation.predicate_values import Features
from dagster_project.segmentation.spec import UNKNOWN, RulesSpec


@dataclass(frozen=True)
class Reason:
    """What may decide: a comparison of a rule, or a feature of it that is missing."""

    rule: int
    comparison: Comparison
    feature: str
    is_missing: bool = False


@dataclass(frozen=True)
class Threshold:
    """A comparison with a number that alone can change who a rule takes.

    `others` are the positions of the conditions that must hold besides.
    """

    reason: int
    rule: int
    comparison: Comparison
    others: tuple[int, ...]


@dataclass(frozen=True)
class RuleModel:
    """Rules in order.

    Outcomes are numbered: i for rule i, n (the number of rules) for otherwise, and
    -1 - i where rule i could not be judged.
    """

    spec: RulesSpec
    predicates: tuple[Predicate, ...]

    @property
    def otherwise(self) -> int:
        """The outcome of a customer that no rule takes."""
        return len(self.predicates)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The features that any rule reads."""
        named = (column for p in self.predicates for column in p.columns)
        return tuple(dict.fromkeys(named))

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """All comparisons in the order they are written, then all missing features."""
        stated = [
            Reason(rule, comparison, comparison.feature)
            for rule, predicate in enumerate(self.predicates)
            for comparison in comparisons(predicate.root)
        ]
        missing = [
            Reason(stated_.rule, stated_.comparison, feature, is_missing=True)
            for stated_ in stated
            for feature in stated_.comparison.columns
        ]
        return tuple(stated + missing)

    @cached_property
    def thresholds(self) -> tuple[Threshold, ...]:
        """The comparisons with a number that are a whole condition of a rule."""
        found = []
        number = 0
        for rule, predicate in enumerate(self.predicates):
            parts = conjuncts(predicate.root)
            for position, part in enumerate(parts):
                if isinstance(part, Comparison) and part.is_threshold:
                    others = tuple(c for c in range(len(parts)) if c != position)
                    found.append(Threshold(number, rule, part, others))
                number += len(list(comparisons(part)))
        return tuple(found)

    def outcomes(self) -> list[tuple[int, str, str]]:
        """Outcome number, segment and reason code of all answers."""
        rules = [(i, rule.name, "rule") for i, rule in enumerate(self.spec.segments)]
        unknown = [(-1 - i, UNKNOWN, "unknown") for i in range(self.otherwise)]
        return [*rules, (self.otherwise, self.spec.otherwise, "otherwise"), *unknown]


def read_rules(models: Sequence[RulesSpec], features: Features) -> list[RuleModel]:
    """Reads the predicates of all models.

    Raises DeclarationError with one line per wrong predicate: file, key, reason.
    """
    problems: list[str] = []
    read = [_read(model, features, problems) for model in models]
    if problems:
        raise DeclarationError("\n".join(problems))
    return read


def _read(model: RulesSpec, features: Features, problems: list[str]) -> RuleModel:
    predicates = []
    for i, rule in enumerate(model.segments):
        try:
            predicates.append(parse_predicate(rule.when, features))
        except DeclarationError as error:
            problems.append(f"{model.path}: segments[{i}].when: {error}")
    return RuleModel(model, tuple(predicates))
