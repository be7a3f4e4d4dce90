"""What each feature and metric is called and measured in. No query."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from dagster_project.report import words

Unit = Literal["count", "money", "days", "share", "points", "number"]

LABELS = {
    "active_days_30d": "Active days, last 30 days",
    "avg_order_value": "Average order value",
    "carts_30d": "Carts, last 30 days",
    "days_since_last_event": "Days since last activity",
    "engagement_percentile": "Engagement against peers",
    "engagement_score": "Engagement score (0–100)",
    "f_score": "Frequency score (RFM)",
    "features_used_30d": "Product features used, last 30 days",
    "m_score": "Monetary score (RFM)",
    "monetary": "Net revenue",
    "mrr_change_90d": "MRR change, last 90 days",
    "nps": "NPS",
    "nps_score": "NPS answer (0–10)",
    "people_count": "People",
    "r_score": "Recency score (RFM)",
    "recency_days": "Days since last order",
    "repeat_frequency": "Repeat purchase days",
    "frequency": "Purchase days",
    "revenue_slope_8w": "Revenue trend, 8 weeks",
    "session_slope_8w": "Session trend, 8 weeks",
    "sessions_prev_30d": "Sessions, the 30 days before",
    "tenure_days": "Days since first seen",
}
WINDOWS = {"d": "days", "w": "weeks", "m": "months"}
WINDOW = re.compile(r"^(?P<what>\w+?)_(?P<length>\d+)(?P<unit>[dwm])$")
MONEY = re.compile(r"(^|_)(mrr|arr|arpa|revenue|refunds|monetary|value|clv)(_|$)")
SHARE = re.compile(r"_(coverage|share|rate|percentile|probability)$")
DAYS = re.compile(r"(^|_)days(_|$)")
NUMBER = re.compile(r"(_score|_slope_\d+[dwm]|^csat_\w+)$")


@dataclass(frozen=True)
class Measure:
    """How one feature or metric is called and written."""

    name: str
    label: str
    unit: Unit

    def text(self, value: Any, currency: str | None = None) -> str:
        """One value with its unit; a null is not known."""
        if self.unit == "money":
            return words.money(value, currency)
        if self.unit == "share":
            return words.percent(value)
        if self.unit == "points":
            return words.signed(words.number(value)) if value else words.number(value)
        return words.number(value)

    def total(self, value: Any, currency: str | None = None) -> str:
        """The same for a figure of the whole company: counts are whole numbers."""
        if self.unit == "count" and words.is_known(value) and value == int(value):
            return words.count(value)
        return self.text(value, currency)


def measure(name: str) -> Measure:
    """The measure of a feature or metric; the name says what is not listed."""
    return Measure(name, LABELS.get(name) or _label(name), _unit(name))


def _label(name: str) -> str:
    if name.endswith("_total"):
        return f"{words.plain(name.removesuffix('_total'))}, in total"
    if window := WINDOW.match(name):
        span = f"last {window['length']} {WINDOWS[window['unit']]}"
        return f"{words.plain(window['what'])}, {span}"
    return words.plain(name)


def _unit(name: str) -> Unit:
    if name == "nps":
        return "points"
    if SHARE.search(name):
        return "share"
    if MONEY.search(name):
        return "money"
    if NUMBER.search(name):
        return "number"
    return "days" if DAYS.search(name) and not name.startswith("active") else "count"
