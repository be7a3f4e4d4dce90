"""Puts features, values and rules into words for people who write no SQL.

Wording only: nothing is read from a table or judged here.
"""

import re
from decimal import Decimal, InvalidOperation

from dagster_project.segmentation.feature_contract import FeatureColumn
from dagster_project.segmentation.predicate_tree import Comparison, Condition, Junction
from dagster_project.segmentation.predicate_values import DATES, Features

ABBREVIATIONS = {"mrr", "arr", "nps", "csat", "rfm", "clv"}
WINDOWS = (
    (r"_prev_(\d+)d$", r" in the \1 days before the last \1"),
    (r"_(\d+)d$", r" in the last \1 days"),
    (r"_(\d+)w$", r" over the last \1 weeks"),
    (r"_(\d+)m$", r" in the last \1 months"),
    (r"_total$", " in total"),
    (r"_(on|at)$", r" \1"),
)
PHRASES = {
    ">=": "is at least",
    ">": "is above",
    "<=": "is at most",
    "<": "is below",
    "=": "is",
    "<>": "is not",
    "in": "is one of",
    "not in": "is none of",
    "is null": "is not known",
    "is not null": "is known",
    "is true": "is true",
    "is false": "is not true",
}
LITERAL = re.compile(r"'(?:[^']|'')*'|[^\s,()']+")
DATE_PHRASES = {
    ">=": "is on or after",
    ">": "is after",
    "<=": "is on or before",
    "<": "is before",
}


def feature_words(feature: FeatureColumn) -> str:
    """A feature's label, or words from its name (`revenue in the last 12 months`)."""
    if feature.label:
        return feature.label
    name = feature.name
    for pattern, words in WINDOWS:
        name, found = re.subn(pattern, words, name)
        if found:
            break
    spoken = name.removeprefix("is_").replace("_", " ").split(" ")
    return " ".join(w.upper() if w in ABBREVIATIONS else w for w in spoken)


def value_words(value: str | None, family: str = "number") -> str:
    """A stored value for reading: `12500.00` is 12,500 and NULL is `not known`."""
    if value is None:
        return "not known"
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if family != "number" or not number.is_finite():
        return value
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def threshold_words(threshold: str | None) -> str:
    """A stored reason_threshold (`>= 12000`) as words (`is at least 12,000`)."""
    if threshold is None:
        return ""
    for operator in sorted(PHRASES, key=len, reverse=True):
        if threshold == operator or threshold.startswith(f"{operator} "):
            rest = threshold[len(operator) :].strip()
            return f"{PHRASES[operator]} {_literal_words(rest)}".strip()
    return value_words(threshold)


def comparison_words(comparison: Comparison, features: Features) -> str:
    """`revenue in the last 12 months is at least 12,000`."""
    subject = _side(comparison.left.text, comparison.left.columns, features)
    phrase = PHRASES[comparison.operator]
    if comparison.left.family in DATES:
        phrase = DATE_PHRASES.get(comparison.operator, phrase)
    objects = [_side(v.text, v.columns, features) for v in comparison.right]
    return f"{subject} {phrase} {_listed(objects)}".strip()


def condition_words(condition: Condition, features: Features) -> str:
    """A whole rule; an `or` inside an `and` stands in brackets, and so on."""
    if isinstance(condition, Comparison):
        return comparison_words(condition, features)
    parts = []
    for part in condition.parts:
        words = condition_words(part, features)
        parts.append(f"({words})" if isinstance(part, Junction) else words)
    return f" {condition.word} ".join(parts)


def _side(text: str, columns: tuple[str, ...], features: Features) -> str:
    if not columns:
        return _literal_words(text)
    bare = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    names = "|".join(sorted(map(re.escape, columns), key=len, reverse=True))
    return re.sub(
        rf"'(?:[^']|'')*'|\b({names})\b",
        lambda m: feature_words(features[m[1]]) if m[1] else m[0],
        bare,
    )


def _literal_words(text: str) -> str:
    if text.startswith("("):
        return _listed([_literal_words(item) for item in LITERAL.findall(text)])
    if LITERAL.fullmatch(text) and text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return value_words(text)


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"
