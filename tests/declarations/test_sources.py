"""Every shipped source is valid; a wrong one is refused with file, key and reason."""

from pathlib import Path

import pytest

from dagster_project.errors import DeclarationError
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.settings import REPOSITORY

LINES = """
feed: invoice_lines
path: "*.csv"
format: csv
delivery: events
"""
FIELDS = """
fields:
  invoice_line_id: id
  invoice_id: invoice
  invoiced_at: at
"""


def load(folder: Path, text: str) -> None:
    (folder / "lines.yml").write_text(text)
    load_sources(folder)


@pytest.mark.parametrize("folder", ["sources", "samples/retail/sources"])
def test_the_shipped_sources_are_valid(folder: str) -> None:
    if not (REPOSITORY / folder).exists():
        pytest.skip(f"{folder} is not there")
    sources = load_sources(REPOSITORY / folder)
    assert {"web_events", "survey_responses", "invoice_lines"} <= {
        source.feed for source in sources if source.required
    }


def test_a_file_may_declare_one_feed_twice_under_names(tmp_path: Path) -> None:
    one = "{feed: plans, path: '*.csv', format: csv, delivery: upserts%s}"
    (tmp_path / "shop.yml").write_text(f"- {one % ''}\n- {one % ', name: old'}\n")
    assert [s.name for s in load_sources(tmp_path)] == ["shop-old", "shop-plans"]
    (tmp_path / "shop.yml").write_text(f"- {one % ''}\n- {one % ''}\n")
    with pytest.raises(DeclarationError, match="declared twice, give one of them a"):
        load_sources(tmp_path)


def test_sources_that_changed_are_read_again_by_the_same_process(
    tmp_path: Path,
) -> None:
    plans = "{feed: plans, path: '%s', format: csv, delivery: upserts}"
    load(tmp_path, plans % "*.csv")
    load_sources(tmp_path).clear()
    assert [s.path for s in load_sources(tmp_path)] == ["*.csv"]
    load(tmp_path, plans % "*.txt")
    assert [s.path for s in load_sources(tmp_path)] == ["*.txt"]


def test_a_file_may_declare_several_feeds(tmp_path: Path) -> None:
    one = "{feed: %s, path: '*.csv', format: csv, delivery: upserts}"
    (tmp_path / "shop.yml").write_text(f"- {one % 'plans'}\n- {one % 'products'}\n")
    assert [s.name for s in load_sources(tmp_path)] == ["shop-plans", "shop-products"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LINES.replace("invoice_lines", "invoice_line"), "did you mean invoice_lines?"),
        (LINES.replace("csv\n", "cvs\n"), "format: Input should be"),
        (LINES + "requird: true", "requird: unknown key, did you mean required?"),
        (LINES.replace('"*.csv"', "../x.csv"), "below the landing folder"),
        (LINES.replace('"*.csv"', "/x.csv"), "below the landing folder"),
        (LINES + "timezone: Europe/Londn", "did you mean Europe/London?"),
        (LINES + FIELDS, "invoice_lines needs amount, which is not mapped"),
        (LINES + FIELDS + "  amont: x", "has no column amont, did you mean amount?"),
        (LINES + FIELDS + "  amount: {pth: x}", "unknown key pth, did you mean path?"),
        (LINES + FIELDS + "  amount: {path: x, value: 1}", "exactly one of"),
        (
            LINES + FIELDS + "  amount: {path: x, type: date}",
            "it cannot be read as date",
        ),
        (
            LINES + FIELDS + "  amount: {path: x, unit: ms}",
            "unit and format are for times",
        ),
        (LINES + FIELDS + "  amount: {path: x, min: 5, max: 1}", "min is greater"),
        (LINES + FIELDS + "  amount: {path: a..b}", "not a column or a dotted path"),
        (LINES + FIELDS + "  amount: {sql: (select 1)}", "is not allowed"),
        (
            LINES + FIELDS + "  amount: {sql: \"read_text('/etc/passwd')\"}",
            "not allowed",
        ),
        (LINES + FIELDS + "  amount: {sql: 'lowr(x)'}", "did you mean lower?"),
        (LINES + FIELDS + "  amount: {sql: 'a *'}", "cannot be read"),
        (LINES + FIELDS + "  amount: {sql: 'a; b'}", "not one expression"),
        (LINES + FIELDS + "  amount: {sql: 'round(a, b, c)'}", "fields.amount"),
        (LINES + "where: lower(status)", "is not a condition"),
        (LINES + "where: now() > at", "function now is not allowed"),
        (LINES + "pattern: x(?P<a>.)", "pattern: is for format regex"),
        (LINES + "explode: answers[]", "explode: is for format json and jsonl"),
        (LINES + "columns: [a, b]", "columns: names those of a file without a header"),
        (LINES + "header: 0\ncolumns: [a, a]", "columns: a is there twice"),
        (
            LINES + "header: 0\ncolumns: [invoice_id, amnt]" + FIELDS,
            "columns has no at",
        ),
        (LINES + "quote: none", "quote: none needs columns"),
        (LINES + "quote: some", "quote: Input should be"),
        (
            LINES.replace("format: csv", "format: json") + "quote: none",
            "quote: is for format csv",
        ),
        (
            LINES.replace("format: csv", "format: json") + "columns: [a]",
            "columns: is for format csv, not json",
        ),
        (LINES + FIELDS + "  amount: {sql: 'param(x)'}", "param(column, 'name')"),
        (LINES + FIELDS + "  amount: {sql: 'ua_os(a, b)'}", "ua_os(column)"),
        (LINES + "unpivot: {prefix: Q, key: nope, value: amount}", "unpivot.key"),
        (LINES + "id: nope", "id: invoice_lines has no column nope"),
        (LINES + "version_at: {}", "either path (a column) or file_path"),
        (LINES.replace("format: csv", "format: regex"), "format regex needs one"),
        ("just a text", "expected keys and values"),
        ("feed: [", "not readable as YAML"),
    ],
)
def test_a_wrong_declaration_is_one_readable_error(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path, text)
    assert reason in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "lines.yml"))


def test_a_constant_outside_the_known_values_is_refused(tmp_path: Path) -> None:
    text = """
feed: web_events
path: "*.csv"
format: csv
delivery: events
fields:
  event_id: id
  user_id: user
  event_at: at
  event_type: {value: pag}
"""
    with pytest.raises(DeclarationError, match="did you mean page"):
        load(tmp_path, text)


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_a_feed_is_consistent(feed) -> None:
    named = {*feed.id, *feed.required, *feed.values, *sum(feed.one_of, ())}
    named |= {feed.business_date} if feed.business_date else set()
    assert named <= set(feed.fields)
    assert not {"email", "phone"} & set(feed.columns)
