"""The query against a plain interpreter of three-valued logic, on random rules."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_world import FEATURES, customers, rules

from dagster_project.segmentation.predicate import parse_predicate
from dagster_project.segmentation.rules import assign_rules

NUMBERS = ("revenue_12m", "orders_total")
ORDER = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}
small = st.integers(-2, 2)
plans = st.sampled_from(["a", "b", "o'c"])
comparison = st.one_of(
    st.tuples(
        st.just("number"), st.sampled_from(NUMBERS), st.sampled_from(list(ORDER)), small
    ),
    st.tuples(
        st.just("between"),
        st.sampled_from(NUMBERS),
        small,
        small,
    ),
    st.tuples(st.just("in"), st.lists(plans, min_size=1, max_size=2)),
    st.tuples(st.just("null"), st.sampled_from([*NUMBERS, "plan"])),
    st.tuples(st.just("flag")),
)
condition = st.recursive(
    comparison,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    ),
    max_leaves=5,
)
row = st.fixed_dictionaries(
    {
        "revenue_12m": st.none() | small.map(Decimal),
        "orders_total": st.none() | small,
        "plan": st.none() | plans,
        "is_billing_customer": st.none() | st.booleans(),
    }
)


def as_text(tree):
    match tree:
        case ("number", name, operator, number):
            return f"{name} {operator} {number}"
        case ("between", name, low, high):
            return f"{name} between {low} and {high}"
        case ("in", values):
            quoted = ", ".join("'" + v.replace("'", "''") + "'" for v in values)
            return f"plan in ({quoted})"
        case ("null", name):
            return f"{name} is null"
        case ("flag",):
            return "is_billing_customer"
        case ("not", inner):
            return f"not ({as_text(inner)})"
        case (word, left, right):
            return f"({as_text(left)}) {word} ({as_text(right)})"


def leaf(tree, row):
    """A comparison whose feature is known."""
    match tree:
        case ("number", name, operator, number):
            return ORDER[operator](row[name], number)
        case ("between", name, low, high):
            return low <= row[name] <= high
        case ("in", values):
            return row["plan"] in values
        case ("flag",):
            return row["is_billing_customer"]


def truth(tree, row):
    """True, False or None (not known)."""
    match tree:
        case ("null", name):
            return row[name] is None
        case ("not", inner):
            found = truth(inner, row)
            return None if found is None else not found
        case ("and" | "or" as word, left, right):
            both = {truth(left, row), truth(right, row)}
            decisive = word == "or"
            if decisive in both:
                return decisive
            return None if None in both else not decisive
    read = {"in": "plan", "flag": "is_billing_customer"}.get(tree[0]) or tree[1]
    return None if row[read] is None else leaf(tree, row)


def segment(trees, row):
    for number, tree in enumerate(trees):
        found = truth(tree, row)
        if found is not False:
            return "unknown" if found is None else f"s{number}"
    return "rest"


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
@given(
    trees=st.lists(condition, min_size=1, max_size=3),
    rows=st.lists(row, min_size=1, max_size=8),
)
def test_the_query_assigns_what_plain_logic_assigns(trees, rows):
    model = rules(*map(as_text, trees))
    connection = customers(*rows)
    assign_rules(connection, [model], FEATURES, "spine", "night.assigned")
    found = connection.execute(
        "select segment, coverage, margin, next_segment, reason_code, reason_feature "
        "from night.assigned order by customer_id"
    ).fetchall()
    assert [one[0] for one in found] == [segment(trees, row) for row in rows]
    used = {c for t in trees for c in parse_predicate(as_text(t), FEATURES).columns}
    for one, row_ in zip(found, rows, strict=True):
        known = sum(row_[name] is not None for name in used)
        assert abs(one[1] - Decimal(known) / len(used)) <= Decimal("0.000001")
        assert (one[2] is None) == (one[3] is None)
        assert one[2] is None or one[4] != "unknown"
        assert one[5] in used
        if one[4] == "unknown":
            assert row_[one[5]] is None


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=texts)
def test_any_text_in_a_rule_stays_the_text_it_is(text):
    quoted = "'" + text.replace("'", "''") + "'"
    predicate = parse_predicate(f"plan = {quoted}", FEATURES)
    connection = customers({"plan": text})
    assert connection.execute(f"select {predicate.sql} from spine").fetchall() == [
        (True,)
    ]
