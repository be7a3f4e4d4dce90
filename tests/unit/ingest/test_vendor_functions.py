"""Functions of expressions beyond SQL, each on the texts that vendors deliver."""

from typing import Any

import duckdb
import pytest

from dagster_project.ingest.grammar.expressions import parse_expression, vendor_column

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
PAIRS = (
    '[{"key":"page","value":{"string_value":"/?q=a%20b"}},'
    '{"key":"n","value":{"int_value":"12"}},'
    '{"key":"rate","value":{"string_value":null,"double_value":1.5}},'
    '{"key":"n","value":{"int_value":"13"}},'
    '{"key":"odd","value":"text"},{"value":{}}]'
)


def evaluated(expression: str, **columns: str | None) -> Any:
    compiled = parse_expression(expression)
    visible = ", ".join(
        f"$value_{n}::VARCHAR as {vendor_column(path)}"
        for n, path in enumerate(compiled.paths)
    )
    values = {f"value_{n}": columns[path] for n, path in enumerate(compiled.paths)}
    query = f"select {compiled.sql} from (select {visible})"
    ((found,),) = duckdb.execute(query, values).fetchall()
    return found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("param(p, 'page')", "/?q=a%20b"),
        ("param(p, 'n')", "12"),
        ("param(p, 'rate')", "1.5"),
        ("param(p, 'odd')", None),
        ("param(p, 'absent')", None),
        ("url_param(param(p, 'page'), 'q')", "a b"),
        ("coalesce(param(p, 'absent'), param(p, 'n')) || '!'", "12!"),
    ],
)
def test_a_parameter_is_found_in_a_list_of_keys_and_values(
    expression: str, found: str | None
) -> None:
    assert evaluated(expression, p=PAIRS) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [("/?q=caf%C3%A9+b", "café b"), ("/?q=%FF", None), ("/?q=&a=1", None), ("/", None)],
)
def test_a_parameter_of_an_address_is_decoded_or_absent(
    url: str, found: str | None
) -> None:
    assert evaluated("url_param(u, 'q')", u=url) == found
    assert evaluated("coalesce(url_param(u, 'q'), 'none')", u=url) == (found or "none")


def test_a_list_of_keys_and_values_becomes_one_object() -> None:
    merged = '{"page":"/?q=a%20b","rate":"1.5","n":"13"}'
    assert evaluated("params(p)", p=PAIRS) == merged


@pytest.mark.parametrize("text", [None, "", "[]", "{}", "oops", '"text"', "[1]"])
@pytest.mark.parametrize("expression", ["params(p)", "param(p, 'n')"])
def test_what_is_no_such_list_has_no_parameters(
    expression: str, text: str | None
) -> None:
    assert evaluated(expression, p=text) is None


@pytest.mark.parametrize(
    ("agent", "device", "system", "browser"),
    [
        (PHONE, "mobile", "iOS", "Safari"),
        (
            CHROME.format("Linux; Android 15; Pixel 9") + " Mobile Safari/537.36",
            "mobile",
            "Android",
            "Chrome",
        ),
        (
            CHROME.format("Linux; Android 14; SM-X910") + " Safari/537.36",
            "tablet",
            "Android",
            "Chrome",
        ),
        (
            CHROME.format("Windows NT 10.0") + " Safari/537.36 Edg/131.0",
            "desktop",
            "Windows",
            "Edge",
        ),
        (
            CHROME.format("X11; CrOS x86_64 14541") + " Safari/537.36",
            "desktop",
            "Chrome OS",
            "Chrome",
        ),
        (
            CHROME.format("Macintosh; Intel Mac OS X") + " Safari/537.36 OPR/116",
            "desktop",
            "macOS",
            "Opera",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Firefox/132.0",
            "desktop",
            "Linux",
            "Firefox",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) Safari/604.1",
            "tablet",
            "iOS",
            "Safari",
        ),
        ("curl/8.5.0", "bot", None, None),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "bot", None, None),
        (None, None, None, None),
    ],
)
def test_a_user_agent_tells_device_system_and_browser(
    agent: str | None, device: str | None, system: str | None, browser: str | None
) -> None:
    found = [
        evaluated(f"{name}(a)", a=agent)
        for name in ("ua_device", "ua_os", "ua_browser")
    ]
    assert found == [device, system, browser]
