{{ config(description='Tonight every customer with features is in every model once, and nobody else is.') }}

with assigned as (
    select model, customer_id from {{ ref('customer_segments') }}
),

models as (
    select distinct model from assigned
),

expected as (
    select models.model, features.customer_id
    from models
    cross join {{ ref('customer_features') }} as features
)

select
    coalesce(assigned.model, expected.model) as model,
    coalesce(assigned.customer_id, expected.customer_id) as customer_id
from assigned
full outer join expected
    on assigned.model = expected.model and assigned.customer_id = expected.customer_id
where assigned.customer_id is null or expected.customer_id is null
