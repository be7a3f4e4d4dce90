"""Expressions over vendor columns: parsed, restricted, compiled to SQL.

Vendor columns are texts. Where an expression calculates with one, it is read as a
number, and the expression names it, so that a text in its place is not lost silently.
"""

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dagster_project.declarations import did_you_mean
from dagster_project.ingest.grammar.vendor_functions import WITH_NAME, WITHOUT
from dagster_project.ingest.kinds import NUMBER
from dagster_project.warehouse import identifier, literal

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
PREDICATES = (
    *COMPARISONS, exp.And, exp.Or, exp.Not, exp.Is, exp.Like, exp.ILike, exp.Boolean,
    exp.RegexpLike, exp.StartsWith, exp.EndsWith, exp.Contains,
)  # fmt: skip
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg)
NUMERIC = (*ARITHMETIC, exp.Round, exp.Abs, exp.Floor, exp.Ceil)
TEXT = (
    exp.Lower, exp.Upper, exp.Trim, exp.Replace, exp.Substring, exp.Left, exp.Right,
    exp.Length, exp.Concat, exp.ConcatWs, exp.DPipe, exp.SplitPart, exp.RegexpExtract,
    exp.RegexpReplace, exp.MD5, exp.StrPosition,
)  # fmt: skip
CHOICE = (exp.Coalesce, exp.Nullif, exp.Case, exp.If, exp.Greatest, exp.Least)
PARTS = (exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Paren, exp.Var)
ALLOWED = frozenset((*PREDICATES, *NUMERIC, *TEXT, *CHOICE, *PARTS))
FUNCTIONS = (
    "abs", "case", "ceil", "coalesce", "concat", "concat_ws", "contains", "ends_with",
    "floor", "greatest", "if", "least", "left", "length", "lower", "md5", "nullif",
    "regexp_extract", "regexp_matches", "regexp_replace", "replace", "right", "round",
    "split_part", "starts_with", "strpos", "substring", "trim", "upper",
    *WITH_NAME, *WITHOUT,
)  # fmt: skip
AMOUNT = "DECIMAL(18,6)"


@dataclass(frozen=True)
class Expression:
    """A restricted expression: its SQL and the vendor columns it reads.

    `numbers` are the columns it calculates with.
    """

    sql: str
    paths: tuple[str, ...]
    numbers: tuple[str, ...]


def vendor_column(path: str) -> str:
    """The SQL name under which a vendor column is visible to an expression."""
    return identifier(f"v.{path}")


def number_sql(path: str) -> str:
    """A vendor column as a number, NULL when it is none."""
    column = vendor_column(path)
    like_one = f"regexp_full_match({column}, {literal(NUMBER)})"
    return f"case when {like_one} then try_cast({column} as {AMOUNT}) end"


def parse_expression(text: str, predicate: bool = False) -> Expression:
    """Check one expression and compile it.

    Raises ValueError when it is not one expression, uses a function that is not
    allowed, or, as a predicate, is not a yes-or-no question.
    """
    tree = _parse(text)
    _check(tree)
    if predicate and not isinstance(tree.unnest(), PREDICATES):
        raise ValueError(f"{text!r} is not a condition, for example status <> 'test'")
    columns = list(tree.find_all(exp.Column))
    paths = {_path(column) for column in columns}
    numbers = {_path(column) for column in columns if _is_number(column)}
    sql = f"try({_compile(tree, columns)})"
    return Expression(sql, tuple(sorted(paths)), tuple(sorted(numbers)))


def _parse(text: str) -> exp.Expr:
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except SqlglotError as error:
        reason = re.sub(r"\x1b\[\d+m|\s+", " ", str(error)).strip()
        raise ValueError(f"{text!r} cannot be read: {reason}") from error
    if len(trees) != 1 or trees[0] is None:
        raise ValueError(f"{text!r} is not one expression")
    return trees[0]


def _check(tree: exp.Expr) -> None:
    for node in tree.walk():
        if isinstance(node, exp.Anonymous):
            _check_call(node)
        elif type(node) not in ALLOWED:
            raise ValueError(f"{node.sql(dialect='duckdb')!r} is not allowed here")


def _check_call(node: exp.Anonymous) -> None:
    name = node.name.lower()
    if name in WITHOUT and len(node.expressions) == 1:
        return
    if name in WITHOUT:
        raise ValueError(f"{name} takes a column: {name}(column)")
    if name not in WITH_NAME:
        hint = did_you_mean(name, FUNCTIONS)
        raise ValueError(f"function {name} is not allowed{hint}")
    key = node.expressions[1] if len(node.expressions) == 2 else None
    if not (isinstance(key, exp.Literal) and re.fullmatch(r"[\w.-]+", key.name)):
        raise ValueError(f"{name} takes a column and a name: {name}(column, 'name')")


def _path(column: exp.Column) -> str:
    return ".".join(part.name for part in column.parts)


def _is_number(node: exp.Expr) -> bool:
    parent = node.parent
    if isinstance(parent, NUMERIC):
        return True
    if isinstance(parent, (*COMPARISONS, *CHOICE)) and any(
        _is_numeric(other) for other in parent.iter_expressions() if other is not node
    ):
        return True
    return isinstance(parent, (exp.Paren, *CHOICE)) and _is_number(parent)


def _is_numeric(node: exp.Expr) -> bool:
    if isinstance(node, exp.Literal):
        return not node.is_string
    return isinstance(node.unnest(), NUMERIC)


def _compile(tree: exp.Expr, columns: list[exp.Column]) -> str:
    numbers = {id(column) for column in columns if _is_number(column)}
    root = exp.Paren(this=tree)
    for column in columns:
        path = _path(column)
        sql = number_sql(path) if id(column) in numbers else vendor_column(path)
        column.replace(exp.Var(this=sql))
    # The inner ones first: url_param(param(event_params, 'page_location'), 'q').
    for call in reversed(list(root.find_all(exp.Anonymous))):
        call.replace(exp.Var(this=_called(call)))
    # A product of products would outgrow the 38 digits of a DECIMAL.
    for node in reversed(list(root.find_all(*ARITHMETIC[:-1]))):
        node.replace(exp.TryCast(this=node.copy(), to=exp.DataType.build(AMOUNT)))
    return root.this.sql(dialect="duckdb")


def _called(call: exp.Anonymous) -> str:
    name = call.name.lower()
    text = call.expressions[0].sql(dialect="duckdb")
    if name in WITHOUT:
        return WITHOUT[name](text)
    return WITH_NAME[name](text, call.expressions[1].name)
