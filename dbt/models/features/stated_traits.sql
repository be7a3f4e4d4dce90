-- A trait is what the primary person said last, else who of the customer's people said
-- something last. A scale is the mean of its items, if enough of them were answered.
with scale_items as (
    select trait, count(distinct question) as items
    from {{ ref('question_mapping') }}
    where is_enabled and value_type = 'item'
    group by trait
),

latest as (
    select
        as_of_dates.as_of_date,
        traits.*
    from {{ ref('int_customers__traits') }} as traits
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on {{ is_known('traits', 'as_of_dates.as_of_date') }}
    qualify
        row_number() over (
            partition by as_of_dates.as_of_date, customer_id, trait, who, question
            order by submitted_at desc, response_id desc, question_id desc
        ) = 1
),

ranked as (
    select
        *,
        row_number() over (
            partition by as_of_date, customer_id, trait, who
            order by submitted_at desc, response_id desc, question
        ) = 1 as is_last
    from latest
),

people as (
    select
        ranked.customer_id,
        ranked.as_of_date,
        ranked.trait,
        ranked.who,
        max(ranked.submitted_at) as submitted_at,
        max(ranked.word) filter (where ranked.is_last) as word,
        case
            when scale_items.items is not null
                then round(sum(ranked.number) / nullif(count(ranked.number), 0), 4)
            else max(ranked.number) filter (where ranked.is_last)
        end as number,
        bool_or(ranked.is_sensitive) as is_sensitive,
        min(ranked.purpose) as purpose
    from ranked
    left join scale_items on ranked.trait = scale_items.trait
    group by ranked.customer_id, ranked.as_of_date, ranked.trait, ranked.who, scale_items.items
    having
        scale_items.items is null
        or count(ranked.number) >= scale_items.items * {{ threshold('scale_answered_share') }}
)

select
    people.customer_id,
    people.as_of_date,
    people.trait,
    people.word,
    cast(people.number as decimal(18, 4)) as number,
    people.is_sensitive,
    people.purpose
from people
inner join {{ ref('customer_spine') }} as spine
    on people.customer_id = spine.customer_id and people.as_of_date = spine.as_of_date
qualify
    row_number() over (
        partition by people.customer_id, people.as_of_date, people.trait
        order by
            coalesce(people.who = spine.primary_person_id, false) desc,
            people.submitted_at desc,
            people.who
    ) = 1
