"""What every test shares."""

import os
import sys

import pytest

_status = [0]

# Tests deliver files and read them at once.
os.environ["SEGMENTS_SETTLE_SECONDS"] = "0"

# Seconds rather than milliseconds, because they write files and start processes: left
# out of `make check`.
SLOW = {
    "cli",
    "demo",
    "privacy",
    "publish",
    "report",
    "test_arrivals",
    "test_bad_input",
    "test_definitions",
    "test_exactly_once",
    "test_feed_presence",
    "test_killed_ingest",
    "test_mutated",
    "test_nothing_is_lost",
    "test_operations",
    "test_propose",
    "test_rules_against_plain_logic",
    "test_shipped_suites",
    "test_starting_nights",
    "test_suites",
    "test_transform",
    "test_validate",
    "vendors",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SLOW & {item.path.stem, item.path.parent.name}:
            item.add_marker(pytest.mark.slow)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    _status[0] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    # The engine's Python binding prints a hundred lines about leaks while the
    # interpreter shuts down, after the summary that people look for.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_status[0])
