"""Which release the page is about and what its gates said. No figures."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from dagster_project.report import words
from dagster_project.report.published import Published

Status = Literal["passed", "warning", "held", "unknown"]


@dataclass(frozen=True)
class Release:
    """What the page is about. Each may be unknown."""

    release_id: str | None
    as_of: date | None
    predecessor: str | None
    currency: str | None
    code_version: str | None
    created_at: datetime | None
    is_described: bool

    @property
    def is_first(self) -> bool:
        """Whether the release says that none was accepted before it."""
        return self.is_described and self.predecessor is None


@dataclass(frozen=True)
class Gates:
    """What the checks said in one badge, and those to look at."""

    status: Status
    summary: str
    noted: list[dict[str, Any]]


def describe(published: Published) -> Release:
    """The release as it describes itself."""
    rows = published.rows("select * from {release_info}")
    row = rows[0] if rows else {}
    return Release(
        release_id=row.get("release_id"),
        as_of=row.get("as_of_date"),
        predecessor=row.get("predecessor"),
        currency=row.get("currency"),
        code_version=row.get("code_version"),
        created_at=row.get("created_at"),
        is_described=bool(rows),
    )


def gates(published: Published) -> Gates:
    """The badge, and every check that failed, gave no result or was waived."""
    rows = published.rows(
        """select *, waived_by is not null as waived from {data_quality_results}
        order by severity, passed nulls first, tool, table_name, check_name"""
    )
    if not rows:
        return Gates("unknown", "No check results in this release", [])
    noted = [_readable(row) for row in rows if not row["passed"] or row["waived"]]
    still_open = [row for row in noted if not row["passed"] and not row["waived"]]
    critical = sum(row["severity"] == "critical" for row in still_open)
    counts = (
        (critical, "critical check failed", "critical checks failed"),
        (len(still_open) - critical, "warning", "warnings"),
        (len(noted) - len(still_open), "check waived", "checks waived"),
    )
    parts = [words.counted(*each) for each in counts if each[0]]
    checks = words.counted(len(rows), "check", "checks")
    if not parts:
        return Gates("passed", f"{checks} passed", noted)
    summary = f"{', '.join(parts)}, of {checks}"
    return Gates("held" if critical else "warning", summary, noted)


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """One check in words; samples of rows and keys stay in the table."""
    where = ".".join(name for name in (row["table_name"], row["column_name"]) if name)
    result = "no result" if row["passed"] is None else "failed"
    return {
        **row,
        "where": where or words.UNKNOWN,
        "result": "passed" if row["passed"] else result,
        "observed": words.masked(row["observed"]),
        "expected": words.masked(row["expected"]),
        "failing": words.count(row["failing_rows"]),
        "why": words.masked(row["why"]) if row["why"] else "",
        "waiver": words.masked(row["waived_by"]) if row["waived"] else "",
    }
