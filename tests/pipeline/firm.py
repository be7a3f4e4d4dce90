"""A firm of thirty customers whose every day looks like the last, for failing nights.

Each customer visits, is invoiced and answers each day, so that a gate can tell a
poisoned delivery from a usual one.
"""

import os
import shutil
import signal
from collections.abc import Callable, Collection
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from dagster_project.publish.catalogue import Release
from dagster_project.publish.pointer import current_release
from dagster_project.run import run_night
from dagster_project.settings import Settings
from tests.pipeline.world import Row, at, deliver, event, make_home, rules

CUSTOMERS = 30

# Two models of rules are enough to fail with; clusters have their own tests.
MODELS = {
    "value": rules(
        {"large": "revenue_12m >= 1000", "small": "revenue_12m > 0"}, "none"
    ),
    "opinion": rules({"happy": "nps_score >= 9", "fine": "nps_score >= 7"}, "unhappy"),
}

FIRST = date(2026, 11, 2)
SECOND = date(2026, 11, 3)
THIRD = date(2026, 11, 4)
FOURTH = date(2026, 11, 5)

# Modules whose import costs more than a tiny night: paid once for all killed nights.
SLOW_IMPORTS = [
    "dagster_project.run",
    "dbt.cli.main",
    "dbt.adapters.duckdb",
    "great_expectations",
    __name__,
]

Price = Callable[[int], float]


def after_first_night(folder: Path) -> Settings:
    """The home of the firm as its first night left it.

    It is one and the same path each time, because dbt parses everything again for a
    new one: whatever the last user of the home left there is gone.
    """
    settings = _first_night(folder)
    shutil.rmtree(settings.home)
    shutil.copytree(folder / "snapshot", settings.home, symlinks=True)
    return settings


@cache
def _first_night(folder: Path) -> Settings:
    settings = make_home(folder, MODELS)
    begin(settings, FIRST)
    run_night(settings, FIRST)
    shutil.copytree(settings.home, folder / "snapshot", symlinks=True)
    return settings


def after_second_day(folder: Path) -> Settings:
    """The home as its first night left it, and the second day has landed."""
    settings = after_first_night(folder)
    another_day(settings, SECOND)
    return settings


@cache
def undisturbed_second_night(folder: Path) -> Release:
    """The release of the second night when nothing goes wrong, kept aside."""
    release = run_night(after_second_day(folder), SECOND)
    aside = folder / release.release_id
    shutil.copytree(release.folder, aside)
    return Release(release.release_id, aside)


def kill_at(settings: Settings, day: date, moment: str) -> int | None:
    """Run a night in a process that kills itself at a moment; returns its exit code."""
    process = _process(_run_until, settings, day, moment)
    process.join()
    return process.exitcode


def kill_after(settings: Settings, day: date, seconds: float) -> int | None:
    """Run a night in a process and kill it after a while; returns its exit code."""
    process = _process(run_night, settings, day)
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode


def _process(target: Callable[..., Any], *arguments: Any) -> Any:
    context = get_context("forkserver")
    context.set_forkserver_preload(SLOW_IMPORTS)
    process = context.Process(target=target, args=arguments)
    process.start()
    return process


def _run_until(settings: Settings, day: date, moment: str) -> None:
    def die_at(reached: str) -> None:
        if reached == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    run_night(settings, day, on_stage=die_at, say=lambda line: die_at("a file"))


def current_id(settings: Settings) -> str | None:
    """What BI reads."""
    current = current_release(settings)
    return current.release_id if current else None


def price(customer: int) -> float:
    """What a customer pays on each day."""
    return 20.0 + customer


def thousandfold_for_half(customer: int) -> float:
    """Half of the amounts come in another unit."""
    return price(customer) * (1000 if customer % 2 else 1)


def score(customer: int) -> int:
    """What a customer answers on each day: promoters, passives and detractors."""
    return 10 - customer % 8


def begin(settings: Settings, day: date) -> None:
    """What the firm delivers on its first day: customers, contracts and that day."""
    deliver(
        settings,
        day,
        billing_customers=[_customer(n, day) for n in range(CUSTOMERS)],
        subscriptions=[_subscription(n, day) for n in range(CUSTOMERS)],
        payments=[],
    )
    another_day(settings, day)


def another_day(
    settings: Settings,
    day: date,
    *,
    price: Price = price,
    in_dollars: Collection[int] = (),
    score: Callable[[int], int] = score,
) -> None:
    """What the firm delivers on every day; the same day again replaces it."""
    currency = ["USD" if n in in_dollars else "EUR" for n in range(CUSTOMERS)]
    deliver(
        settings,
        day,
        web_events=[_visit(n, day) for n in range(CUSTOMERS)],
        survey_responses=[_answer(n, day, score(n)) for n in range(CUSTOMERS)],
        invoice_lines=[_line(n, day, price(n), currency[n]) for n in range(CUSTOMERS)],
    )


def _customer(n: int, day: date) -> Row:
    return {
        "billing_customer_id": f"b{n}",
        "email": f"u{n}@example.org",
        "user_id": f"u{n}",
        "name": f"Customer {n}",
        "country": "DE",
        "currency": "EUR",
        "created_at": at(day, "08:00"),
        "updated_at": at(day, "08:00"),
    }


def _subscription(n: int, day: date) -> Row:
    return {
        "subscription_id": f"s{n}",
        "billing_customer_id": f"b{n}",
        "starts_on": day,
        "plan_id": "basic",
        "plan": "Basic",
        "monthly_amount": 10 + n,
        "currency": "EUR",
        "status": "active",
        "updated_at": at(day, "08:00"),
    }


def _visit(n: int, day: date) -> Row:
    seen: dict[str, Any] = {"anonymous_id": f"a{n}", "user_id": f"u{n}"}
    return event(f"e{n}-{day}", at(day, f"10:{n % 60:02d}"), **seen)


def _answer(n: int, day: date, score: int) -> Row:
    return {
        "response_id": f"r{n}-{day}",
        "question_id": "recommend",
        "user_id": f"u{n}",
        "survey_kind": "nps",
        "answer_number": score,
        "submitted_at": at(day, "12:00"),
    }


def _line(n: int, day: date, amount: float, currency: str) -> Row:
    return {
        "invoice_line_id": f"l{n}-{day}",
        "invoice_id": f"i{n}-{day}",
        "billing_customer_id": f"b{n}",
        "invoiced_at": at(day, "09:00"),
        "amount": f"{amount:.2f}",
        "currency": currency,
    }
