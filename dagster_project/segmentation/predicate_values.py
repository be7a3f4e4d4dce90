"""Reads one side of a comparison: features, literals, arithmetic, few functions.

Everything that is not listed here is refused; SQL is written anew from what was
understood, never copied from the declaration.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlglot import exp

from dagster_project.declarations import did_you_mean
from dagster_project.errors import DeclarationError
from dagster_project.segmentation.feature_contract import FeatureColumn
from dagster_project.segmentation.predicate_tree import Value
from dagster_project.warehouse import identifier, literal

Features = Mapping[str, FeatureColumn]

KEYS = ("customer_id", "account_id", "primary_person_id")
DATES = ("date", "timestamp")
UNITS = ("day", "week", "month", "year")
ARITHMETIC: dict[type, str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
# name, families of the arguments (None: all alike), family of the result
FUNCTIONS: dict[type, tuple[str, str | None, str | None]] = {
    exp.Abs: ("abs", "number", "number"),
    exp.Coalesce: ("coalesce", None, None),
    exp.Greatest: ("greatest", None, None),
    exp.Least: ("least", None, None),
    exp.Length: ("length", "text", "number"),
    exp.Lower: ("lower", "text", "text"),
    exp.Upper: ("upper", "text", "text"),
}
FUNCTION_NAMES = sorted([f[0] for f in FUNCTIONS.values()] + ["round", "date_diff"])


def read_value(node: exp.Expr, features: Features) -> Value:
    """One side of a comparison.

    Raises DeclarationError for whatever a rule may not say.
    """
    kind = type(node)
    if kind in ARITHMETIC:
        return _arithmetic(node, features)
    if kind in FUNCTIONS:
        return _function(node, features)
    reader = READERS.get(kind)
    if reader is None:
        raise refused(node)
    return reader(node, features)


def as_date(value: Value, family: str) -> Value:
    """A text literal as the date or time it is compared with.

    Raises DeclarationError when it is not written as 2026-11-21 [12:30:00].
    """
    text = value.text.strip("'")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo or (family == "date" and len(text) > 10):
        raise DeclarationError(f"{value.text} is not a {family}, write '2026-11-21'")
    written = at.date().isoformat() if family == "date" else at.isoformat(" ")
    sql = f"{family} {literal(written)}"
    return Value(sql, value.text, family, is_literal=True)


def refused(node: exp.Expr) -> DeclarationError:
    """The message for anything a rule may not say."""
    text = node.sql(dialect="duckdb", comments=False)[:60]
    if isinstance(node, exp.Null):
        return DeclarationError("NULL cannot be compared, write `is null`")
    if isinstance(node, exp.Query | exp.Subquery | exp.Exists):
        return DeclarationError(f"sub-queries are not allowed: {text}")
    if isinstance(node, exp.Func):
        known = ", ".join(FUNCTION_NAMES)
        return DeclarationError(f"{text} is not allowed, functions are {known}")
    return DeclarationError(f"{text} is not allowed in a rule")


def _column(node: exp.Expr, features: Features) -> Value:
    if node.args.get("table"):
        raise DeclarationError(f"write {node.name} without a table before it")
    name = node.name if node.this.args.get("quoted") else node.name.lower()
    if name in KEYS:
        raise DeclarationError(f"{name} names a customer, it is not a feature")
    if name not in features:
        guess = did_you_mean(name, [f for f in features if f not in KEYS])
        raise DeclarationError(f"unknown feature {name!r}{guess}")
    family = features[name].family
    if family == "other":
        raise DeclarationError(f"{name} is {features[name].type}, not for rules")
    return Value(identifier(name), name, family, (name,), is_column=True)


def _literal(node: exp.Expr, features: Features) -> Value:
    text = str(node.this)
    if node.args.get("is_string"):
        return Value(literal(text), literal(text), "text", is_literal=True)
    if not re.fullmatch(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", text):
        raise DeclarationError(f"{text} is not a number")
    return Value(text, text, "number", is_literal=True)


def _boolean(node: exp.Expr, features: Features) -> Value:
    text = "true" if node.this else "false"
    return Value(text, text, "boolean", is_literal=True)


def _bracket(node: exp.Expr, features: Features) -> Value:
    return read_value(node.this, features)


def _negative(node: exp.Expr, features: Features) -> Value:
    value = _expect(read_value(node.this, features), "number")
    sql, text = f"(-{value.sql})", f"-{value.text}"
    return Value(sql, text, "number", value.columns, is_literal=value.is_literal)


def _cast(node: exp.Expr, features: Features) -> Value:
    name = node.args["to"].sql(dialect="duckdb").lower()
    target = name if name in DATES else None
    value = read_value(node.this, features)
    if not target or not value.is_literal or value.family != "text":
        raise DeclarationError("only a text may be made a date or a timestamp")
    return as_date(value, target)


def _arithmetic(node: exp.Expr, features: Features) -> Value:
    left = _expect(read_value(node.this, features), "number")
    right = _expect(read_value(node.expression, features), "number")
    sign = ARITHMETIC[type(node)]
    # The engine answers infinity to x / 0; nothing is known about such a customer.
    divisor = f"nullif({right.sql}, 0)" if sign == "/" else right.sql
    sql = f"({left.sql} {sign} {divisor})"
    text = f"({left.text} {sign} {right.text})"
    return Value(sql, text, "number", left.columns + right.columns)


def _function(node: exp.Expr, features: Features) -> Value:
    name, expected, result = FUNCTIONS[type(node)]
    nodes = [node.this, *(node.args.get("expressions") or [])]
    values = [read_value(argument, features) for argument in nodes]
    family = expected or values[0].family
    values = [_expect(value, family) for value in values]
    return _call(name, values, result or family)


def _round(node: exp.Expr, features: Features) -> Value:
    values = [_expect(read_value(node.this, features), "number")]
    if decimals := node.args.get("decimals"):
        values.append(_expect(read_value(decimals, features), "number"))
        if not re.fullmatch(r"\d", values[1].text):
            raise DeclarationError("round takes a number of decimals from 0 to 9")
    return _call("round", values, "number")


def _date_diff(node: exp.Expr, features: Features) -> Value:
    unit = str(node.args.get("unit") or "").lower()
    if unit not in UNITS:
        raise DeclarationError(f"date_diff counts in {', '.join(UNITS)}, not {unit!r}")
    ends = [read_value(node.args[key], features) for key in ("expression", "this")]
    ends = [as_date(v, "date") if v.is_literal else v for v in ends]
    for value in ends:
        if value.family not in DATES:
            raise DeclarationError(f"date_diff takes dates, {value.text} is none")
    return _call("date_diff", [Value(literal(unit), literal(unit), "text"), *ends])


def _call(name: str, values: list[Value], family: str = "number") -> Value:
    columns = tuple(column for value in values for column in value.columns)
    sql = f"{name}({', '.join(value.sql for value in values)})"
    text = f"{name}({', '.join(value.text for value in values)})"
    return Value(sql, text, family, columns)


def _expect(value: Value, family: str) -> Value:
    if value.family == family:
        return value
    raise DeclarationError(f"{value.text} is {value.family}, {family} is needed here")


READERS: dict[type, Callable[[exp.Expr, Features], Value]] = {
    exp.Boolean: _boolean,
    exp.Cast: _cast,
    exp.Column: _column,
    exp.DateDiff: _date_diff,
    exp.Literal: _literal,
    exp.Neg: _negative,
    exp.Paren: _bracket,
    exp.Round: _round,
}
