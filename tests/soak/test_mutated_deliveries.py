"""Ten thousand spoilt deliveries, in processes of their own, which may crash."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from dagster_project.settings import REPOSITORY

pytestmark = pytest.mark.soak

BATCHES, FILES = 10, 1000
HANGS_AFTER = 3600


def test_no_line_of_ten_thousand_spoilt_files_is_lost() -> None:
    fates: Counter[str] = Counter()
    problems = []
    for seed in range(1000, 1000 + BATCHES):
        done = subprocess.run(
            [sys.executable, "-m", "tests.mutation.campaign", str(seed), str(FILES)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=HANGS_AFTER,
        )
        assert done.returncode == 0, f"seed {seed}: {done.stderr[-2000:]}"
        result = json.loads(done.stdout.splitlines()[-1])
        fates += Counter(result["fates"])
        problems += [f"seed {seed}: {problem}" for problem in result["problems"]]
    print(f"{BATCHES * FILES} files: {dict(fates)}")
    assert problems == []
