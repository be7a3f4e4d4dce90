"""`python -m dagster_project.days [--before]`: the newest night, or the one before."""

import sys
from datetime import timedelta

from dagster_project.run import yesterday
from dagster_project.settings import load_settings

if __name__ == "__main__":
    days = timedelta(days=1 if "--before" in sys.argv else 0)
    print(yesterday(load_settings()) - days)
