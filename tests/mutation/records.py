"""Our own splitting of files into lines and records, apart from the product's readers.

Bytes only: nothing here knows what a value means.
"""

import gzip
import zlib

NEWLINE = b"\n"
BLANKS = b" \t\r\n\x0b\x0c"


class Unpackable(Exception):
    """The bytes are no whole gzip file."""


def unpacked(name: str, content: bytes) -> bytes:
    """What a file holds. Raises Unpackable."""
    if not name.endswith(".gz"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise Unpackable from error


def lines_of(text: bytes) -> list[bytes]:
    """Physical lines without their newline, the byte order mark left out."""
    lines = text.removeprefix(b"\xef\xbb\xbf").split(NEWLINE)
    return lines if lines[-1] else lines[:-1]


def is_blank(line: bytes) -> bool:
    return not line.strip(BLANKS)


def without_end(record: bytes) -> bytes:
    return record.rstrip(b"\r\n")


def record_end(lines: list[bytes], first: int, delimiter: bytes) -> int | None:
    """The index of the last line of a delimited record; None if a quote stays open.

    A record ends where its quoting breaks, too.
    """
    state = "start"
    for number in range(first, len(lines)):
        if state == "start" and b'"' not in lines[number]:
            return number
        state = _state_after(lines[number], state, delimiter)
        if state != "quoted":
            return number
    return None


def _state_after(line: bytes, state: str, delimiter: bytes) -> str:
    """`quoted` when a quote is still open at the end of the line."""
    for byte in line.rstrip(b"\r"):
        letter = bytes([byte])
        if state == "quoted":
            state = "after" if letter == b'"' else "quoted"
        elif state == "after":
            if letter not in (b'"', delimiter):
                return "broken"
            state = "quoted" if letter == b'"' else "start"
        elif state == "start" and letter == b'"':
            state = "quoted"
        elif letter == b"\r":
            return "broken"
        else:
            state = "start" if letter == delimiter else "plain"
    return state
