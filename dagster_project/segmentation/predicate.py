"""Reads a rule's `when` into one condition over known features, or says why not.

Written by people who may make mistakes and kept in files that others may edit: what
is not understood is refused, so that no text of a declaration reaches the engine.
"""

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dagster_project.declarations import did_you_mean
from dagster_project.errors import DeclarationError
from dagster_project.segmentation.predicate_tree import (
    MIRRORED,
    Comparison,
    Condition,
    Value,
    comparisons,
    joined,
)
from dagster_project.segmentation.predicate_values import (
    DATES,
    Features,
    as_date,
    read_value,
    refused,
)

MAX_LENGTH = 2000
OPERATORS: dict[type, str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


@dataclass(frozen=True)
class Predicate:
    """A condition over features: as written, as SQL, and the features it reads."""

    text: str
    sql: str
    columns: tuple[str, ...]
    root: Condition


def parse_predicate(text: str, features: Features) -> Predicate:
    """One boolean expression over known features.

    Raises DeclarationError with the reason, and a suggestion for a misspelt name.
    """
    try:
        root = _condition(_syntax(text), features, negated=False)
    except RecursionError:
        raise DeclarationError("nested too deeply") from None
    columns = (column for item in comparisons(root) for column in item.columns)
    return Predicate(text.strip(), root.sql, tuple(dict.fromkeys(columns)), root)


def _syntax(text: str) -> exp.Expr:
    bare = QUOTED.sub("''", text)
    for mark, what in ((";", "statement"), ("--", "comment"), ("/*", "comment")):
        if mark in bare:
            raise DeclarationError(f"{mark} begins a {what}; a rule is one condition")
    if len(text) > MAX_LENGTH:
        raise DeclarationError(f"longer than {MAX_LENGTH} characters")
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError as error:
        at = re.search(r"Col: (\d+)", str(error))
        place = f"around character {at.group(1)}" if at else "is a quote left open?"
        raise DeclarationError(f"not a condition: {text.strip()} ({place})") from None
    if len(trees) != 1 or trees[0] is None:
        raise DeclarationError("not a condition: it is empty")
    return trees[0]


def _condition(node: exp.Expr, features: Features, negated: bool) -> Condition:
    if isinstance(node, exp.Paren):
        return _condition(node.this, features, negated)
    if isinstance(node, exp.Not):
        return _condition(node.this, features, not negated)
    if isinstance(node, exp.And | exp.Or):
        parts = [
            _condition(part, features, negated) for part in (node.this, node.expression)
        ]
        return joined("or" if isinstance(node, exp.Or) ^ negated else "and", parts)
    if isinstance(node, exp.Between):
        return _between(node, features, negated)
    return _checked(_comparison(node, features), features, negated)


def _comparison(node: exp.Expr, features: Features) -> Comparison:
    if type(node) in OPERATORS:
        left = read_value(node.this, features)
        right = read_value(node.expression, features)
        return _compared(left, OPERATORS[type(node)], right)
    if isinstance(node, exp.In):
        return _in(node, features)
    if isinstance(node, exp.Is):
        if not isinstance(node.expression, exp.Null):
            raise DeclarationError("after `is` only `null` or `not null` may follow")
        return Comparison(read_value(node.this, features), "is null")
    value = read_value(node, features)
    if value.family != "boolean":
        raise DeclarationError(f"{value.text} is {value.family}, not a condition")
    return Comparison(value, "is true")


def _between(node: exp.Between, features: Features, negated: bool) -> Condition:
    if node.args.get("symmetric"):
        raise DeclarationError("between symmetric is not allowed, order the bounds")
    value = read_value(node.this, features)
    parts: list[Condition] = []
    for operator, key in ((">=", "low"), ("<=", "high")):
        bound = read_value(node.args[key], features)
        comparison = _compared(value, operator, bound)
        parts.append(_checked(comparison, features, negated))
    return joined("or" if negated else "and", parts)


def _in(node: exp.In, features: Features) -> Comparison:
    if node.args.get("query"):
        raise refused(node.args["query"])
    if not node.expressions:
        raise DeclarationError("after `in` a list in brackets is needed: in ('a', 'b')")
    left = read_value(node.this, features)
    right = tuple(
        _compared(left, "=", read_value(item, features)).right[0]
        for item in node.expressions
    )
    if not all(value.is_literal for value in right):
        raise DeclarationError("the list of `in` holds literals only")
    return Comparison(left, "in", right)


def _compared(left: Value, operator: str, right: Value) -> Comparison:
    if left.is_literal and not right.is_literal:
        left, operator, right = right, MIRRORED[operator], left
    if left.family in DATES and right.is_literal and right.family == "text":
        right = as_date(right, left.family)
    if left.family != right.family and not {left.family, right.family} <= set(DATES):
        raise DeclarationError(
            f"{left.text} is {left.family} and {right.text} is {right.family}: "
            "they cannot be compared"
        )
    if operator not in ("=", "<>") and left.family in ("text", "boolean"):
        raise DeclarationError(f"{left.text} is {left.family}: use =, <> or in")
    return Comparison(left, operator, (right,))


def _checked(item: Comparison, features: Features, negated: bool) -> Comparison:
    if not item.columns:
        raise DeclarationError(f"{item.threshold}: a comparison must name a feature")
    allowed = features[item.feature].allowed if item.left.is_column else None
    for value in item.right:
        word = value.text[1:-1].replace("''", "'")
        if allowed and value.is_literal and word not in allowed:
            raise DeclarationError(
                f"{item.feature} is never {value.text}{did_you_mean(word, allowed)} "
                f"Its values are {', '.join(allowed)}."
            )
    return item.negated() if negated else item
