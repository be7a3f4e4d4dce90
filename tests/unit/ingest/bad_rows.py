"""Rows that are wrong or only look so, by the name they have in docs/bad-input.md."""

import json

from bad_case import EVENT, Case, csv_kept, csv_row, event, json_kept, json_row, line

ODD = event()[:-1]
DEEP = b"[" * 100_000 + b"]" * 100_000


def answers(kind: str, bad: str) -> Case:
    """An answer outside its scale, below a good one."""
    good, row = (f"{n},q,2026-11-20,{kind},{n}".encode() for n in ("1", bad))
    header = b"response_id,question_id,submitted_at,survey_kind,answer_number\n"
    return Case("survey", ".csv", header + good + b"\n" + row + b"\n", bad=(row,))


#: What is wrong with the writing of a row.
WRITING: dict[str, Case] = {
    "Latin-1 letter in a CSV row": csv_row(line(description="caf") + b"\xe9"),
    "Latin-1 letter in a JSON line": json_row(event(event_name="x")[:-2] + b'\xe9"}'),
    "byte that is never UTF-8 (FF)": json_row(b"\xff" + event()),
    "surrogate written as UTF-8 (ED A0 80)": csv_row(
        line(description="x") + b"\xed\xa0\x80"
    ),
    "NUL byte in a CSV row": csv_row(line(description="a\x00b")),
    "NUL byte in a JSON line": json_row(ODD + b', "event_name": "a\x00b"}'),
    "row of NUL bytes, as a disk leaves": csv_row(b"\x00" * 64),
    "fewer cells than the header": csv_row(b"bad,I1,2026-11-20"),
    "more cells than the header": csv_row(line() + b",more"),
    "thousands separator without quotes": csv_row(line(amount="1,234.50")),
    "text after a closing quote": csv_row(b'"bad"x,I1,2026-11-20,1,EUR,'),
    "carriage return inside a row": csv_row(line(description="a\rb")),
    "quoted newline": csv_kept(line(description='"two\nlines"'), "description"),
    "doubled quote": csv_kept(line(description='"a ""b"" c"'), "description"),
    "quote inside an unquoted cell": csv_kept(
        line(description='3" pipe'), "description"
    ),
    "line that is no JSON": json_row(b"{oops"),
    "JSON list, number, text or null": json_row(b"[1]", b"7", b'"x"', b"null"),
    "empty JSON object": json_row(b"{}"),
    "trailing comma": json_kept(ODD + b",}"),
    "single quotes": json_row(event().replace(b'"', b"'")),
    "NaN or Infinity in JSON": json_row(
        ODD + b', "price": NaN}', ODD + b', "price": -Infinity}'
    ),
    "two objects on one line": json_row(event() + event()),
    "one object over several lines": json_row(
        *json.dumps(EVENT, indent=1).encode().split(b"\n")
    ),
    "half a line, as a killed writer leaves": json_row(event()[:40]),
    "escaped half of a surrogate pair": json_row(ODD + b', "event_name": "\\ud800"}'),
    "100,000 lists in one another": json_kept(ODD + b', "properties": ' + DEEP + b"}"),
    "same key twice in an object": json_kept(ODD + b', "event_id": "second"}'),
    "line of 3 MB": json_kept(event(properties={"x": "y" * 3_000_000})),
    "number beyond a double in a payload": json_kept(
        ODD + b', "properties": {"x": 1e400}}', "properties"
    ),
    "empty key in an object": json_kept(
        event(**{"": {"": 1}}, properties={"": 1}), "properties"
    ),
    "odd keys in an object": json_kept(
        event(
            **{key: {key: 1} for key in ("*", "a.b", "$", "[0]", "'", '"', "\\", "\n")}
        )
    ),
    "blanks around an object": json_kept(b" \t" + event() + b" "),
}

