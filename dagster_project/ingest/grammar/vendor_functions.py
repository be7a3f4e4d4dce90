"""Functions of expressions that SQL has not: what vendors pack into one column.

Each takes the SQL of a text and gives the SQL of a text. The grammar around them is in
`expressions.py`.
"""

import re
from collections.abc import Callable

from dagster_project.warehouse import literal

#: What user agents of programs say; they visit, but they are nobody.
BOTS = (
    "bot|crawl|spider|slurp|preview|facebookexternalhit|headless|monitor|lighthouse|"
    "^curl|^wget|^python|^go-http-client|^java/|^okhttp"
)
DEVICES = {
    BOTS: "bot",
    "ipad|tablet|kindle|silk/": "tablet",
    "mobi|iphone|ipod": "mobile",
    "android": "tablet",
    ".": "desktop",
}
SYSTEMS = {
    "iphone|ipad|ipod": "iOS",
    "android": "Android",
    "windows": "Windows",
    "mac os x|macintosh": "macOS",
    " cros ": "Chrome OS",
    "linux": "Linux",
}
#: In this order: most browsers also call themselves what they imitate.
BROWSERS = {
    "edg(e|a|ios)?/": "Edge",
    "opr/|opera": "Opera",
    "samsungbrowser": "Samsung Internet",
    "firefox|fxios": "Firefox",
    "chrome|crios|chromium": "Chrome",
    "safari": "Safari",
    "msie|trident": "Internet Explorer",
}


def url_param(url: str, name: str) -> str:
    """The decoded parameter of an address, NULL when it is empty or badly encoded."""
    pattern = f"[?&]{re.escape(name)}=([^&#]*)"
    found = f"regexp_extract({url}, {literal(pattern)}, 1)"
    return f"nullif(try(url_decode(replace({found}, '+', ' '))), '')"


def param(pairs: str, name: str) -> str:
    """The value of a key in a JSON list of {key, value: {string_value, ...}}."""
    of_key = f"json_extract_string(pair, '$.key') = {literal(name)}"
    return _value(f"list_filter({_elements(pairs)}, lambda pair: {of_key})[1]")


def params(pairs: str) -> str:
    """A JSON list of {key, value} as one JSON object; the last of a key counts."""
    entry = f"json_object(json_extract_string(pair, '$.key'), {_value('pair')})"
    named = "json_extract_string(pair, '$.key') is not null"
    elements = f"list_filter({_elements(pairs)}, lambda pair: {named})"
    entries = f"list_transform({elements}, lambda pair: {entry})"
    merged = f"list_reduce({entries}, lambda x, y: json_merge_patch(x, y))"
    return f"case when len({entries}) > 0 then cast({merged} as VARCHAR) end"


def total(amounts: str, name: str) -> str:
    """The sum of the numbers of one name in a JSON list of objects; 0 without any."""
    number = f"try_cast(json_extract_string(x, '$.{name}') as DECIMAL(18,6))"
    numbers = f"list_transform({_elements(amounts)}, lambda x: {number})"
    return f"coalesce(list_sum({numbers}), 0)"


def inclusive_tax(taxes: str) -> str:
    """The sum of the taxes that are inside a price, of a JSON list of taxes."""
    is_inside = """json_extract_string(x, '$.tax_behavior') = 'inclusive'
        or json_extract_string(x, '$.inclusive') = 'true'"""
    number = "try_cast(json_extract_string(x, '$.amount') as DECIMAL(18,6))"
    inside = f"case when {is_inside} then {number} end"
    amounts = f"list_transform({_elements(taxes)}, lambda x: {inside})"
    return f"coalesce(list_sum({amounts}), 0)"


def ua_device(agent: str) -> str:
    """`desktop`, `mobile`, `tablet` or `bot` from a user agent."""
    return _first_match(agent, DEVICES)


def ua_os(agent: str) -> str:
    """The operating system from a user agent."""
    return _first_match(agent, SYSTEMS)


def ua_browser(agent: str) -> str:
    """The browser from a user agent."""
    return _first_match(agent, BROWSERS)


#: By name. Those of the first kind also take the name of what is looked for.
WITH_NAME: dict[str, Callable[[str, str], str]] = {
    "url_param": url_param,
    "param": param,
    "total": total,
}
WITHOUT: dict[str, Callable[[str], str]] = {
    "params": params,
    "inclusive_tax": inclusive_tax,
    "ua_device": ua_device,
    "ua_os": ua_os,
    "ua_browser": ua_browser,
}


def _elements(pairs: str) -> str:
    return f"json_extract(case when json_valid({pairs}) then {pairs} end, '$[*]')"


def _value(pair: str) -> str:
    kinds = ("string_value", "int_value", "double_value", "float_value")
    found = (f"json_extract_string({pair}, '$.value.{kind}')" for kind in kinds)
    return f"coalesce({', '.join(found)})"


def _first_match(text: str, meanings: dict[str, str]) -> str:
    cases = " ".join(
        f"when regexp_matches(lower({text}), {literal(pattern)}) then {literal(name)}"
        for pattern, name in meanings.items()
    )
    return f"case {cases} end"
