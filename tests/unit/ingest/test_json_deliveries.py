import gzip
import json

from ingest_company import Company

EVENT = {
    "event_id": "e1",
    "anonymous_id": "a1",
    "event_type": "page",
    "event_at": "2026-11-20T10:00:00+02:00",
}


def test_an_event_is_read_with_its_nested_payload(events: Company) -> None:
    events.deliver("a.jsonl", [{**EVENT, "price": 1.5, "properties": {"a": [1]}}])
    assert events.counts() == (1, 1, 0, 0, 0)
    found = events.raw("web_events", "event_at::VARCHAR, price::VARCHAR, properties")
    assert found == [("2026-11-20 08:00:00", "1.5000", '{"a":[1]}')]


def test_unreadable_lines_are_named_and_kept(events: Company) -> None:
    lines = [json.dumps(EVENT).encode(), b"{oops", b"[1]", b"\xff\xfe{}", b"", b"null"]
    events.deliver("a.jsonl", b"\n".join(lines))
    assert events.counts() == (6, 1, 4, 0, 1)
    assert events.quarantine("line, reason, raw") == [
        (2, "line: not JSON", b"{oops"),
        (3, "line: not a JSON object", b"[1]"),
        (4, "line: not UTF-8", b"\xff\xfe{}"),
        (6, "line: not a JSON object", b"null"),
    ]


def test_personal_keys_leave_the_payload(events: Company) -> None:
    traits = {"email": "a@b.example", "name": "Ada", "plan": "pro"}
    properties = {"email": "a@b.example", "name": "Home"}
    events.deliver(
        "a.jsonl",
        [
            {
                **EVENT,
                "traits": traits,
                "properties": properties,
                "url": "https://x.example/?mail=a@b.example&q=1",
            }
        ],
    )
    events.ingest()
    assert events.raw("web_events", "traits, properties, url") == [
        ('{"plan":"pro"}', '{"name":"Home"}', "https://x.example/?mail=***&q=1")
    ]


def test_large_numeric_ids_keep_every_digit(events: Company) -> None:
    events.deliver("a.jsonl", [{**EVENT, "event_id": 12345678901234567890123}])
    events.ingest()
    assert events.raw("web_events", "event_id") == [("12345678901234567890123",)]


def test_a_list_in_one_file_is_read_element_by_element(company: Company) -> None:
    company.source(feed="web_events", path="*.json*", format="json", delivery="events")
    content = json.dumps([EVENT, {**EVENT, "event_id": None}]).encode()
    company.deliver("a.json.gz", gzip.compress(content))
    assert company.counts() == (2, 1, 1, 0, 0)
    assert company.quarantine() == [(2, "event_id: missing")]


def test_answers_in_a_list_become_rows(company: Company) -> None:
    company.source(
        feed="survey_responses",
        path="*.jsonl",
        format="jsonl",
        delivery="upserts",
        explode="answers[]",
        fields={
            "response_id": "token",
            "email": ["hidden.email", "answers.email"],
            "question_id": "answers.field.id",
            "answer_number": "answers.number",
            "submitted_at": "at",
        },
    )
    answers = [
        {"field": {"id": "q1"}, "number": 9},
        {"field": {"id": "q2"}, "email": "a@b.example"},
    ]
    company.deliver(
        "a.jsonl",
        [
            {"token": "t1", "at": "2026-11-20", "answers": answers},
            {"token": "t2", "at": "2026-11-20", "answers": []},
            {"token": "t3", "at": "2026-11-20", "answers": "none"},
        ],
    )
    assert company.counts() == (3, 2, 1, 0, 0)
    columns = "question_id, answer_number::INTEGER, email_domain, _line"
    assert company.raw("survey_responses", columns) == [
        ("q1", 9, None, 1),
        ("q2", None, "b.example", 1),
    ]
    assert company.quarantine()[0] == (3, "answers: not a list")
    assert company.ingest().files[0].row.filtered == 1


def test_lists_in_lists_are_opened_from_the_outside(company: Company) -> None:
    company.source(
        feed="survey_responses",
        path="*.jsonl",
        format="jsonl",
        delivery="upserts",
        explode="pages[].questions[]",
        fields={
            "response_id": "id",
            "question_id": "pages.questions.id",
            "question_key": "pages.title",
            "submitted_at": "at",
        },
    )
    pages = [
        {"title": "one", "questions": [{"id": "q1"}, {"id": "q2"}]},
        {"title": "two", "questions": [{"id": "q3"}]},
    ]
    company.deliver("a.jsonl", [{"id": "r", "at": "2026-11-20", "pages": pages}])
    assert company.counts() == (3, 3, 0, 0, 0)
    found = company.raw("survey_responses", "question_id, question_key")
    assert found == [("q1", "one"), ("q2", "one"), ("q3", "two")]


def test_wide_json_answers_become_one_row_each(company: Company) -> None:
    company.source(
        feed="survey_responses",
        path="*.jsonl",
        format="jsonl",
        delivery="upserts",
        unpivot={"prefix": "Q", "key": "question_id", "value": "answer_text"},
        fields={"response_id": "id", "submitted_at": "at"},
    )
    row = {"id": 1, "at": "2026-11-20", "Q1": "yes", "Q 2": 5, "Q3": None}
    company.deliver("a.jsonl", [row])
    assert company.counts() == (2, 2, 0, 0, 0)
    found = company.raw("survey_responses", "question_id, answer_text")
    assert found == [("Q 2", "5"), ("Q1", "yes")]


def test_log_lines_are_read_by_the_groups_of_a_pattern(company: Company) -> None:
    company.source(
        feed="web_events",
        path="*.log",
        format="regex",
        delivery="events",
        pattern=r'(?P<host>\S+) \[(?P<at>[^\]]+)\] "(?P<verb>\w+) (?P<url>\S+).*"',
        fields={
            "event_id": {"sql": "md5(_path || _line)"},
            "anonymous_id": {"sql": "md5(host)"},
            "event_type": {
                "path": "verb",
                "values": {"GET": "page"},
                "default": "track",
            },
            "event_at": {"path": "at", "format": "%d/%b/%Y:%H:%M:%S %z"},
            "url": "url",
        },
    )
    line = 'h.example [01/Aug/1995:00:00:01 -0400] "GET /a.html HTTP/1.0"\n'
    company.deliver("a.log", line + line + "garbage\n")
    assert company.counts() == (3, 2, 1, 0, 0)
    found = company.raw("web_events", "event_at::VARCHAR, event_type, url")
    assert found == [("1995-08-01 04:00:01", "page", "/a.html")] * 2
    assert company.quarantine() == [(3, "line: does not match the pattern")]
