"""Proposes the declaration of a delivery from a sample of it.

What the columns seem to be is found in `matching.py`, the text is written in
`text.py`. A proposal says what it could not find; a person decides.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagster_project.declarations import did_you_mean, parse
from dagster_project.errors import DeclarationError, UsageError
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.propose.fields import propose_fields, version_of
from dagster_project.ingest.propose.forms import Proposed
from dagster_project.ingest.propose.matching import Matching, key_of, rank_feeds
from dagster_project.ingest.propose.reading import read_sample
from dagster_project.ingest.propose.sample import Sample

EVENTS = ("web_events", "invoice_lines", "campaign_events")


@dataclass
class Proposal:
    """A declaration with reasons, what is still needed, and what was left over.

    `source` is None while something required is missing, which `needs` names.
    """

    name: str
    sample: Sample
    matching: Matching
    body: dict[str, Any]
    fields: dict[str, Proposed]
    notes: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    source: SourceSpec | None = None


def propose(
    path: Path, landing: Path, feed: str | None = None, name: str | None = None
) -> Proposal:
    """The declaration that a file seems to need.

    Raises UsageError for a file that no source could read, an unknown feed, or one that
    resembles no feed at all.
    """
    if feed and feed not in FEEDS:
        raise UsageError(f"--feed {feed}: no such feed{did_you_mean(feed, FEEDS)}")
    sample = read_sample(path)
    ranked = rank_feeds(path, sample.columns, sample.lists, feed)
    best = ranked[0]
    if not best.matches and not feed:
        raise UsageError(
            f"{path}: none of its columns is like ours; name the feed with --feed"
        )
    fields = propose_fields(best, sample)
    name = name or _name(best, path)
    proposal = Proposal(name, sample, best, {}, fields)
    proposal.others = _others(ranked, best)
    _describe(proposal, path, landing)
    _judge(proposal)
    return proposal


def _describe(proposal: Proposal, path: Path, landing: Path) -> None:
    sample, matching = proposal.sample, proposal.matching
    body: dict[str, Any] = {"feed": matching.feed.name}
    body["path"] = _pattern(path, landing, proposal.name)
    body["format"] = sample.format
    if sample.format == "csv":
        if sample.delimiter != ",":
            body["delimiter"] = sample.delimiter
        if not sample.header:
            body["header"] = 0
        if sample.skip:
            body["skip"] = list(sample.skip)
    if sample.pattern:
        body["pattern"] = sample.pattern
        proposal.notes["pattern"] = str(sample.pattern_name)
    _describe_versions(proposal, body)
    if matching.explode:
        body["explode"] = matching.explode
        proposal.notes["explode"] = "one row for each element of this list"
    if zone := _zone_note(matching, proposal.fields):
        body["timezone"] = "UTC"
        proposal.notes["timezone"] = zone
    proposal.body = body


def _describe_versions(proposal: Proposal, body: dict[str, Any]) -> None:
    matching = proposal.matching
    version = version_of(matching)
    if matching.feed.name in EVENTS and not version:
        body["delivery"] = "events"
        proposal.notes["delivery"] = "each id comes once; upserts if rows are corrected"
        return
    body["delivery"] = "upserts"
    proposal.notes["delivery"] = (
        "a later version wins; full_snapshot if every file holds all there is"
    )
    if version:
        body["version_at"] = version
        proposal.notes["version_at"] = "orders the versions of one id"


def _judge(proposal: Proposal) -> None:
    """Parse it, or say what is missing."""
    feed = proposal.matching.feed
    given = proposal.fields.keys()
    proposal.needs = [name for name in feed.required if name not in given]
    proposal.needs += [
        " or ".join(group) for group in feed.one_of if not given & set(group)
    ]
    used = {column for one in proposal.fields.values() for column in one.columns}
    version = proposal.body.get("version_at", {}).get("path")
    proposal.left_over = [
        name
        for name in proposal.matching.looks
        if name not in used and name != version and not _below(name, used)
    ]
    if proposal.needs:
        return
    own = {name: one.spec for name, one in proposal.fields.items()}
    body = {**proposal.body, "fields": own}
    try:
        proposal.source = parse(
            SourceSpec, body, Path(f"{proposal.name}.yml"), name=proposal.name
        )
    except DeclarationError as error:
        proposal.needs = str(error).splitlines()


def _below(name: str, used: set[str]) -> bool:
    """Whether it is a part of something used, or what something used is a part of."""
    return any(name.startswith(f"{one}.") or one.startswith(f"{name}.") for one in used)


def _others(ranked: list[Matching], best: Matching) -> list[str]:
    names = [m.feed.name for m in ranked if m.score > 0.6 * best.score]
    return [n for n in dict.fromkeys(names) if n != best.feed.name][:2]


def _name(matching: Matching, path: Path) -> str:
    """`<feed>__<what the file is called without its dates>`."""
    stem = path.name.split(".")[0]
    words = [w for w in re.split(r"[^a-z]+", stem.lower()) if len(w) > 1]
    rest = "_".join(words)
    if not rest or key_of(rest) in key_of(matching.feed.name):
        rest = "new"
    return f"{matching.feed.name}__{rest}"


def _pattern(path: Path, landing: Path, name: str) -> str:
    """Where such files lie; runs of digits are the dates of others."""
    called = re.sub(r"\d[\d_-]*\d|\d", "*", path.name.removesuffix(".gz"))
    called = re.sub(r"\*+", "*", called) + "*"
    if landing in path.absolute().parents:
        folder = path.absolute().relative_to(landing).parent
        return (folder / called).as_posix()
    return f"{name.partition('__')[2] or name}/{called}"


def _zone_note(matching: Matching, fields: dict[str, Proposed]) -> str | None:
    used = {column for one in fields.values() for column in one.columns}
    naive = [
        look
        for name, look in matching.looks.items()
        if name in used and look.shape == "time" and not look.unit
        if not look.has_offset
    ]
    return "times have no offset: name the zone of the vendor here" if naive else None
