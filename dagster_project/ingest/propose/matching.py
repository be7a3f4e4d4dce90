"""Which vendor column is which of ours: by name, then by what its values look like.

The words of vendors are data, `words.yml`. What is made of a match is in
`propose.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dagster_project.ingest.feeds import FEEDS, FeedSpec
from dagster_project.ingest.propose.sample import Columns, words
from dagster_project.ingest.propose.values import Look, look_at, takes

SAME = 1.0
SYNONYM = 0.9
#: A column may carry a prefix: `context.traits.email`, `billing_country`.
INNER = 0.7
BY_VALUES = 0.35
#: Kinds whose values alone tell them.
TELLING = ("email", "currency", "url")


@dataclass(frozen=True)
class Match:
    """One of our columns and where it seems to be, between 0 and 1 how surely."""

    field: str
    column: str
    score: float
    look: Look

    @property
    def reason(self) -> str:
        """Why, without a value."""
        if self.score >= SAME:
            name = "the same name"
        elif self.score > BY_VALUES:
            name = "the name is alike"
        else:
            name = "no other column has such values"
        return f"{name}, {self.look.words}"


@dataclass
class Matching:
    """A feed with the columns that were found for it."""

    feed: FeedSpec
    explode: str | None = None
    matches: dict[str, Match] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    score: float = 0.0

    def column(self, name: str) -> str | None:
        """The vendor column of one of ours."""
        match = self.matches.get(name)
        return match.column if match else None


def rank_feeds(
    path: Path, columns: Columns, lists: dict[str, Columns], only: str | None = None
) -> list[Matching]:
    """Every feed with its best matching, the likeliest first."""
    ways: list[tuple[str | None, Columns]] = [(None, columns), *lists.items()]
    found = []
    for explode, given in ways:
        looks = {name: look_at(values) for name, values in given.items()}
        for feed in FEEDS.values():
            if only in (None, feed.name):
                matching = match_feed(feed, looks)
                matching.explode = explode
                matching.score = _score(matching, path)
                found.append(matching)
    return sorted(found, key=lambda m: (-m.score, m.explode or ""))


def match_feed(feed: FeedSpec, looks: dict[str, Look]) -> Matching:
    """The best column for each of ours; no column serves twice."""
    matching = Matching(feed, looks=looks)
    taken: set[str] = set()
    order = {name: at for at, name in enumerate(looks)}
    candidates = sorted(
        _candidates(feed, looks),
        key=lambda m: (-m.score, m.field not in feed.required, order[m.column]),
    )
    for match in candidates:
        if match.field not in matching.matches and match.column not in taken:
            matching.matches[match.field] = match
            taken.add(match.column)
    return matching


def _candidates(feed: FeedSpec, looks: dict[str, Look]) -> Iterator[Match]:
    known = {name: _synonyms(feed, name) for name in feed.fields}
    for column, look in looks.items():
        for name, kind in feed.fields.items():
            score = _by_name(column, name, known[name])
            if kind == "decimal" and not score:
                score = _by_name(_without_unit(column), name, known[name])
            if not takes(kind, look) or (look.shape == "empty" and score < SYNONYM / 2):
                continue
            is_date = name == feed.business_date and _is_own_time(column, look)
            if not score and (is_date or (kind in TELLING and look.shape == kind)):
                score = BY_VALUES if is_date or kind != "url" else 0.0
            if look.shape == "empty":
                score *= 0.6
            if score:
                yield Match(name, column, score, look)


def _is_own_time(column: str, look: Look) -> bool:
    """Loaders add times of their own: `_fivetran_synced`."""
    return look.shape in ("time", "date") and not column.startswith("_")


def _synonyms(feed: FeedSpec, name: str) -> list[str]:
    listed = words()
    own = listed.get(feed.name, {}).get(name, [])
    return [key_of(word) for word in [*own, *listed["everywhere"].get(name, [])]]


def _by_name(column: str, name: str, synonyms: list[str]) -> float:
    """How near a vendor's name is to one of ours, 0 for not at all."""
    whole, ours = key_of(column), key_of(name)
    if whole == ours:
        return SAME
    if whole in synonyms:
        return SYNONYM - 0.01 * min(synonyms.index(whole), 15)
    parts = column.split(".")
    last = key_of(parts[-1])
    if len(parts) > 1 and last == ours:
        return INNER + 0.1
    if len(parts) > 1 and last in synonyms:
        return INNER - 0.01 * min(synonyms.index(last), 15)
    is_inside = len(ours) > 3 and whole.endswith(ours) and ours not in ("name", "type")
    return INNER - 0.2 if is_inside else 0.0


def _without_unit(column: str) -> str:
    """`amount_cents` is an amount."""
    return re.sub(r"(?i)[_ ]?(in_)?(cents?|minor|pence)$", "", column)


def key_of(name: str) -> str:
    """A name without case and signs."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _score(matching: Matching, path: Path) -> float:
    """Required columns count most, then how much of the file is understood."""
    feed, found = matching.feed, matching.matches
    needed = [found[n].score if n in found else 0.0 for n in feed.required]
    needed += [
        max((found[n].score for n in group if n in found), default=0.0)
        for group in feed.one_of
    ]
    place = words()["place_is_id"].get(feed.name)
    made_of = words()["made_of"].get(feed.name, {})
    for at, name in enumerate(feed.required):
        if name not in found and (name == place or made_of.get(name) in found):
            needed[at] = BY_VALUES if name == place else INNER
    understood = sum(match.score for match in found.values())
    share = understood / max(len(matching.looks), 1)
    spoken = _speaks(feed.name, path)
    return sum(needed) / len(needed) + 0.6 * share + 0.03 * understood + spoken


def _speaks(feed: str, path: Path) -> float:
    """How clearly the name of a file says what is in it."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path.name).lower()
    if key_of(feed).removesuffix("s") in key_of(name):
        return 0.5
    parts = [part.removesuffix("s") for part in re.split(r"[^a-z]+", name)]
    return 0.35 if set(parts) & set(words()["files"].get(feed, [])) else 0.0
