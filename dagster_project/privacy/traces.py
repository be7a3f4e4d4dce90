"""Finding a subject in bytes: addresses and phones by their hashes, ids as they are.

What is done with a line or a file that was found is decided elsewhere.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from dagster_project.ingest.personal import email_hash, phone_hash, stored_id
from dagster_project.privacy.subject import BY_INVOICE, HINT, Key, Subject, key_of

ERASED = b"<erased>"

AT = re.compile(rb"@|%40")
BEFORE = re.compile(rb"[^\s\",;<>\\]{1,100}\Z")
AFTER = re.compile(rb"[\w.\x80-\xff-]{1,255}")
#: An address may begin behind each of these, and some of them stand in addresses too.
BEGINS = re.compile(rb"[=&?/#:'()\[\]{}|*~!]")
PHONE = re.compile(rb"(?<![\w.])\+?[0-9](?:[ ()/.-]{0,3}[0-9]){4,24}(?!\w)")
#: An id this long, or with a letter, is not met by chance among other values.
STRONG_LENGTH = 9
STRONG_MIXED_LENGTH = 6
#: Where ids stand, whatever they are: a JSON member, a column.
ID_MEMBER = re.compile(
    rb'"([^"\\]*(?i:id|user|customer|client|account))"\s*:\s*'
    rb'(?:"((?:[^"\\]|\\.)*)"|(-?[0-9]+))'
)
ID_TITLE = re.compile(r"(?:id|user|customer|client|account)\s*$", re.IGNORECASE)
#: Ids that are never those of a person or a firm.
OF_A_THING = re.compile(
    "(?:invoice|order|product|plan|event|session|item|line|ticket|campaign|survey"
    "|question|response|payment|subscription|message|offer|page)[-_ ]?id\\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Traces:
    """What gives a subject away: hashes, and the ids that raw still knew."""

    subject: Subject
    pepper: bytes = field(repr=False)
    ids: frozenset[str] = field(repr=False)

    def names(self, text: bytes) -> bool:
        """Whether a record holds an address, a phone or a long id of the subject."""
        if next(self.spans(text), None):
            return True
        return bool(self._strong and self._strong.search(text))

    def names_by_key(self, text: bytes) -> bool:
        """Whether a JSON record holds one of their ids under the name of an id."""
        return any(
            self._is_id(given.decode("utf-8", "replace"))
            for found in ID_MEMBER.finditer(text)
            if (given := found[2] or found[3])
            and not OF_A_THING.search(found[1].decode("utf-8", "replace"))
        )

    def names_by_title(self, titles: Iterable[str], cells: Iterable[str]) -> bool:
        """Whether a delimited record holds one of their ids where ids stand."""
        pairs = zip(titles, cells, strict=False)
        return any(
            self._is_id(cell.strip())
            for title, cell in pairs
            if ID_TITLE.search(title) and not OF_A_THING.search(title)
        )

    def without(self, text: bytes) -> tuple[bytes, int]:
        """A text in which addresses and phones of the subject are erased; how many."""
        pieces, at, count = [], 0, 0
        for begin, end in sorted(self.spans(text)):
            if begin >= at:
                pieces += [text[at:begin], ERASED]
                at, count = end, count + 1
        return b"".join([*pieces, text[at:]]), count

    def spans(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Where addresses and phones of the subject stand."""
        for found in AT.finditer(text) if self._mails else ():
            before = BEFORE.search(text, max(0, found.start() - 100), found.start())
            after = AFTER.match(text, found.end())
            if before and after:
                begin = self._begin_of_mail(before[0], after[0])
                if begin is not None:
                    yield before.start() + begin, after.end()
        if self._phones:
            for found in PHONE.finditer(text):
                if self._is_phone(found[0]):
                    yield found.span()

    def _begin_of_mail(self, before: bytes, after: bytes) -> int | None:
        """Where in the signs before an @ their address begins, if it is theirs."""
        domain = unquote(after.decode("utf-8", "replace")).rstrip(".")
        for begin in (0, *(sign.end() for sign in BEGINS.finditer(before))):
            name = unquote(before[begin:].decode("utf-8", "replace"))
            if email_hash(self.pepper, f"{name}@{domain}") in self._mails:
                return begin
        return None

    def _is_phone(self, digits: bytes) -> bool:
        return phone_hash(self.pepper, digits.decode()) in self._phones

    def _is_id(self, given: str) -> bool:
        value = stored_id(self.pepper, given)
        digest = hashlib.md5(value.encode("utf-8", "replace"), usedforsecurity=False)
        return any(
            key_of(self.pepper, key.id_type, value).hash == key.hash
            for key in self._by_hint.get(digest.hexdigest()[:HINT], ())
        )

    @cached_property
    def _by_hint(self) -> dict[str, list[Key]]:
        found: dict[str, list[Key]] = {}
        for key in self.subject.keys:
            if key.hint and key.id_type != BY_INVOICE:
                found.setdefault(key.hint, []).append(key)
        return found

    @cached_property
    def _mails(self) -> set[str]:
        return self.subject.hashes("email_hash")

    @cached_property
    def _phones(self) -> set[str]:
        return self.subject.hashes("phone_hash")

    @cached_property
    def _strong(self) -> re.Pattern[bytes] | None:
        long = [i for i in self.ids if is_strong(i)]
        return _any_of(rb"(?<![\w-])(?:%s)(?![\w-])", long)


def is_strong(value: str) -> bool:
    """Whether an id can be looked for without knowing where ids stand."""
    has_letter = not value.isdigit()
    return len(value) >= (STRONG_MIXED_LENGTH if has_letter else STRONG_LENGTH)


def _any_of(pattern: bytes, values: list[str]) -> re.Pattern[bytes] | None:
    if not values:
        return None
    listed = b"|".join(re.escape(value.encode()) for value in sorted(values))
    return re.compile(pattern.replace(b"%s", listed))
