{% set words = [
    'main_need', 'benefit_sought', 'purchase_reason', 'purchase_intention',
    'preferred_channel_stated', 'main_interest',
] %}
{% set scales = [
    'price_sensitivity', 'innovativeness', 'self_reliance', 'sustainability_orientation',
] %}

with answers as (
    select
        as_of_dates.as_of_date,
        answers.*,
        survey_kind = 'nps'
        and answer_number between 0 and 10
        and answer_number = floor(answer_number) as is_nps,
        survey_kind = 'csat'
        and answer_number is not null
        and {{ days_between('submitted_on', 'as_of_dates.as_of_date') }} < {{ threshold('csat_window_days') }}
            as is_csat
    from {{ ref('int_customers__answers') }} as answers
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on {{ is_known('answers', 'as_of_dates.as_of_date') }}
),

given as (
    select
        customer_id,
        as_of_date,
        count(distinct response_id) as responses_total,
        count(distinct survey_kind) as answered_kinds,
        max(submitted_on) as last_response_on,
        count(*) filter (where is_nps) as nps_answers_total,
        max(submitted_on) filter (where is_nps) as nps_answered_on,
        max_by(cast(answer_number as integer), {{ in_order('submitted_at', 'response_id') }})
            filter (where is_nps) as nps_score,
        cast(avg(answer_number) filter (where is_csat) as decimal(9, 4)) as csat_90d,
        count(*) filter (where is_csat) as csat_answers_90d
    from answers
    group by customer_id, as_of_date
),

traits as (
    select
        customer_id,
        as_of_date,
        {% for trait in words %}
        max(word) filter (where trait = '{{ trait }}') as {{ trait }},
        {% endfor %}
        {% for trait in scales %}
        cast(max(number) filter (where trait = '{{ trait }}') as decimal(9, 4)) as {{ trait }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stated_traits') }}
    where not is_sensitive
    group by customer_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    given.nps_score,
    case
        when given.nps_score >= 9 then 'promoter'
        when given.nps_score >= 7 then 'passive'
        when given.nps_score >= 0 then 'detractor'
    end as nps_class,
    given.nps_answered_on,
    given.csat_90d,
    given.last_response_on,
    {% for column in ['nps_answers_total', 'csat_answers_90d', 'responses_total', 'answered_kinds'] %}
    {{ known_zero('given.' ~ column, 'survey_is_known') }} as {{ column }},
    {% endfor %}
    {% for trait in words + scales %}
    traits.{{ trait }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('customer_spine') }} as spine
left join given
    on spine.customer_id = given.customer_id and spine.as_of_date = given.as_of_date
left join traits
    on spine.customer_id = traits.customer_id and spine.as_of_date = traits.as_of_date
