{% set days = [
    'version_on', 'trial_starts_on', 'trial_ends_on', 'discount_starts_on',
    'discount_ends_on', 'paused_on', 'resumes_on',
] %}
with versions as (
    select * from {{ ref('int_billing__item_versions') }}
),

cuts as (
    select subscription_id, item_id, version_on, begins_on as cut_on from versions
    {% for day in days %}
    union
    select subscription_id, item_id, version_on, {{ day }} from versions
    where {{ day }} > begins_on and {{ day }} < ends_before
    {% endfor %}
)

select
    versions.*,
    cuts.cut_on as valid_from,
    coalesce(
        lead(cuts.cut_on) over (
            partition by cuts.subscription_id, cuts.item_id, cuts.version_on order by cuts.cut_on
        ), versions.ends_before
    ) as valid_to
from versions
inner join cuts
    on
        versions.subscription_id = cuts.subscription_id
        and versions.item_id = cuts.item_id
        and versions.version_on is not distinct from cuts.version_on
