"""The currencies of ISO 4217 and how many digits their minor units have.

The list is the seed that dbt reads too. Rates between currencies are dbt's business.
"""

import csv
from collections.abc import Mapping

from dagster_project.settings import REPOSITORY
from dagster_project.warehouse import literal

LIST = REPOSITORY / "dbt" / "seeds" / "currencies.csv"


def _load() -> dict[str, int]:
    with LIST.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: int(row["minor_units"]) for row in csv.DictReader(lines)}


#: Digits of the minor unit, by code: 2 for EUR, 0 for JPY, 3 for KWD.
MINOR_UNITS: dict[str, int] = _load()


def code_sql(text: str) -> str:
    """The code of a currency in capitals, NULL for a text that is none."""
    codes = ", ".join(literal(code) for code in MINOR_UNITS)
    return f"case when upper({text}) in ({codes}) then upper({text}) end"


def major_sql(amount: str, currency: str, exceptions: Mapping[str, int]) -> str:
    """An amount in minor units as a text of major units, exact.

    `amount` and `currency` are expressions of texts; `exceptions` are digits by which a
    vendor departs from the list. NULL without a currency of the list; a text that is no
    number stays as it is, for others to judge.
    """
    digits = {**MINOR_UNITS, **exceptions}
    number = f"try_cast({amount} as DECIMAL(27,6))"
    unit = " ".join(
        f"when upper({currency}) in ({_codes(digits, places)}) then {number}"
        f" * cast(1e-{places} as DECIMAL(5,4))"
        for places in sorted(set(digits.values()))
    )
    scaled = f"cast(case {unit} end as VARCHAR)"
    return f"case when {number} is null then {amount} else {scaled} end"


def _codes(digits: Mapping[str, int], places: int) -> str:
    return ", ".join(literal(c) for c, n in sorted(digits.items()) if n == places)
