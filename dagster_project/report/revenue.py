"""MRR by month and what moved it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dagster_project.report import words
from dagster_project.report.published import Published

KINDS = ("new", "expansion", "reactivation", "contraction", "churn")
MONTHS_SHOWN = 24


@dataclass(frozen=True)
class Month:
    """One month: MRR at its end, paying customers, and the movement of each kind."""

    month: date
    mrr: Any
    paying: Any
    movements: dict[str, Any]

    @property
    def net(self) -> Any:
        """The sum of all movements of the month."""
        known = [amount for amount in self.movements.values() if words.is_known(amount)]
        return sum(known) if known else None


@dataclass(frozen=True)
class Revenue:
    """The months to show, oldest first.

    With several currencies there are only `by_currency` rows: they cannot be added.
    """

    months: list[Month]
    currencies: list[str]
    kinds: list[str] = field(default_factory=lambda: list(KINDS))
    by_currency: list[dict[str, Any]] = field(default_factory=list)

    @property
    def currency(self) -> str | None:
        """The one currency of all amounts, if there is one."""
        return self.currencies[0] if len(self.currencies) == 1 else None

    @property
    def opens_with_all(self) -> bool:
        """Whether the first month books all its MRR as movement: history begins."""
        first = self.months[0] if self.months else None
        return bool(first and first.mrr and first.net == first.mrr)


def revenue(published: Published) -> Revenue:
    """MRR and movements of the newest months."""
    rows = published.rows(
        """select month, currency, sum(mrr) as mrr,
            case when count(is_active) > 0
                then count(*) filter (where is_active) end as paying
        from {customer_mrr_monthly} where month is not null
        group by month, currency order by month, currency"""
    )
    currencies = sorted({row["currency"] for row in rows if row["currency"]})
    if len(currencies) > 1:
        recent = sorted({row["month"] for row in rows})[-MONTHS_SHOWN:]
        kept = [row for row in rows if row["month"] in recent and row["currency"]]
        return Revenue([], currencies, by_currency=kept)
    moves = published.rows(
        """select month, kind, sum(amount) as amount from {mrr_movements}
        where kind is not null group by month, kind order by month, kind"""
    )
    kinds = [*KINDS, *sorted({row["kind"] for row in moves} - set(KINDS))]
    return Revenue(_months(rows, moves, kinds), currencies, kinds)


def _months(
    rows: list[dict[str, Any]], moves: list[dict[str, Any]], kinds: list[str]
) -> list[Month]:
    """A kind without a row is a known zero as soon as there are movements at all."""
    amounts = {(row["month"], row["kind"]): row["amount"] for row in moves}
    absent = 0 if moves else None
    months = sorted({row["month"] for row in rows})[-MONTHS_SHOWN:]
    return [
        Month(
            month=month,
            mrr=_total(row["mrr"] for row in rows if row["month"] == month),
            paying=_total(row["paying"] for row in rows if row["month"] == month),
            movements={kind: amounts.get((month, kind), absent) for kind in kinds},
        )
        for month in months
    ]


def _total(values: Any) -> Any:
    known = [value for value in values if words.is_known(value)]
    return sum(known) if known else None
