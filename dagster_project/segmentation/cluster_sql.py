"""The SQL that finds the nearest and the next cluster and says why.

Text only: nothing is executed here.
"""

from dagster_project.segmentation.champion import Champion
from dagster_project.segmentation.cluster_space import (
    coordinate_sql,
    eligible_sql,
    known_sql,
    number,
    plain,
)
from dagster_project.segmentation.spec import UNKNOWN, ClustersSpec
from dagster_project.warehouse import identifier, literal


def nearest_sql(champion: Champion, spec: ClustersSpec, source: str) -> str:
    """Customers that have a place, with `v`, the distances and `own` (from 1)."""
    size = len(champion.axes)
    features = ", ".join(identifier(axis.feature) for axis in champion.axes)
    vector = ", ".join(coordinate_sql(axis) for axis in champion.axes)
    distances = ", ".join(
        f"array_distance(v, {_array(cluster.centroid)})"
        for cluster in champion.clusters
    )
    return f"""
        select *, list_position(distances, list_min(distances)) as own
        from (
            select *, [{distances}] as distances
            from (
                select customer_id, as_of_date, {features},
                    cast([{vector}] as double[{size}]) as v
                from {source}
                where {eligible_sql(spec.features, spec.min_coverage)}
            )
        )"""


def assignment_sql(champion: Champion, spec: ClustersSpec, source: str) -> str:
    """The query behind `assign_clusters`, in the order of its columns."""
    values = [_text_sql(axis.feature) for axis in champion.axes]
    features = ", ".join(literal(axis.feature) for axis in champion.axes)
    coverage = f"({known_sql(spec.features)}) / {len(spec.features)}"
    model = literal(champion.model)
    return f"""
    {_explained_sql(champion, spec, source)}
    select
        customer_id, as_of_date, {model}, segment,
        if(isfinite(far), coalesce(far / nullif(near + far, 0), 0.5), 1),
        if(isfinite(far), coalesce((far - near) / nullif(near + far, 0), 0), null),
        next_segment, {coverage}, 'centroid',
        [{features}][place], {_pick_sql(values)}, typical[place]
    from explained
    union all
    select
        customer_id, as_of_date, {model}, {literal(UNKNOWN)}, 0, null, null, {coverage},
        {literal(UNKNOWN)}, {_missing_sql(spec)}, null, null
    from {source}
    where not ({eligible_sql(spec.features, spec.min_coverage)})"""


def _explained_sql(champion: Champion, spec: ClustersSpec, source: str) -> str:
    places = range(1, len(champion.axes) + 1)
    gains = ", ".join(_gain_sql(champion, place) for place in places)
    return f"""
    with nearest as ({nearest_sql(champion, spec, source)}),
    ranked as (
        select
            *,
            distances[own] as near,
            list_transform(
                distances, lambda d, i: if(i = own, 'infinity'::double, d)
            ) as others
        from nearest
    ),
    apart as (
        select
            *,
            list_min(others) as far,
            list_position(others, list_min(others)) as other
        from ranked
    ),
    centers(cluster, segment, center, typical) as (values {_centers_sql(champion)}),
    compared as (
        select apart.*, mine.segment, theirs.segment as next_segment, mine.typical,
            [{gains}] as gains
        from apart
        join centers as mine on mine.cluster = apart.own
        left join centers as theirs
            on theirs.cluster = apart.other and isfinite(apart.far)
    ),
    explained as (
        select *, list_position(gains, list_max(gains)) as place from compared
    )"""


def _array(centroid: tuple[float, ...]) -> str:
    listed = ", ".join(number(value) for value in centroid)
    return f"cast([{listed}] as double[{len(centroid)}])"


def _centers_sql(champion: Champion) -> str:
    rows = []
    for place, cluster in enumerate(champion.clusters, start=1):
        texts = [plain(value) for value in cluster.typical]
        typical = ", ".join("null" if t is None else literal(t) for t in texts)
        name, center = literal(cluster.name), _array(cluster.centroid)
        rows.append(f"({place}, {name}, {center}, cast([{typical}] as varchar[]))")
    return ", ".join(rows)


def _gain_sql(champion: Champion, place: int) -> str:
    known = f"{identifier(champion.axes[place - 1].feature)} is not null"
    theirs = f"pow(v[{place}] - theirs.center[{place}], 2)"
    mine = f"pow(v[{place}] - mine.center[{place}], 2)"
    return f"case when {known} then {theirs} - {mine} end"


def _text_sql(feature: str) -> str:
    value = f"cast({identifier(feature)} as double)"
    return f"regexp_replace(cast(round({value}, 6) as varchar), '\\.0$', '')"


def _pick_sql(values: list[str]) -> str:
    cases = [
        f"when {place} then {value}" for place, value in enumerate(values, start=1)
    ]
    return f"case place {' '.join(cases)} end"


def _missing_sql(spec: ClustersSpec) -> str:
    """The feature that keeps a customer out: first those without a fill."""
    ordered = sorted(spec.features, key=lambda feature: feature.fill is not None)
    cases = [
        f"when {identifier(f.feature)} is null then {literal(f.feature)}"
        for f in ordered
    ]
    return f"case {' '.join(cases)} end"
