"""What a rule is once it has been read: values, comparisons, and / or.

Negation is carried inward while reading, so that no `not` is left in the tree and
each comparison says by itself what is true of a customer. No parsing here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
NEGATED = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "=": "<>",
    "<>": "=",
    "in": "not in",
    "not in": "in",
    "is null": "is not null",
    "is not null": "is null",
    "is true": "is false",
    "is false": "is true",
}


@dataclass(frozen=True)
class Value:
    """One side of a comparison: SQL for the engine, text for people.

    `is_column` and `is_literal` are false for anything composed.
    """

    sql: str
    text: str
    family: str
    columns: tuple[str, ...] = ()
    is_column: bool = False
    is_literal: bool = False


@dataclass(frozen=True)
class Comparison:
    """A statement about one customer that is true, false or not known."""

    left: Value
    operator: str
    right: tuple[Value, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The features it reads, in the order they are named."""
        named = self.left.columns + tuple(c for v in self.right for c in v.columns)
        return tuple(dict.fromkeys(named))

    @property
    def feature(self) -> str:
        """The feature it is about."""
        return self.columns[0]

    @property
    def threshold(self) -> str:
        """What is asked of the feature, such as `>= 12000` or `= 'new'`."""
        if self.operator.startswith("is "):
            condition = self.operator
        else:
            condition = f"{self.operator} {self._right('text')}"
        return condition if self.left.is_column else f"{self.left.text} {condition}"

    @property
    def is_threshold(self) -> bool:
        """Whether it places one numeric feature above or below a number."""
        return (
            self.operator in ("<", "<=", ">", ">=")
            and self.left.is_column
            and self.left.family == "number"
            and self.right[0].is_literal
        )

    @property
    def sql(self) -> str:
        """The statement for the engine, in brackets."""
        if self.operator in ("is true", "is false"):
            return f"({'not ' if self.operator == 'is false' else ''}{self.left.sql})"
        if self.operator.startswith("is "):
            return f"({self.left.sql} {self.operator})"
        return f"({self.left.sql} {self.operator} {self._right('sql')})"

    def negated(self) -> "Comparison":
        """The opposite statement; not known stays not known."""
        return Comparison(self.left, NEGATED[self.operator], self.right)

    def _right(self, form: Literal["sql", "text"]) -> str:
        parts = ", ".join(getattr(value, form) for value in self.right)
        return f"({parts})" if "in" in self.operator.split() else parts


@dataclass(frozen=True)
class Junction:
    """Conditions that must all hold (`and`) or of which one must (`or`)."""

    word: Literal["and", "or"]
    parts: tuple["Condition", ...]

    @property
    def sql(self) -> str:
        """The condition for the engine, in brackets."""
        return "(" + f" {self.word} ".join(part.sql for part in self.parts) + ")"


Condition = Comparison | Junction


def joined(word: Literal["and", "or"], parts: list[Condition]) -> Condition:
    """Parts under one word; nested parts of the same word are drawn up."""
    flat: list[Condition] = []
    for part in parts:
        same = isinstance(part, Junction) and part.word == word
        flat.extend(part.parts if same else [part])  # type: ignore[union-attr]
    return flat[0] if len(flat) == 1 else Junction(word, tuple(flat))


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """The comparisons of a condition in the order they are written."""
    if isinstance(condition, Comparison):
        yield condition
    else:
        for part in condition.parts:
            yield from comparisons(part)


def conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that must all hold."""
    if isinstance(condition, Junction) and condition.word == "and":
        return condition.parts
    return (condition,)