#: What is wrong with a value.
VALUES: dict[str, Case] = {
    "text in a number": csv_row(line(amount="nine")),
    "thousands separator": csv_row(line(amount='"1,234.50"')),
    "decimal comma": csv_row(line(amount='"9,50"')),
    "currency sign": csv_row(line(amount="€9.50")),
    "NaN": csv_row(line(amount="NaN")),
    "inf": csv_row(line(amount="-inf")),
    "1e400": csv_row(line(amount="1e400")),
    "more digits than 14 before the point": csv_row(line(amount="999999999999999")),
    "fifth decimal place": csv_kept(line(amount="0.00005"), "amount"),
    "hexadecimal number": csv_row(line(amount="0x1F")),
    "other digits than 0 to 9": csv_row(line(amount="٣")),
    "true for a number": json_row(event(price=True)),
    "day that does not exist": csv_row(line(invoiced_at="2026-02-30")),
    "date in another order": csv_row(line(invoiced_at="20/11/2026")),
    "hour 25": csv_row(line(invoiced_at="2026-11-20 25:00")),
    "epoch number for a time": csv_row(line(invoiced_at="1763632800")),
    "year 0001": csv_row(line(invoiced_at="0001-01-01")),
    "1899-12-30": csv_row(line(invoiced_at="1899-12-30")),
    "year 10000": csv_row(line(invoiced_at="10000-01-01")),
    "infinity for a time": csv_row(line(invoiced_at="infinity")),
    "time more than an hour after the first sight of the file": csv_row(
        line(invoiced_at="2026-11-21T03:00:01Z")
    ),
    "time less than an hour after the first sight of the file": csv_kept(
        line(invoiced_at="2026-11-21T03:00:00Z"), "invoiced_at"
    ),
    "leap second": csv_row(line(invoiced_at="2016-12-31T23:59:60Z")),
    "hour that a change of clocks repeats": Case(
        "london", ".jsonl", event(event_at="2026-10-25 01:30") + b"\n", shows="event_at"
    ),
    "hour that a change of clocks leaves out": Case(
        "london", ".jsonl", event(event_at="2026-03-29 01:30") + b"\n", shows="event_at"
    ),
    "currency in small letters": csv_kept(line(currency="eur"), "currency"),
    "currency sign for a currency": csv_row(line(currency="€")),
    "currency that does not exist": csv_row(line(currency="XQQ")),
    "value not in its list": json_row(event(event_type="click")),
    "object where a text belongs": json_kept(event(event_id={"a": 1})),
    "required value missing": json_row(b'{"event_id": "odd"}'),
    "required value null": json_row(event(event_at=None)),
    "required value empty or blank": csv_row(line(invoice_id="  ")),
    "no identifier at all": json_row(event(anonymous_id="")),
    "several things at once": csv_row(line(amount="x", invoiced_at="y")),
    "NPS answer of 11": answers("nps", "11"),
    "NPS answer of 9.5": answers("nps", "9.5"),
    "CSAT answer of -1": answers("csat", "-1"),
    "address that is none": json_kept(event(email="nobody"), "email_hash"),
    "empty cell": csv_kept(line(description=""), "description"),
    "id with leading zeros": csv_kept(line(invoice_line_id="007"), "invoice_line_id"),
    "id longer than a double": json_kept(event(event_id=12345678901234567890123)),
    "id with a fraction, as spreadsheets write": csv_kept(
        line(invoice_line_id="12346.0"), "invoice_line_id"
    ),
    "id of 100,000 characters": csv_kept(
        line(invoice_line_id="x" * 100_000), "invoice_line_id"
    ),
    "id that is the word null": csv_kept(
        line(invoice_line_id="null"), "invoice_line_id"
    ),
    "blanks around an id": csv_kept(line(invoice_line_id=" x1 "), "invoice_line_id"),
    "SQL in a text": csv_kept(line(description="'; drop table x; --"), "description"),
    "HTML in a text": csv_kept(
        line(description="<script>alert(1)</script>"), "description"
    ),
    "formula of a spreadsheet": csv_kept(line(description="=1+1"), "description"),
    "escaped NUL in JSON": json_row(ODD + b', "event_name": "a\\u0000b"}'),
}
