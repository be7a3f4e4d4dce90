"""Good files become bad ones, by chance but always the same for one seed."""

import gzip
import random
from collections.abc import Callable

from tests.mutation.golden import Golden

Change = Callable[[random.Random, bytes], bytes]

ODDITIES = [
    b'"', b'""', b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b",", b"\t",
    b"{", b"}", b"[", b"]", b":", b"\\", b"\\u0000", b"\\ud800", b"null", b"NaN",
    b"1e999", b"\xe9", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\x1a", b"\x0b\x0c", b"-",
    b"'", b";",
]  # fmt: skip


def mutant(
    chance: random.Random, golden: Golden, others: list[Golden]
) -> tuple[str, bytes]:
    """A spoilt file: the end of its name, and its content."""
    suffix = golden.name[golden.name.rindex("/") + 1 :].partition(".")[2]
    is_parquet = suffix.endswith("parquet")
    if is_parquet or (golden.is_gzip and chance.random() < 0.15):
        return suffix, _spoilt(chance, golden.packed, others, BYTES)
    content = _spoilt(chance, golden.content, others, BYTES + LINES)
    if golden.is_gzip and chance.random() < 0.2:
        return suffix.removesuffix(".gz"), content
    if not golden.is_gzip and chance.random() < 0.05:
        suffix += ".gz"
    if suffix.endswith(".gz"):
        content = gzip.compress(content, 1, mtime=0)
    return suffix, content


def _spoilt(
    chance: random.Random, content: bytes, others: list[Golden], ways: list[Change]
) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if chance.random() < 0.1:
            content = _spliced(chance, content, chance.choice(others).content)
        else:
            content = chance.choice(ways)(chance, content)
    return content


def _place(chance: random.Random, content: bytes) -> int:
    return chance.randint(0, len(content))


def _span(chance: random.Random, content: bytes) -> tuple[int, int]:
    first = _place(chance, content)
    return first, first + int(chance.expovariate(1 / 20))


def _spliced(chance: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: _place(chance, content)] + other[_place(chance, other) :]


def _bits_flipped(chance: random.Random, content: bytes) -> bytes:
    spoilt = bytearray(content)
    for _ in range(chance.randint(1, 8) if spoilt else 0):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def _bytes_cut(chance: random.Random, content: bytes) -> bytes:
    first, last = _span(chance, content)
    return content[:first] + content[last:]


def _truncated(chance: random.Random, content: bytes) -> bytes:
    return content[: _place(chance, content)]


def _beginning_lost(chance: random.Random, content: bytes) -> bytes:
    return content[_span(chance, content)[0] :]


def _bytes_inserted(chance: random.Random, content: bytes) -> bytes:
    at = _place(chance, content)
    return content[:at] + chance.randbytes(chance.randint(1, 30)) + content[at:]


def _oddities_inserted(chance: random.Random, content: bytes) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at = _place(chance, content)
        content = content[:at] + chance.choice(ODDITIES) + content[at:]
    return content


def _span_repeated(chance: random.Random, content: bytes) -> bytes:
    first, last = _span(chance, content)
    return content[:last] + content[first:]


def _span_blanked(chance: random.Random, content: bytes) -> bytes:
    first, last = _span(chance, content)
    last = min(last, len(content))
    return content[:first] + bytes(max(0, last - first)) + content[last:]


def _lines_repeated(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    for _ in range(chance.randint(1, 3) if lines else 0):
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    return b"".join(lines)


def _lines_shuffled(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    head = lines[: chance.randint(0, 1)]
    rest = lines[len(head) :]
    chance.shuffle(rest)
    return b"".join(head + rest)


def _line_lost(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    if lines:
        lines.pop(chance.randrange(len(lines)))
    return b"".join(lines)


def _line_ends_changed(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines()
    ends = chance.choice(([b"\r\n"], [b"\r"], [b"\n", b"\r\n"], [b"\n\n", b"\n", b""]))
    return b"".join(line + chance.choice(ends) for line in lines)


def _encoded_otherwise(chance: random.Random, content: bytes) -> bytes:
    encoding = chance.choice(("utf-16", "utf-16-le", "latin-1", "utf-8-sig", "cp1252"))
    return content.decode("utf-8", "replace").encode(encoding, "replace")


BYTES: list[Change] = [
    _bits_flipped, _bits_flipped, _bytes_cut, _truncated, _beginning_lost,
    _bytes_inserted, _span_repeated, _span_blanked,
]  # fmt: skip
LINES: list[Change] = [
    _oddities_inserted, _oddities_inserted, _lines_repeated, _lines_shuffled,
    _line_lost, _line_ends_changed, _encoded_otherwise,
]  # fmt: skip
