"""Puts the page together: sections, template, styles and scripts in one file."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dagster_project.report import words
from dagster_project.report.charts import chart_data, mrr_in_words
from dagster_project.report.columns import READ
from dagster_project.report.deliveries import deliveries
from dagster_project.report.figures import figures
from dagster_project.report.measures import measure
from dagster_project.report.migration import migrations
from dagster_project.report.profiles import profiles
from dagster_project.report.published import Published
from dagster_project.report.release import describe, gates
from dagster_project.report.revenue import revenue
from dagster_project.report.segments import SMALL_GROUP, models

FOLDER = Path(__file__).parent
SCRIPTS = ("echarts.min.js", "page.js")
STYLES = ("page.css", "tables.css", "print.css")


def render_report(connection: DuckDBPyConnection, schema: str = "main") -> str:
    """The report page of one release: one HTML file that loads nothing from elsewhere.

    `schema` holds the published tables and may name an attached database, as in
    `release_db.main`. Tables that are absent or empty are named on the page.
    Raises UsageError when the schema does not exist.
    """
    template = _environment().get_template("page.html")
    return template.render(**_sections(Published(connection, schema)), **_assets())


def _sections(published: Published) -> dict[str, Any]:
    release = describe(published)
    money = revenue(published)
    # Where MRR says nothing of a currency, all amounts are in the reporting currency.
    currency = money.currency if money.currencies else release.currency
    found = models(published)
    moves = migrations(published, found, release.is_first)
    return {
        "release": release,
        "gates": gates(published),
        "figures": figures(published, currency, release.is_first),
        "revenue": money,
        "currency": currency,
        "mrr_in_words": mrr_in_words(money) if money.months else "",
        "models": found,
        "profiles": profiles(published, found, currency),
        "migrations": moves,
        "deliveries": deliveries(published, release.as_of),
        "absent": [table for table in READ if not published.has(table)],
        "has": published.has,
        "small_group": SMALL_GROUP,
        "chart_data": chart_data(money, found, moves),
    }


@cache
def _assets() -> dict[str, Any]:
    """Styles, scripts, and the hashes that let the browser run no other script."""
    scripts = [_static(name) for name in SCRIPTS]
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return {
        "style": Markup("\n".join(_static(name) for name in STYLES)),
        "scripts": [Markup(script) for script in scripts],
        "script_hashes": Markup(hashes),
    }


def _static(name: str) -> str:
    return (FOLDER / "static" / name).read_text(encoding="utf-8")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates", encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": words.count,
        "day": words.day,
        "masked": words.masked,
        "money": words.money,
        "measured": lambda name: measure(str(name)).label,
        "moment": words.moment,
        "month": words.month,
        "percent": words.percent,
        "plain": words.plain,
        "signed": words.signed,
        "size": words.size,
    }
    return environment
