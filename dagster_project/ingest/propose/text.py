"""A proposal as YAML with comments: what is mapped and why, and what is not.

No value of the sample is in it, but the labels that are translated.
"""

from typing import Any

import yaml

from dagster_project.ingest.propose.proposal import Proposal

REMARK_AT = 44


def as_yaml(proposal: Proposal) -> str:
    """The text of the declaration file."""
    lines = [
        f"# Proposed from the first {proposal.sample.rows:,} rows of "
        f"{_safe(proposal.sample.path.name)}. Read every line before it is used.",
    ]
    for key, value in proposal.body.items():
        lines.append(_line(f"{key}: {scalar(value)}", proposal.notes.get(key)))
    lines.append("fields:")
    lines += [
        _line(f"  {name}: {scalar(one.spec)}", one.reason)
        for name, one in proposal.fields.items()
    ]
    lines += [f"  # needs: {_safe(need)}" for need in proposal.needs]
    if not proposal.fields:
        lines = [line for line in lines if line != "fields:"]
    if proposal.left_over:
        lines.append("# Not mapped:")
        lines += [
            f"#   {_safe(name)}: {proposal.matching.looks[name].words}"
            for name in proposal.left_over
        ]
    return "\n".join(lines) + "\n"


def scalar(value: Any) -> str:
    """A value on one line, as YAML reads it back."""
    text = yaml.safe_dump(
        value,
        default_flow_style=True,
        width=10_000,
        allow_unicode=True,
        sort_keys=False,
    )
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _line(text: str, remark: str | None) -> str:
    return f"{text:<{REMARK_AT}} # {_safe(remark)}" if remark else text


def _safe(text: str) -> str:
    """A name of a vendor in a comment cannot begin a line of its own."""
    return "".join(c if c.isprintable() else "?" for c in text)
