{{ config(group='prepare') }}

with web_links as (
    select distinct anonymous_id, user_id, email_hash, phone_hash
    from {{ ref('int_web__links') }}
),

pairs as (
    select 'user_id' as left_type, user_id as left_value, 'anonymous_id' as right_type, anonymous_id as right_value
    from web_links
    union
    select 'user_id', user_id, 'email_hash', email_hash from web_links
    union
    select 'user_id', user_id, 'phone_hash', phone_hash from web_links
    union
    select 'email_hash', email_hash, 'anonymous_id', anonymous_id from web_links where user_id is null
    union
    select 'user_id', user_id, 'email_hash', email_hash from {{ ref('stg_billing__customers') }}
    union
    select 'email_hash', email_hash, 'phone_hash', phone_hash from {{ ref('stg_billing__customers') }}
    union
    select 'user_id', user_id, 'email_hash', email_hash from {{ ref('stg_survey__responses') }}
),

known_pairs as (
    select pairs.* from pairs
    inner join {{ ref('int_identity__identifiers') }} as left_end
        on pairs.left_type = left_end.id_type and pairs.left_value = left_end.id_value
    inner join {{ ref('int_identity__identifiers') }} as right_end
        on pairs.right_type = right_end.id_type and pairs.right_value = right_end.id_value
),

-- A device or a mailbox of many people belongs to none of them.
shared as (
    select
        known_pairs.right_type,
        known_pairs.right_value
    from known_pairs
    inner join {{ ref('identity_limits') }} as limits on known_pairs.right_type = limits.id_type
    group by known_pairs.right_type, known_pairs.right_value, limits.maximum_users
    having count(distinct known_pairs.left_value) > limits.maximum_users
)

select known_pairs.* from known_pairs
left join shared
    on
        known_pairs.right_type = shared.right_type
        and known_pairs.right_value = shared.right_value
where shared.right_value is null
