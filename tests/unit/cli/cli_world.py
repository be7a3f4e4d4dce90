"""A small home with released and held nights, and the command line to look at it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dagster_project.cli import run_cli
from dagster_project.publish.catalogue import Release
from dagster_project.publish.pointer import make_current, record
from dagster_project.publish.release import build_release
from dagster_project.publish.status import LogEntry
from dagster_project.publish.tables import PublishedTable
from dagster_project.settings import Settings
from dagster_project.warehouse import connect

NIGHT = date(2026, 3, 10)
NEXT_NIGHT = date(2026, 3, 11)

TABLES = (
    PublishedTable(
        "customer_features",
        "features.customer_features",
        ("customer_id",),
        "Customers.",
    ),
    PublishedTable(
        "customer_segments",
        "marts.customer_segments",
        ("customer_id", "model"),
        "Segments.",
    ),
    PublishedTable(
        "customer_identities",
        "marts.customer_identities",
        ("id_type", "id_value"),
        "Identifiers.",
    ),
    PublishedTable(
        "source_freshness", "marts.source_freshness", ("feed",), "Feeds.", True
    ),
)

WORK = """
create schema features; create schema marts;
create table features.customer_features as
select *, date '{night}' as as_of_date
from (values ('acme', 20000.00::decimal(18, 2), 900.00::decimal(18, 2)),
    ('bolt', 400.00, 30.00), ('cask', null, null)) t(customer_id, revenue_12m, mrr);
create table marts.customer_segments as
from (values ('acme', 'tiers', 'large', 'rule', '20000.00'),
    ('bolt', 'tiers', 'small', 'otherwise', '400.00'),
    ('cask', 'tiers', 'unknown', 'unknown', null))
    t(customer_id, model, segment, reason_code, reason_value);
alter table marts.customer_segments add column assigned_since date default '2026-03-01';
alter table marts.customer_segments add column previous_segment varchar;
alter table marts.customer_segments add column next_segment varchar;
alter table marts.customer_segments add column margin decimal(18, 6);
alter table marts.customer_segments add column reason_feature varchar
    default 'revenue_12m';
alter table marts.customer_segments add column reason_threshold varchar;
create table marts.customer_identities as
from (values ('user_id', 'u1', 'acme'), ('billing_customer_id', '007', 'acme'),
    ('user_id', '42', 'acme'), ('billing_customer_id', '42', 'bolt'),
    ('user_id', 'u9', null)) t(id_type, id_value, customer_id);
create table marts.source_freshness as
from (values ('invoice_lines', true, 3, date '2026-03-10'), ('tickets', false, 0, null))
    t(feed, is_present, files, last_event_on);
"""

HELD = """
create schema night; create schema features; create schema marts;
create table night.check_results as
from (values
    ('amounts_in_range', 'great_expectations', 'raw.invoice_lines', 'critical', false,
        '3 rows', 'below 1,000', 3, 'invoice_line_id=l1', 'Pence for pounds.'),
    ('calm_night', 'drift', 'marts.customer_segments', 'warning', false,
        'a third', 'a fifth', 0, '', 'Behaviour does not change in one night.'),
    ('unique', 'dbt', 'raw.invoice_lines', 'critical', true, '0', '0', 0, '', ''))
    t(check_name, tool, table_name, severity, passed, observed, expected, failing_rows,
        sample_keys, why);
create table features.customer_features as
from (values ('acme', 900000.00::decimal(18, 2)), ('bolt', 30.00)) t(customer_id, mrr);
create table features.tiers as
from (values ('acme', 'tiers', 'large'), ('bolt', 'tiers', 'large'))
    t(customer_id, model, segment);
create view marts.customer_segments as from work.features.tiers;
"""

MODEL = """
title: Value tiers
kind: rules
goal: Keep the few who pay for the many
kpi: revenue_12m
owner: growth
reviewed_on: 2026-01-01
segments:
  - {name: large, when: revenue_12m >= 12000, means: Served by name}
otherwise: small
otherwise_means: Served by the site
"""

SOURCE = """
feed: invoice_lines
path: "billing/*.csv"
format: csv
delivery: events
required: true
"""

LINES = """invoice_line_id,invoice_id,billing_customer_id,invoiced_at,amount
l1,i1,007,2026-03-01T10:00:00Z,10.00
l2,i1,007,not a day,10.00
"""


@dataclass
class Answer:
    """What one command line gave."""

    code: int
    out: str
    err: str


class World:
    """One home and its declarations."""

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.home = folder / "home"
        self.declarations = folder / "declarations"
        self.settings = Settings(
            _env_file=None, home=self.home, declarations=self.declarations
        )
        self.capsys = capsys
        monkeypatch.setenv("SEGMENTS_HOME", str(self.home))
        monkeypatch.setenv("SEGMENTS_DECLARATIONS", str(self.declarations))
        self.declare("segments/tiers.yml", MODEL)
        self.declare("sources/invoice_lines.yml", SOURCE)
        (self.declarations / "expectations").mkdir()

    def declare(self, name: str, text: str) -> Path:
        """Write one declaration."""
        return _write(self.declarations / name, text)

    def deliver(self, name: str, text: str) -> Path:
        """Put one file into the landing folder."""
        return _write(self.home / "landing" / name, text)

    def segments(self, *arguments: str) -> Answer:
        """Carry out `segments ...`."""
        self.capsys.readouterr()
        code = run_cli(list(arguments))
        return Answer(code, *self.capsys.readouterr())

    def publish(self, night: date = NIGHT, number: int = 1) -> Release:
        """A published release of three customers."""
        release_id = f"{night}-{number}"
        with connect() as connection:
            connection.execute(WORK.format(night=night))
            release = build_release(
                connection,
                self.settings,
                night,
                release_id,
                {"gates": {"checks": 9, "passed": 8, "warnings": ["a slow feed"]}},
                tables=TABLES,
            )
        make_current(self.settings, release)
        self.log(night, "published", release_id)
        return release

    def hold(self, night: date = NEXT_NIGHT, sql: str = HELD) -> Path:
        """A held night whose file was kept."""
        path = self.home / "held" / f"{night}-1.duckdb"
        path.parent.mkdir(parents=True, exist_ok=True)
        work = path.with_name("work.duckdb")
        with connect(work) as connection:
            connection.execute(sql)
        work.rename(path)
        path.chmod(0o444)
        reason = "raw.invoice_lines amounts_in_range: 3 rows"
        self.log(night, "held", path.stem, reason)
        return path

    def log(self, night: date, decision: str, release_id: str, *reasons: str) -> None:
        """One line of the publish log."""
        entry = LogEntry(
            at=datetime(night.year, night.month, night.day, 2, tzinfo=UTC),
            as_of=night,
            release_id=release_id,
            decision=decision,  # type: ignore[arg-type]
            reasons=reasons,
            seconds=12.5,
        )
        record(self.settings, entry)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
