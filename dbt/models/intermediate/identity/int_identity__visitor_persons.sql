-- A user id says who it is. Without one a device says it; a shared one by the sign-in
-- that is nearest.
with pairs as (
    select distinct anonymous_id, user_id
    from {{ ref('int_web__links') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
    where id_type in ('user_id', 'anonymous_id')
),

limits as (
    select
        max(case when counted = 'persons' then maximum end) as persons,
        max(case when counted = 'days_from_a_sign_in' then maximum end) as days
    from {{ ref('identity_limits') }}
    where id_type = 'anonymous_id'
),

shared as (
    select sign_ins.anonymous_id
    from {{ ref('int_identity__sign_ins') }} as sign_ins
    group by sign_ins.anonymous_id
    having count(distinct sign_ins.person_id) between 2 and (select persons from limits)
),

-- Of several who sign in on a day the first counts for that day and those before it, the
-- last for those after it.
days as (
    select
        sign_ins.anonymous_id,
        sign_ins.signed_in_on,
        min_by(person_id, {{ in_order('first_at', 'person_id') }}) as first_person_id,
        max_by(person_id, {{ in_order('last_at', 'person_id') }}) as last_person_id
    from {{ ref('int_identity__sign_ins') }} as sign_ins
    inner join shared on sign_ins.anonymous_id = shared.anonymous_id
    group by sign_ins.anonymous_id, sign_ins.signed_in_on
),

gaps as (
    select
        *,
        {{ days_between('lag(signed_in_on) over in_time', 'signed_in_on') }} as days_since,
        {{ days_between('signed_in_on', 'lead(signed_in_on) over in_time') }} as days_until
    from days
    window in_time as (partition by anonymous_id order by signed_in_on)
),

halves as (
    select
        *,
        cast(floor(coalesce(days_since, 100000) / 2.0) as bigint) as days_back,
        cast(floor((coalesce(days_until, 100000) - 1) / 2.0) as bigint) as days_ahead
    from gaps
),

-- The day in the middle belongs to the sign-in that follows.
near as (
    select
        anonymous_id,
        first_person_id as person_id,
        {{ days_before('signed_in_on', '(least(days_back, limits.days))') }} as valid_from,
        {{ days_before('signed_in_on', '(-1)') }} as valid_to
    from halves
    cross join limits
    union all
    select
        anonymous_id,
        last_person_id,
        {{ days_before('signed_in_on', '(-1)') }},
        {{ days_before('signed_in_on', '(-1 - least(days_ahead, limits.days))') }}
    from halves
    cross join limits
),

stays as (
    select
        *,
        case
            when lag(valid_to) over in_time = valid_from and lag(person_id) over in_time = person_id
                then 0
            else 1
        end as begins
    from near
    where valid_from < valid_to
    window in_time as (partition by anonymous_id order by valid_from)
),

numbered as (
    select
        *,
        sum(begins) over (
            partition by anonymous_id order by valid_from
            rows between unbounded preceding and current row
        ) as stay
    from stays
),

periods as (
    select
        id_value as anonymous_id,
        person_id,
        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to
    from persons
    where id_type = 'anonymous_id'
    union all
    select
        anonymous_id,
        min(person_id),
        min(valid_from),
        max(valid_to)
    from numbered
    group by anonymous_id, stay
)

select
    pairs.anonymous_id,
    pairs.user_id,
    coalesce(users.person_id, periods.person_id) as person_id,
    coalesce(periods.valid_from, {{ beginning_of_time() }}) as valid_from,
    coalesce(periods.valid_to, {{ end_of_time() }}) as valid_to
from pairs
left join persons as users
    on users.id_type = 'user_id' and pairs.user_id = users.id_value
left join periods
    on users.person_id is null and pairs.anonymous_id = periods.anonymous_id
where coalesce(users.person_id, periods.person_id) is not null
