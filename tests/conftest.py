"""What every test shares."""

import os
import sys

import pytest

_status = [0]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    _status[0] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    # The engine's Python binding prints a hundred lines about leaks while the
    # interpreter shuts down, after the summary that people look for.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_status[0])
