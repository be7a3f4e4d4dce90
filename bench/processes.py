"""Runs one thing in a fresh process and says what it cost.

CPU-seconds are those of the process and of the children it waited for: unlike wall time
they hardly depend on who else uses the machine.
"""

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from dagster_project.settings import REPOSITORY


class BenchError(Exception):
    """What was to be measured did not run."""


@dataclass(frozen=True)
class Cost:
    """What a process cost: seconds, megabytes (peak), and what it said."""

    cpu: float
    wall: float
    megabytes: int
    load: float
    said: dict[str, Any]


def measure(arguments: list[str], **environment: str) -> Cost:
    """Run Python with arguments; the last line of its output may be JSON."""
    started, before = time.monotonic(), _cpu_of_children()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    wall = time.monotonic() - started
    if done.returncode:
        raise BenchError(f"{' '.join(arguments)}:\n{done.stderr[-3000:]}")
    said = _last_json(done.stdout)
    cpu = _cpu_of_children() - before
    return Cost(cpu, wall, said.pop("megabytes", 0), os.getloadavg()[0], said)


def peak_megabytes() -> int:
    """The most memory that this process has had (Linux counts in kilobytes)."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _last_json(text: str) -> dict[str, Any]:
    lines = [line for line in text.splitlines() if line.startswith("{")]
    found: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return found
