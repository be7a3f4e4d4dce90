"""Writes the documentation of the dbt project as one page that opens without a server.

Usage: python -m tools.docs
"""

import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

from dagster_project.settings import load_settings
from dagster_project.transform import PROJECT


def main() -> int:
    """Build the page, say where it is; 1 when dbt could not."""
    folder = load_settings().home / "docs"
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT]
    logs = ["--quiet", "--log-path", folder, "--target-path", folder]
    # No night's work file is asked: what the columns are is promised in the project.
    wanted = ["docs", "generate", "--static", "--empty-catalog"]
    done = dbtRunner().invoke([str(one) for one in [*wanted, *folders, *logs]])
    if not done.success:
        print(f"dbt could not write its documentation: {done.exception or done.result}")
        return 1
    print(Path(folder) / "static_index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
