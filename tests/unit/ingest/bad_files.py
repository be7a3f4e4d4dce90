"""Files that are wrong as a whole or only look so, by their name in the docs."""

import gzip
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb
from bad_case import (
    EVENT,
    GOOD,
    GOOD_EVENT,
    HEADER,
    Case,
    csv,
    event,
    jsonl,
)

TEXT = HEADER + GOOD
LONG = HEADER + b"".join(
    b"L%d,I1,2026-11-20,%d,EUR,\n" % (n, n * 7919 % 1000) for n in range(3000)
)
PACKED = gzip.compress(LONG, mtime=0)
HEADERS = HEADER.decode().strip()


def parquet(query: str) -> bytes:
    """The bytes of the Parquet file of a query."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.parquet"
        duckdb.execute(f"copy ({query}) to '{path}' (format parquet)")
        return path.read_bytes()


LINES = """select 'L' || range as invoice_line_id, 'I1' as invoice_id,
    timestamp '2026-11-20' as invoiced_at, 1.5 as amount from range(3000)"""
FILE = parquet(LINES)

ENCODINGS: dict[str, Case] = {
    "byte order mark": csv(b"\xef\xbb\xbf" + TEXT),
    "UTF-16": csv(TEXT.decode().encode("utf-16")),
    "UTF-16 without a byte order mark": csv(TEXT.decode().encode("utf-16-be")),
    "UTF-16 events": jsonl(GOOD_EVENT.decode().encode("utf-16-le")),
    "Latin-1 letter in the header": csv(b"caf\xe9," + TEXT),
    "lines that end in CRLF": csv(TEXT.replace(b"\n", b"\r\n")),
    "lines that end in CR only": csv(TEXT.replace(b"\n", b"\r")),
    "events that end in CR only": jsonl((GOOD_EVENT + event()).replace(b"\n", b"\r")),
    "mixed line endings": csv(
        TEXT + b"x,I1,2026-11-20,1,EUR,\r\n" + b"y,I1,2026-11-20,1,EUR,"
    ),
    "no newline at the end": csv(TEXT[:-1] + b"!"),
    "blank lines between rows": csv(HEADER + b"\n  \n" + GOOD + b"\n"),
    "empty file": csv(b""),
    "only blank lines": csv(b"\n\r\n \n"),
    "only blank lines of events": jsonl(b"\n\n \n"),
}
SHAPES: dict[str, Case] = {
    "header only": csv(HEADER),
    "header without a newline": csv(HEADER[:-1]),
    "blank line before the header": csv(b"\n" + TEXT),
    "no header": csv(GOOD),
    "same column twice": csv(b"amount," + TEXT),
    "same column twice, in other case and spaces": csv(b"Invoice ID," + TEXT),
    "empty column names": csv(b",," + HEADER + b",," + GOOD),
    "header in other case and spaces": csv(
        HEADERS.replace("_", " ").upper().encode() + b"\n" + GOOD
    ),
    "columns in another order": csv(
        b"amount,invoice_id,invoice_line_id,invoiced_at\n1,I,x,2026-11-20\n"
    ),
    "columns that nobody asked for": csv(b"colour," + HEADER + b"red," + GOOD),
    "required column missing": csv(TEXT.replace(b"amount", b"amuont")),
    "optional column missing": csv(
        b"invoice_line_id,invoice_id,invoiced_at,amount\nx,I,2026-11-20,1\n"
    ),
    "another delimiter than declared": csv(TEXT.replace(b",", b";")),
    "unclosed quote": csv(TEXT + b'"bad,I1,2026-11-20,1,EUR,\n' + GOOD),
    "unclosed quote in the header": csv(b'"' + TEXT),
    "all rows bad": csv(HEADER + b"a,I1,x,1,EUR,\nb,I1,y,1,EUR,\n"),
    "web page in place of the export": csv(
        b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n"
    ),
    "message in place of the export": jsonl(b"Error: access denied\n"),
}
PACKAGES: dict[str, Case] = {
    "gzip": csv(gzip.compress(TEXT), name=".csv.gz"),
    "gzip of several members": csv(
        gzip.compress(HEADER) + gzip.compress(GOOD), name=".csv.gz"
    ),
    "gzip of an empty file": csv(gzip.compress(b""), name=".csv.gz"),
    "gzip, cut": csv(PACKED[: len(PACKED) // 2], name=".csv.gz"),
    "gzip, cut in its header": csv(PACKED[:5], name=".csv.gz"),
    "gzip, cut in its check sum": csv(PACKED[:-6], name=".csv.gz"),
    "gzip with a wrong check sum": csv(PACKED[:-8] + b"\x00" * 8, name=".csv.gz"),
    "gzip with a damaged byte": csv(
        PACKED[:500] + bytes([PACKED[500] ^ 255]) + PACKED[501:], name=".csv.gz"
    ),
    "gzip followed by other bytes": csv(PACKED + b"garbage", name=".csv.gz"),
    "gzip followed by NUL bytes": csv(
        gzip.compress(TEXT + b"x,I1,2026-11-20,1,EUR,\n") + b"\x00" * 512,
        name=".csv.gz",
    ),
    "gzip in gzip": csv(gzip.compress(gzip.compress(TEXT)), name=".csv.gz"),
    "named .gz without being gzip": csv(
        HEADER + b"y,I1,2026-11-20,1,EUR,\n", name=".csv.gz"
    ),
    "empty file named .gz": Case("csv", ".csv.gz", b""),
    "gzip without the name": csv(gzip.compress(TEXT, 1)),
    "gzip of events without the name": jsonl(gzip.compress(GOOD_EVENT)),
    "zip or Excel": csv(b"PK\x03\x04" + bytes(range(200))),
    "Zstandard": jsonl(b"\x28\xb5\x2f\xfd" + bytes(range(200))),
    "Parquet named .csv": csv(FILE),
}


def table(query: str, shows: str | None = None) -> Case:
    """The Parquet file of a query, with an invoice and a day added."""
    rest = "'I1' as invoice_id, date '2026-11-20' as invoiced_at"
    content = parquet(f"select *, {rest} from ({query})")
    return Case("parquet", ".parquet", content, shows=shows)


def damaged(content: bytes) -> Case:
    """What is left of a Parquet file."""
    return Case("parquet", ".parquet", content)


TABLES: dict[str, Case] = {
    "Parquet, cut": damaged(FILE[: len(FILE) // 2]),
    "Parquet without its first bytes": damaged(FILE[100:]),
    "Parquet with another magic": damaged(b"PAR2" + FILE[4:-4] + b"PAR2"),
    "Parquet with a damaged page": damaged(FILE[:4] + b"\xff" * 200 + FILE[204:]),
    "Parquet with a damaged footer": damaged(FILE[:-300] + bytes(292) + FILE[-8:]),
    "CSV named .parquet": damaged(TEXT),
    "empty file named .parquet": damaged(b""),
    "Parquet without rows": damaged(parquet(f"{LINES} limit 0")),
    "Parquet without a required column": damaged(parquet("select 1 as amount")),
    "Parquet with two columns of one name": table(
        "select 'x' as invoice_line_id, 1 as amount, 2 as \"Amount \""
    ),
    "Parquet with texts for amounts": table(
        "select 'x' as invoice_line_id, '1.5' as amount", "amount"
    ),
    "Parquet with ids as doubles": table(
        "select 12346::double as invoice_line_id, 1 as amount", "invoice_line_id"
    ),
    "Parquet with NaN": replace(
        table(
            "from (values ('a', 1.5::double), ('b', 'nan'::double))"
            " as t(invoice_line_id, amount)"
        ),
        bad=(
            b'{"invoice_line_id":"b","amount":NaN,"invoice_id":"I1",'
            b'"invoiced_at":"2026-11-20"}',
        ),
    ),
    "Parquet with booleans for amounts": table(
        "select 'x' as invoice_line_id, true as amount"
    ),
    "Parquet with bytes for ids": table(
        "select '\\xFF'::blob as invoice_line_id, 2 as amount", "invoice_line_id"
    ),
}


def document(content: bytes) -> Case:
    """A file that should be one JSON list."""
    return Case("json", ".json", content)


LIST = json.dumps([EVENT, {**EVENT, "event_id": "odd"}]).encode()

LISTS: dict[str, Case] = {
    "JSON list": document(LIST),
    "JSON list over several lines": document(json.dumps([EVENT], indent=1).encode()),
    "JSON list, empty": document(b"[]"),
    "JSON list, cut": document(LIST[:-40]),
    "JSON list followed by text": document(LIST + b"xyz"),
    "JSON list of numbers": document(b"[1, 2]"),
    "JSON list of objects and others": replace(
        document(b"[" + GOOD_EVENT + b", 1, null]"), bad=(b"1", b"null")
    ),
    "one JSON object, not a list": document(GOOD_EVENT),
    "JSON lines named .json": document(GOOD_EVENT + event() + b"\n"),
    "JSON list with a byte order mark": document(b"\xef\xbb\xbf" + LIST),
    "JSON list in UTF-16": document(LIST.decode().encode("utf-16")),
    "JSON list with a Latin-1 letter": document(LIST.replace(b"odd", b"\xe9")),
    "JSON list of blanks": document(b" \n"),
    "JSON list nested 100,000 deep": document(b"[" * 100_000 + b"]" * 100_000),
}
