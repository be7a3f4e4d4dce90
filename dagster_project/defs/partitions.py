"""The as-of dates and how a backfill walks them."""

import dagster as dg

from dagster_project.settings import load_settings

# The day is over before its night begins: the newest partition is yesterday.
NIGHTS = dg.DailyPartitionsDefinition("2010-01-01", timezone=load_settings().timezone)
ONE_BY_ONE = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)
OWNERS = ["team:data-engineering"]
# The tag of a run that names its night.
PARTITION = "dagster/partition"
