"""The models keep to SQL that a second engine understands; the rest is in macros.

The constructs are those that Spark 4.3 refused or answered differently.
"""

import re
from pathlib import Path

import pytest

from dagster_project.transform import PROJECT

ENGINE_ONLY = {
    "arg_max / arg_min": r"\barg_(max|min)\s*\(",
    "array index": r"\w\s*\[\s*-?\d",
    "asof join": r"\basof\s+(left\s+)?join\b",
    "at time zone": r"\bat\s+time\s+zone\b",
    "columns(*)": r"\bcolumns\s*\(",
    "date_diff": r"\bdate_?(diff|sub|add)\s*\(",
    "date_part / extract epoch": r"\bdate_?part\s*\(|\bextract\s*\(\s*epoch\b",
    "date_trunc returns a timestamp": r"\b(date|datetime)_?trunc\s*\(",
    "decode / encode": r"\b(de|en)code\s*\(",
    "distinct on": r"\bdistinct\s+on\s*\(",
    "epoch()": r"\bepoch(_\w+)?\s*\(",
    "hash()": r"\bhash\s*\(",
    "hugeint": r"\bu?hugeint\b|\bu(big|small|tiny)?int(eger)?\b",
    "integer division //": r"//",
    "list()": r"\b(list|array)(_(?!agg\b)\w+)?\s*\(",
    "pivot": r"\b(un)?pivot\b",
    "quantile": r"\bquantile(_\w+)?\s*\(",
    "range / generate_series": r"\b(generate_series|range)\s*\(",
    "regexp functions": r"\bregexp_\w+\s*\(",
    "star with exclude or replace": r"\*\s*(exclude|replace|rename)\b",
    "strptime / strftime": r"\b(try_)?strp?f?time\s*\(",
    "struct": r"\bstruct_pack\s*\(|\brow\s*\(|\{\s*'",
    "timezone()": r"\btimezone\s*\(",
    "try()": r"\btry\s*\(",
    "union by name": r"\bby\s+name\b",
    "unnest": r"\bunnest\s*\(",
}
CLOCK = (
    r"\b(now|today|random|uuid\w*|gen_random_uuid|get_current_\w+)\s*\("
    r"|\bcurrent_(date|time|timestamp|localtime\w*)\b"
)

EXAMPLES = [
    ("arg_max / arg_min", "select arg_max(plan, starts_on) from periods"),
    ("array index", "select parts[1] from t"),
    ("asof join", "from a asof join b on a.t >= b.t"),
    ("at time zone", "select (at at time zone 'UTC')::date"),
    ("columns(*)", "select min(columns(*)) from t"),
    ("date_diff", "select date_diff('day', a, b)"),
    ("date_diff", "select datediff('day', a, b)"),
    ("date_part / extract epoch", "select date_part('epoch', at)"),
    ("date_part / extract epoch", "select extract(epoch from at)"),
    ("date_trunc returns a timestamp", "select date_trunc('month', day)"),
    ("decode / encode", "select decode(raw)"),
    ("distinct on", "select distinct on (id) * from t"),
    ("epoch()", "select epoch(at) from t"),
    ("hash()", "select hash(id) from t"),
    ("hugeint", "select cast(n as hugeint)"),
    ("integer division //", "select seconds // 1800"),
    ("list()", "select list(id) from t"),
    ("list()", "select list_sort(ids) from t"),
    ("pivot", "from t unpivot (v for n in (a, b))"),
    ("quantile", "select quantile_cont(amount, 0.5)"),
    ("range / generate_series", "from range(10)"),
    ("regexp functions", "select regexp_replace(a, 'x', 'y', 'g')"),
    ("star with exclude or replace", "select * exclude (_line) from t"),
    ("strptime / strftime", "select strptime(a, '%Y')"),
    ("strptime / strftime", "select strftime(a, '%Y')"),
    ("struct", "select struct_pack(a := 1)"),
    ("struct", "select {'a': 1}"),
    ("timezone()", "select timezone('UTC', at)"),
    ("try()", "select try(cast(a as int))"),
    ("union by name", "select 1 union all by name select 2"),
    ("unnest", "select unnest(generate_series(a, b, interval 1 month))"),
    ("date_diff", """select {{ slope_8w("date_diff('day', a, b)") }}"""),
]


def plain_sql(text: str) -> str:
    """SQL without comments and literals; of a macro call only its text arguments."""
    text = re.sub(r"\{#.*?#\}|/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"--[^\n]*", " ", text)
    text = re.sub(r"\{%.*?%\}", " ", text, flags=re.S)
    text = re.sub(r"\{\{(.*?)\}\}", _arguments, text, flags=re.S)
    return re.sub(r"'[^']*'", "''", text).lower()


def _arguments(call: re.Match[str]) -> str:
    return " ".join(a or b for a, b in re.findall(r'"([^"]*)"|\'([^\']*)\'', call[1]))


def constructs(text: str) -> list[str]:
    sql = plain_sql(text)
    return [name for name, pattern in ENGINE_ONLY.items() if re.search(pattern, sql)]


def sql_files(*folders: str) -> list[Path]:
    return [path for f in folders for path in sorted((PROJECT / f).rglob("*.sql"))]


def test_models_and_tests_use_what_only_this_engine_knows_through_macros():
    files = sql_files("models", "tests")
    assert len(files) > 40
    found = {
        path.relative_to(PROJECT).as_posix(): constructs(path.read_text())
        for path in files
    }
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(("construct", "sql"), EXAMPLES)
def test_a_construct_is_found_where_it_is_written_out(construct, sql):
    assert construct in constructs(sql)


def test_every_construct_has_an_example():
    assert {construct for construct, _ in EXAMPLES} == set(ENGINE_ONLY)


@pytest.mark.parametrize(
    "sql",
    [
        "-- date_diff('day', a, b) would be wrong here\nselect 1",
        "{# list(x) #} select {{ days_between('a', 'b') }}",
        "select 'http://example.org' as url, amount * 2, -1",
        "select max_by(plan, starts_on) filter (where plan is not null) from t",
        "sum(n) over (order by day range between unbounded preceding and current row)",
        "select array_agg(id), count(*), n / 7.0, * from t qualify true",
    ],
)
def test_portable_sql_is_left_alone(sql):
    assert constructs(sql) == []


def test_no_model_and_no_macro_looks_at_a_clock_or_throws_dice():
    found = [
        path.name
        for path in sql_files("models", "tests", "macros")
        if re.search(CLOCK, plain_sql(path.read_text()))
    ]
    assert found == []
    assert re.search(CLOCK, plain_sql("select now(), current_date"))
