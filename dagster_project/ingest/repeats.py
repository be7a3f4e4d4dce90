"""The same id more than once in one file: already known, or a contradiction.

Versions of an id across files are staging's business, not ours.
"""

from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.reading.layout import Engine
from dagster_project.warehouse import identifier, literal


def settle_repeats(engine: Engine, source: SourceSpec) -> None:
    """Mark repeated rows of `judged`.

    A byte-identical row is known. Of events with one id the first stays and later ones
    that differ are quarantined. Of upserts that differ all are quarantined, unless
    their versions tell them apart.
    """
    ids = ", ".join(_id_columns(source))
    engine.execute(f"""
        create or replace temp table repeats as
        select {ids} from judged where _reason is null
        group by all having count(*) > 1""")
    if not engine.execute("select 1 from repeats limit 1").fetchall():
        return
    engine.execute(f"create or replace temp table settled as {_settled_sql(source)}")
    engine.execute("""
        update judged set _is_known = settled.is_known, _reason = settled.reason
        from settled where judged.rowid = settled.judged_row""")


def _settled_sql(source: SourceSpec) -> str:
    ids = _id_columns(source)
    same_id = " and ".join(f"repeats.{c} is not distinct from judged.{c}" for c in ids)
    what = " + ".join(source.id_columns)
    if source.delivery == "events":
        rivals = ", ".join(ids)
        contradicts = "content <> first_content"
        reason = f"{literal(f'{what}: other content than on line ')} || first_line"
    else:
        rivals = ", ".join([*ids, "_version_at"])
        contradicts = "lowest_content <> highest_content"
        reason = literal(f"{what}: two different rows for one id and no version")
    # Raw alone is not enough: rows made from one line (explode) share it.
    values = ", ".join(identifier(name) for name in source.feed_spec.fields)
    return f"""
        with repeated as (
            select *, rowid as judged_row,
                cast(_digest as VARCHAR)
                    || md5(cast(row({values}) as VARCHAR)) as content
            from judged
            where _reason is null and exists (select 1 from repeats where {same_id})
        ),
        compared as (
            select *,
                row_number() over (
                    partition by {rivals}, content order by _line, judged_row
                ) as copy,
                min(_line) over by_id as first_line,
                first_value(content) over (
                    partition by {rivals} order by _line, judged_row
                ) as first_content,
                min(content) over by_id as lowest_content,
                max(content) over by_id as highest_content
            from repeated
            window by_id as (partition by {rivals})
        )
        select judged_row, copy > 1 as is_known,
            case when copy = 1 and {contradicts} then {reason} end as reason
        from compared"""


def _id_columns(source: SourceSpec) -> list[str]:
    return ["_file", *(identifier(name) for name in source.id_columns)]
