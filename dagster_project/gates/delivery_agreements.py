"""Every delivered line is accounted for, and required deliveries are there."""

from dagster_project.gates.agreement import Agreement

FILES = "night.files"
SOURCES = "night.sources"
DELIVERIES = "night.deliveries"
PROFILES = "night.file_profiles"

# Only new files: one that an earlier night was accepted with must not hold all later
# ones as well.
REJECTED = f"""
select files.source, files.path, files.reason
from {FILES} as files
inner join {SOURCES} as sources using (source, feed)
where files.status = 'rejected' and files.is_new and {{which}}
"""

DELIVERY_AGREEMENTS: dict[str, Agreement] = {
    "lines_are_accounted_for": Agreement(
        table=FILES,
        sql=f"""
            select file_id, feed, lines, loaded, quarantined, known, blank
            from {FILES}
            where status = 'loaded'
            and lines <> loaded + quarantined + known + blank
        """,
        why="No line of a delivery is lost without a reason.",
    ),
    "raw_rows": Agreement(
        table=FILES,
        needs=(DELIVERIES, PROFILES),
        sql=f"""
            select file_id, feed, files.loaded, counted.stored
            from (
                select file_id, feed, loaded from {DELIVERIES} where is_new
            ) as files
            full join (
                select file_id, feed, any_value(rows) as stored
                from {PROFILES} where is_new group by file_id, feed
            ) as counted using (file_id, feed)
            where files.loaded is distinct from counted.stored
        """,
        why="What the ledger counted is what the night computes with.",
    ),
    "required_sources_present": Agreement(
        table=SOURCES,
        sql=f"select source, feed from {SOURCES} where required and not is_present",
        why="The source is declared `required`: without it customers look inactive.",
    ),
    "required_files_accepted": Agreement(
        table=SOURCES,
        needs=(FILES,),
        sql=REJECTED.format(which="sources.required"),
        why="A delivery of a required source could not be read: tonight would lack it.",
    ),
    "optional_files_accepted": Agreement(
        table=SOURCES,
        severity="warning",
        needs=(FILES,),
        sql=REJECTED.format(which="not sources.required"),
        why="A delivery could not be read; its columns are older than the rest.",
    ),
}
