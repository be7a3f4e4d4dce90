"""Segments, their sizes and their history agree with each other."""

from dagster_project.gates.agreement import Agreement

FEATURES = "features.customer_features"
SEGMENTS = "marts.customer_segments"
HISTORY = "marts.customer_segment_history"
REGISTRY = "marts.segment_registry"

# Rules and clusters put each customer into one segment; micro-segments and lists
# overlap, so that there the segment is part of the key.
EXCLUSIVE = "('rules', 'clusters')"

PERIODS = f"""
select
    history.customer_id,
    history.model,
    history.segment,
    history.valid_from,
    history.valid_to,
    lead(history.valid_from) over (
        partition by
            history.customer_id,
            history.model,
            case when registry.model is null then history.segment end
        order by history.valid_from, history.segment
    ) as next_from
from {HISTORY} as history
left join (
    select distinct model from {REGISTRY} where kind in {EXCLUSIVE}
) as registry using (model)
"""

SEGMENT_AGREEMENTS: dict[str, Agreement] = {
    "one_segment_per_model": Agreement(
        table=SEGMENTS,
        needs=(FEATURES, REGISTRY),
        sql=f"""
            with customers as (select count(*) as customers from {FEATURES}),
            assigned as (
                select
                    registry.model,
                    count(segments.customer_id) as assignments,
                    count(distinct segments.customer_id) as assigned_customers
                from (
                    select distinct model from {REGISTRY} where kind in {EXCLUSIVE}
                ) as registry
                left join {SEGMENTS} as segments using (model)
                group by registry.model
            )
            select * from assigned cross join customers
            where assignments <> customers or assigned_customers <> customers
        """,
        why="In two segments of one model a customer gets two offers, in none none.",
    ),
    "segments_of_known_customers": Agreement(
        table=SEGMENTS,
        needs=(FEATURES,),
        sql=f"select distinct customer_id from {SEGMENTS} anti join {FEATURES}"
        " using (customer_id)",
        why="A segment of a customer without features was not computed tonight.",
    ),
    "segments_are_registered": Agreement(
        table=SEGMENTS,
        needs=(REGISTRY,),
        sql=f"select distinct model, segment from {SEGMENTS} anti join {REGISTRY}"
        " using (model, segment)",
        why="A segment that the catalogue does not explain cannot be acted on.",
    ),
    "registry_counts_customers": Agreement(
        table=REGISTRY,
        needs=(FEATURES,),
        sql=f"""
            select model, sum(customers) as counted, any_value(known) as known
            from {REGISTRY}
            cross join (select count(*) as known from {FEATURES})
            where kind in {EXCLUSIVE}
            group by model
            having sum(customers) is distinct from any_value(known)
        """,
        why="Sizes that do not add up to the number of customers mislead every report.",
    ),
    "one_open_history_row": Agreement(
        table=HISTORY,
        needs=(REGISTRY,),
        sql=f"""
            select customer_id, model, valid_from from ({PERIODS})
            where valid_to is null and next_from is not null
        """,
        why="The open row is the segment of today: two of them are two answers.",
    ),
    "history_without_overlaps": Agreement(
        table=HISTORY,
        needs=(REGISTRY,),
        sql=f"""
            select customer_id, model, valid_from, valid_to from ({PERIODS})
            where valid_to <= valid_from or valid_to > next_from
        """,
        why="A customer was in one segment of a model on each day of the past.",
    ),
    "history_without_gaps": Agreement(
        table=HISTORY,
        needs=(REGISTRY,),
        severity="warning",
        sql=f"""
            select customer_id, model, valid_to, next_from
            from ({PERIODS})
            inner join (
                select distinct model from {REGISTRY} where kind in {EXCLUSIVE}
            ) using (model)
            where valid_to < next_from
        """,
        why="Days without a segment are only right for a customer (or a model) that"
        " was gone for a while, for example after a withdrawn file.",
    ),
    "history_agrees_with_segments": Agreement(
        table=HISTORY,
        needs=(SEGMENTS,),
        sql=f"""
            with open as (
                select customer_id, model, segment from {HISTORY}
                where valid_to is null
            ),
            tonight as (select customer_id, model, segment from {SEGMENTS})
            (select 'not in history' as fault, * from tonight except all
                select 'not in history', * from open)
            union all
            (select 'not in segments' as fault, * from open except all
                select 'not in segments', * from tonight)
        """,
        why="History and the table of tonight are read side by side.",
    ),
}
