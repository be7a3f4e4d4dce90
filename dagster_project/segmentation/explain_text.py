"""Prints explanations as plain lines for a terminal. Judges nothing."""

from collections.abc import Iterable, Iterator, Sequence

from dagster_project.segmentation.explanation import Explanation, Trait, TriedRule
from dagster_project.segmentation.plain_words import threshold_words, value_words

MARKS: dict[bool | None, str] = {True: "yes", False: "no", None: "not known"}


def explanation_text(explanations: Sequence[Explanation]) -> str:
    """All explanations, one paragraph per model."""
    if not explanations:
        return "The customer is in no segment of this release."
    return "\n\n".join("\n".join(_lines(one)) for one in explanations)


def _lines(one: Explanation) -> Iterator[str]:
    yield f"{one.title or one.model}: {one.segment}"
    if one.means:
        yield f"  {one.means}"
    yield f"  {_since(one)}"
    if one.tried:
        yield from _rules(one)
    elif one.traits:
        yield from map(_trait, one.traits)
    elif one.reason:
        yield f"  Decided by {one.reason}: {_reason(one)}"
    yield from _nearest(one)
    if one.segment_now not in (None, one.segment):
        yield f"  The rules have changed: they now give {one.segment_now}."


def _since(one: Explanation) -> str:
    since = f"Since {one.assigned['assigned_since']}"
    before = one.assigned.get("previous_segment")
    return since + (f", before that {before}" if before else "")


def _rules(one: Explanation) -> Iterator[str]:
    for rule in one.tried:
        yield f"  {_verdict(rule)} {rule.segment}: {rule.words}"
        for check in rule.comparisons:
            values = ", ".join(check.values.values())
            yield f"      {MARKS[check.holds]}: {check.words} (it is {values})"
    if one.tried[-1].holds is False:
        yield f"  No rule took the customer, so {one.segment_now}."


def _verdict(rule: TriedRule) -> str:
    return {True: "Is", False: "Not", None: "Cannot tell whether"}[rule.holds]


def _trait(trait: Trait) -> str:
    other = trait.typical_of_next
    beside = f", of the next group {_number(other)}" if other is not None else ""
    typical = f"typical of the group is {_number(trait.typical)}"
    return f"  {trait.words}: {trait.value}; {typical}{beside}"


def _number(value: float | None) -> str:
    return value_words(None if value is None else f"{value:.9g}")


def _reason(one: Explanation) -> str:
    threshold = one.assigned["reason_threshold"]
    family = "text" if "'" in (threshold or "") else "number"
    value = value_words(one.assigned["reason_value"], family)
    wanted = threshold_words(threshold)
    return f"{value} ({wanted})" if wanted else value


def _nearest(one: Explanation) -> Iterable[str]:
    margin = one.assigned.get("margin")
    if margin is None or not one.assigned.get("next_segment"):
        return []
    share = f"{value_words(str(round(float(margin) * 100, 1)))} %"
    return [f"  Nearest other segment: {one.assigned['next_segment']}, {share} away"]
