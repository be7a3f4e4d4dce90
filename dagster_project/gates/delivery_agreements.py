"""Every delivered line is accounted for, and required deliveries are there."""

import duckdb

from dagster_project.gates.agreement import Agreement
from dagster_project.warehouse import identifier, literal

FILES = "night.files"
SOURCES = "night.sources"

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


def raw_rows_agreement(connection: duckdb.DuckDBPyConnection) -> Agreement:
    """Rows in `raw`, file by file, against what the ledger says was loaded."""
    feeds = connection.execute(
        "select table_name from duckdb_columns() where schema_name = 'raw'"
        " and column_name = '_file_id' and database_name = current_database()"
        " order by table_name"
    ).fetchall()
    stored = " union all ".join(
        f"select {literal(feed)} as feed, _file_id as file_id, count(*) as stored"
        f" from raw.{identifier(feed)} group by _file_id"
        for (feed,) in feeds
    )
    nothing = "select '' as feed, '' as file_id, 0 as stored where false"
    return Agreement(
        table=FILES,
        sql=f"""
            select file_id, feed, files.loaded, counted.stored
            from (
                select file_id, feed, loaded from {FILES} where status = 'loaded'
            ) as files
            full join ({stored or nothing}) as counted using (file_id, feed)
            where coalesce(files.loaded, 0) <> coalesce(counted.stored, 0)
        """,
        why="What the ledger counted is what the night computes with.",
    )
