"""Personal data in texts, links and documents, masked at the door, as SQL.

Nothing is looked for twice: a text without a sign of such data costs one glance.
Identifiers, e-mail columns and phones are in `personal.py`.
"""

from dagster_project.warehouse import literal

E_MAIL = "<e-mail>"
PHONE = "<number>"
HIDDEN = "***"

AT = "(?:@|%40|%2540)"
#: A backslash belongs to the JSON around a text, the signs of a link to the link.
WORD = r'[^\s",;<>\\=&?/#:]+'
MAIL = f"{WORD}{AT}{WORD}"
#: Up to three signs between two digits; order numbers stay readable below nine digits.
GAP = r"[ \x{a0}\x{2009}\x{2011}\x{2013}()/.-]{0,3}"
DIALLED = rf"\+[0-9](?:{GAP}[0-9]){{6,}}"
LONG = rf"[0-9](?:{GAP}[0-9]){{8,}}"

#: Keys that name a person, whatever stands before them. A product or a page has a name
#: too, so that `name` alone is only taken out of traits.
PERSONAL_KEY = (
    "e[-_ ]?mail(?:[-_ ]?addr(?:ess)?)?|mail|(?:tele|cell|mobile)?[-_ ]?phone"
    "(?:[-_ ]?(?:number|no))?|mobile(?:[-_ ]?number)?|tel|fax|(?:first|last|full|middle"
    "|given|family|sur|nick|user|contact|customer|recipient|display)[-_ ]?name|address"
    "(?:[-_ ]?(?:line)?[-_ ]?[0-9])?|street(?:[-_ ]?address)?|ip(?:[-_ ]?addr(?:ess)?)?"
    "|birth[-_ ]?(?:day|date)|date[-_ ]?of[-_ ]?birth|dob|iban|password"
)
IN_CAMEL_CASE = "(?:E-?[mM]ail|Phone|(?:First|Last|Full)Name|Address|Birthday)"

TEXT = r'"(?:[^"\\]|\\.)*"'
#: A value inside a document is matched down to this depth.
DEPTH = 8
REST = r"@|%40|%2540|\+[0-9]"
#: What a backslash in a document makes of the next signs is no part of an address.
ESCAPE = r"(\\[^u]|\\u[0-9a-fA-F]{4})?"


def without_mail(text: str) -> str:
    """A short text in which every e-mail address is masked."""
    return (
        f"case when {_has_mail(text)} then {_mask(text, MAIL, E_MAIL)} else {text} end"
    )


def masked_text(text: str) -> str:
    """What people write: e-mail addresses and numbers that may be phones are masked."""
    number = f"{DIALLED}|{LONG}"
    return f"""case when {_has_mail(text)} or regexp_matches({text}, {literal(number)})
        then {_mask(_mask(text, MAIL, E_MAIL), number, PHONE)} else {text} end"""


def masked_url(text: str) -> str:
    """A link without the values of personal parameters and without e-mail addresses."""
    parameter = rf"([?&;#](?:[^=&#]*[-_.\[])?(?:(?i:{PERSONAL_KEY}))\]?=)[^&#]*"
    with_mail = rf"([?&;#][^=&#]*=)[^&#]*{AT}[^&#]*"
    masked = _mask(_mask(text, parameter, rf"\1{HIDDEN}"), with_mail, rf"\1{HIDDEN}")
    named = f"contains({text}, '=') and regexp_matches({text}, {literal(parameter)})"
    return f"""case when {_has_mail(text)} or ({named})
        then {_mask(masked, MAIL, HIDDEN)} else {text} end"""


def masked_document(text: str, names_too: bool) -> str:
    """A JSON document without members that name a person, at any depth; NULL if none.

    E-mail addresses and dialled numbers in what is left are masked.
    """
    member = f"{_key(names_too)}:{_value()}"
    # Every quote in a text is escaped, so that a key is found by its quotes alone.
    later = _mask(f"cast(json({text}) as VARCHAR)", f",{member}", "")
    left = _mask(later, rf"\{{{member},?", "{")
    masked = _mask(_mask("d", ESCAPE + MAIL, rf"\1{E_MAIL}"), DIALLED, PHONE)
    key = literal(f"{_key(names_too)}:")
    clean = f"""case when regexp_matches(d, {key}) then '{{}}'
        when regexp_matches(d, {literal(REST)}) then {masked} else d end"""
    sign = literal(rf"{REST}|\\u00|{_key(names_too)}\s*:")
    return f"""case when not json_valid({text}) then null
        when not regexp_matches({text}, {sign}) then {text}
        else list_transform([{left}], lambda d: {clean})[1] end"""


def _key(names_too: bool) -> str:
    keys = f"{PERSONAL_KEY}|name" if names_too else PERSONAL_KEY
    plain = rf"(?:[^\"\\]*[-_ .$])?(?i:{keys})".replace('\\"', '"')
    return f'"(?:{plain}|[^"\\\\]*[a-z0-9]{IN_CAMEL_CASE})"'


def _value() -> str:
    inner = rf'{TEXT}|[^"\[\]{{}}]'
    nested = rf"[\[{{](?:{inner})*[\]}}]"
    for _ in range(DEPTH - 1):
        nested = rf"[\[{{](?:{inner}|{nested})*[\]}}]"
    return rf'(?:{TEXT}|[^",\[\]{{}}]+|{nested})'


def _has_mail(text: str) -> str:
    signs = ("@", "%40", "%2540")
    return "(" + " or ".join(f"contains({text}, '{sign}')" for sign in signs) + ")"


def _mask(text: str, pattern: str, by: str) -> str:
    return f"regexp_replace({text}, {literal(pattern)}, {literal(by)}, 'g')"
