"""The parts of the grammar that only vendors' exports need."""

from typing import Any

import pytest
from ingest_company import Company

TABBED: dict[str, Any] = {
    "feed": "web_events",
    "path": "*.tsv",
    "format": "csv",
    "delimiter": "\t",
    "quote": "none",
    "header": 0,
    "columns": ["id", "visitor", "at", "title", "payload"],
    "delivery": "events",
}
FIELDS = {
    "event_id": "id",
    "anonymous_id": "visitor",
    "event_type": {"value": "page"},
    "event_name": "title",
    "event_at": "at",
    "feature": "payload.data.feature",
}
ANSWERS: dict[str, Any] = {
    "feed": "survey_responses",
    "path": "*.jsonl",
    "format": "jsonl",
    "delivery": "upserts",
    "explode": "answers[].labels[]?",
    "fields": {
        "response_id": "token",
        "question_id": {"sql": "concat_ws(':', answers.id, answers.labels)"},
        "answer_text": ["answers.labels", "answers.text"],
        "submitted_at": "at",
    },
}


def test_lines_without_quotes_are_cut_at_each_delimiter(company: Company) -> None:
    company.source(**TABBED, fields=FIELDS)
    payload = '{"data":{"feature":"reports"}}'
    company.deliver(
        "a.tsv",
        f'e1\tv1\t2026-11-20\t"unclosed\t{payload}\r\n'
        'e2\tv1\t2026-11-20\t a "b" c \tno document\n'
        "\n"
        "e3\tv1\t2026-11-20\ttoo\tmany\tcells\n"
        "e4\tv1\t2026-11-20\n",
    )
    assert company.counts() == (5, 2, 2, 0, 1)
    assert company.raw("web_events", "event_id, event_name, feature") == [
        ("e1", '"unclosed', "reports"),
        ("e2", 'a "b" c', None),
    ]
    assert company.quarantine() == [
        (4, "row: 6 cells, not 5"),
        (5, "row: 3 cells, not 5"),
    ]


def test_a_file_without_a_header_has_the_columns_of_its_declaration(
    company: Company,
) -> None:
    with_quotes = {key: value for key, value in TABBED.items() if key != "quote"}
    company.source(**with_quotes, fields=FIELDS)
    row = 'e1\tv1\t2026-11-20\t"a\tb"\t"{""data"":{""feature"":""x""}}"\n'
    company.deliver("a.tsv", row)
    assert company.counts() == (1, 1, 0, 0, 0)
    found = company.raw("web_events", "event_name, feature")
    assert found == [("a\tb", "x")]


def test_a_file_with_fewer_columns_than_declared_is_named(company: Company) -> None:
    with_quotes = {key: value for key, value in TABBED.items() if key != "quote"}
    company.source(**with_quotes, fields=FIELDS)
    company.deliver("a.tsv", "e1\tv1\n")
    (file,) = company.ingest().files
    assert file.row.status == "rejected"
    assert "required column at for event_at is missing" in str(file.row.reason)


def test_a_row_without_an_optional_list_stays_one_row(company: Company) -> None:
    company.source(**ANSWERS)
    answers = [
        {"id": "q1", "labels": ["Price", "Support"]},
        {"id": "q2", "text": "Fine"},
        {"id": "q3", "labels": [], "text": "Other"},
        {"id": "q4", "labels": "Price"},
    ]
    rows = [
        {"token": "t1", "at": "2026-11-20", "answers": answers},
        {"token": "t2", "at": "2026-11-20", "answers": []},
    ]
    company.deliver("a.jsonl", rows)
    assert company.counts() == (5, 4, 1, 0, 0)
    assert company.raw("survey_responses", "question_id, answer_text") == [
        ("q1:Price", "Price"),
        ("q1:Support", "Support"),
        ("q2", "Fine"),
        ("q3", "Other"),
    ]
    assert company.quarantine() == [(1, "answers.labels: not a list")]


def test_an_element_keeps_nothing_of_its_siblings(company: Company) -> None:
    fields = {**ANSWERS["fields"], "answer_text": "answers.text"}
    company.source(**{**ANSWERS, "explode": "answers[]", "fields": fields})
    answers = [{"id": "q1", "text": "one"}, {"id": "q2"}]
    company.deliver("a.jsonl", [{"token": 1, "at": "2026-11-20", "answers": answers}])
    company.ingest()
    found = company.raw("survey_responses", "question_id, answer_text")
    assert found == [("q1", "one"), ("q2", None)]


@pytest.mark.parametrize(
    ("default", "found"), [("", None), ("reason", "reason"), (None, "other")]
)
def test_an_empty_default_leaves_what_is_not_listed_empty(
    company: Company, default: str | None, found: str | None
) -> None:
    key: dict[str, Any] = {"path": "q", "values": {"7": "nps"}}
    fields = {
        "response_id": "id",
        "question_id": "q",
        "submitted_at": "at",
        "question_key": key if default is None else {**key, "default": default},
    }
    company.source(**{**ANSWERS, "explode": None, "fields": fields})
    rows = [{"id": n, "q": q, "at": "2026-11-20"} for n, q in enumerate(["7", "other"])]
    company.deliver("a.jsonl", rows)
    company.ingest()
    found_keys = company.raw("survey_responses", "question_key")
    assert found_keys == [("nps",), (found,)]


def test_a_response_on_two_pages_is_known_whatever_lies_beside_it(
    company: Company,
) -> None:
    fields = {**ANSWERS["fields"], "response_id": "items.token"}
    fields |= {"question_id": "items.q", "answer_text": "items.text"}
    company.source(**{**ANSWERS, "explode": "items[]", "fields": fields})
    answers = [{"token": t, "q": "q", "text": t} for t in ("a", "b", "c")]
    pages = [{"at": "2026-11-20", "items": answers[n : n + 2]} for n in (0, 1)]
    company.deliver("a.jsonl", pages)
    assert company.counts() == (4, 3, 0, 1, 0)


def test_a_list_that_was_cut_off_is_refused_with_all_its_rows(company: Company) -> None:
    refuse = {"answers: cut off": "more = 'true'"}
    company.source(**{**ANSWERS, "explode": "answers[]", "refuse": refuse})
    answers = [{"id": "q1", "text": "Fine"}, {"id": "q2", "text": "Dear"}]
    rows = [
        {"token": "t1", "at": "2026-11-20", "answers": answers, "more": True},
        {"token": "t2", "at": "2026-11-20", "answers": answers, "more": False},
    ]
    company.deliver("a.jsonl", rows)
    assert company.counts() == (4, 2, 2, 0, 0)
    assert company.quarantine() == [(1, "answers: cut off"), (1, "answers: cut off")]


def test_a_wrong_condition_of_refuse_is_named(company: Company) -> None:
    with pytest.raises(Exception, match="refuse"):
        company.source(**ANSWERS, refuse={"cut off": "select 1"})
