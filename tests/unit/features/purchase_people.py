"""People who buy as the models say, drawn with a seed.

No tests and no expectations here.
"""

from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

START = date(2024, 1, 1)


def deliver_shoppers(
    connection: duckdb.DuckDBPyConnection,
    customers: int,
    days: int,
    *,
    seed: int = 1,
    spread: float = 1.0,
) -> None:
    """Invoice lines of shoppers who come over the first year and buy for `days` days.

    Their rate is gamma (0.6, 5 weeks), they leave with a probability that is beta
    (0.8, 2.5), and what they spend is gamma-gamma (6, 4, 15) times `spread`.
    """
    draw = np.random.default_rng(seed)
    found: list[tuple[np.ndarray, ...]] = []
    who = np.arange(customers)
    clock = np.floor(draw.uniform(0, 365, customers))
    rate = draw.gamma(0.6, 1 / (5 * 7), customers)
    leave = draw.beta(0.8, 2.5, customers)
    level = draw.gamma(4.0, 1 / 15.0, customers)
    while len(who):
        amount = draw.gamma(6.0, 1 / level[who]) * spread
        found.append((who, np.floor(clock), np.round(amount + 0.01, 2)))
        stays = (draw.random(len(who)) >= leave[who]) | (len(found) == 1)
        clock = clock + np.maximum(1, draw.exponential(1 / rate[who]))
        kept = stays & (clock < days)
        who, clock = who[kept], clock[kept]
    number, day, amount = (np.concatenate(part) for part in zip(*found, strict=True))
    bought = pa.table({"number": number, "day": day.astype(np.int64), "amount": amount})
    connection.register("bought", bought)
    connection.execute(f"""
        insert into int_customers__invoice_lines
        select 'c' || number, date '{START}' + cast(day as integer), 'sale', amount
        from bought
    """)
    connection.unregister("bought")


def deliver_subscribers(
    connection: duckdb.DuckDBPyConnection, customers: int, days: int, seed: int = 2
) -> None:
    """Subscriptions of 20 a month, given up by a share that is beta (0.7, 6)."""
    draw = np.random.default_rng(seed)
    starts = draw.integers(0, 400, customers)
    months = draw.geometric(np.clip(draw.beta(0.7, 6.0, customers), 1e-6, 1))
    ends = np.minimum(starts + months * 30.4375, 99_999).astype(np.int64)
    rows = pa.table({"number": np.arange(customers), "starts": starts, "ends": ends})
    connection.register("subscribed", rows)
    connection.execute(f"""
        insert into int_customers__subscriptions
        select
            's' || number,
            date '{START}' + cast(starts as integer),
            case when ends <= {days} then date '{START}' + cast(ends as integer) end,
            20
        from subscribed where starts <= {days}
    """)
    connection.unregister("subscribed")


def after(days: int) -> date:
    """The day so many days after the first."""
    return START + timedelta(days=days)
