"""What is written about people in texts, links and documents does not come in."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import duckdb
import pytest

from dagster_project.ingest.masking import (
    DIALLED,
    LONG,
    MAIL,
    masked_document,
    masked_text,
    masked_url,
    without_mail,
)
from dagster_project.transform import PROJECT

document = partial(masked_document, names_too=False)
traits = partial(masked_document, names_too=True)


def masked(rule: Callable[[str], str], text: str) -> str | None:
    row = duckdb.execute(
        f"select {rule('text')} from (select ?::varchar as text)", [text]
    ).fetchone()
    assert row is not None
    found: str | None = row[0]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask ada@b.example, please", "ask <e-mail>, please"),
        ("mailto:Ada%40b.example?x=1", "mailto:<e-mail>?x=1"),
        ("call +49 30 1234567 now", "call <number> now"),
        ("(030) 123-456-789", "(<number>"),
        ("0301234567", "<number>"),
        ("order 12345 of 2026-11-21, item 20261121", None),
        ("3 @ 5, @home", None),
    ],
)
def test_addresses_and_phones_in_a_text_are_masked(
    text: str, expected: str | None
) -> None:
    assert masked(masked_text, text) == (expected or text)


def test_a_short_text_keeps_its_numbers() -> None:
    assert masked(without_mail, "ad 120210123456789") == "ad 120210123456789"
    assert masked(without_mail, "to ada@b.example") == "to <e-mail>"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/p?email=ada%40b.example&q=shoes", "/p?email=***&q=shoes"),
        ("/p?q=ada@b.example#top", "/p?q=***#top"),
        ("/users/ada@b.example/orders?id=5", "/users/***/orders?id=5"),
        ("/?user[first_name]=Ada&name=boots", "/?user[first_name]=***&name=boots"),
        ("/?next=%3Fe%3Dada%2540b.example&c=1", "/?next=***&c=1"),
        ("/?billing_phone=030123&c=1", "/?billing_phone=***&c=1"),
        ("https://x.example/@shop?page=2&smartphone=yes", None),
    ],
)
def test_personal_parameters_and_addresses_in_a_link_are_masked(
    url: str, expected: str | None
) -> None:
    assert masked(masked_url, url) == (expected or url)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"email": "x", "a": 1}, {"a": 1}),
        ({"a": 1, "Email": None, "b": 2, "phone": [1, {"c": 2}]}, {"a": 1, "b": 2}),
        ({"email": 1, "phone": 2}, {}),
        ({"a": [{"k": 1, "first_name": "A"}, {"lastName": {"x": []}, "k": 2}]},
         {"a": [{"k": 1}, {"k": 2}]}),
        ({"a": {"b": {"$email": "x", "contactEmail": "y", "smartphone": "z"}}},
         {"a": {"b": {"smartphone": "z"}}}),
        ({"list": ["ada@b.example", "q"]}, {"list": ["<e-mail>", "q"]}),
        ({"ada@b.example": 1}, {"<e-mail>": 1}),
        ({"t": "+49 30 1234567", "n": 1700000000}, {"t": "<number>", "n": 1700000000}),
        ({"q": 'he "ada@b.example"\nb@b.example\\'},
         {"q": 'he "<e-mail>"\n<e-mail>\\'}),
        ({"q": '{"email": "x"}', "p": '"phone":'}, None),
        ({"name": "Boots"}, None),
        ([{"ip": "1.2.3.4"}, 2], [{}, 2]),
    ],
)  # fmt: skip
def test_members_that_name_a_person_leave_a_document(given: Any, expected: Any) -> None:
    for indent in (None, 2):
        found = masked(document, json.dumps(given, indent=indent))
        assert found is not None
        assert json.loads(found) == (given if expected is None else expected)


def test_escaped_signs_hide_nothing() -> None:
    hidden = r'{"\u0065mail":"x","b":"ada\u0040b.example","c":"\u00e9"}'
    assert masked(document, hidden) == '{"b":"<e-mail>","c":"é"}'


def test_a_name_among_traits_is_one_of_a_person() -> None:
    assert masked(traits, '{"name":"Ada","plan":"pro"}') == '{"plan":"pro"}'


def test_what_is_nested_too_deeply_to_be_cut_out_is_dropped_whole() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = {"k": deep}
    assert masked(document, json.dumps({"email": deep, "a": 1})) == "{}"
    assert masked(document, json.dumps({"mine": deep})) == json.dumps({"mine": deep})


def test_a_text_that_is_no_document_has_none() -> None:
    assert masked(document, '{"email":') is None


def test_the_published_quarantine_is_masked_by_the_same_rule() -> None:
    macros = (PROJECT / "macros" / "engine.sql").read_text(encoding="utf-8")
    assert f"'{MAIL}'" in macros
    assert f"'{DIALLED}|{LONG}'" in macros
