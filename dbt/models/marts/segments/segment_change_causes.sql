{{ config(contract={'enforced': false}) }}

-- The cause of a change of tonight, in the order in which the causes exclude each other.
with re_keyed as (
    select new_customer_id as customer_id from {{ ref('customer_key_log') }}
    where kind in ('merge', 'split') and changed_on = {{ tonight() }}
),

new_champions as (
    select distinct now.model
    from {{ source('segmentation', 'cluster_models') }} as now
    inner join {{ source('release', 'cluster_models') }} as before on now.model = before.model
    where now.champion_id <> before.champion_id
)

select
    tonight.customer_id,
    tonight.model,
    case
        when re_keyed.customer_id is not null then 'identity'
        when old_rules.segment = before.segment and old_rules.segment <> tonight.segment then 'definition'
        when new_champions.model is not null then 'cluster_model'
        when corrected.customer_id is not null then 'data'
        else 'behaviour'
    end as change_cause
from {{ source('segmentation', 'assignments') }} as tonight
left join {{ source('release', 'customer_segments') }} as before
    on tonight.customer_id = before.customer_id and tonight.model = before.model
left join {{ source('segmentation', 'previous_rule_assignments') }} as old_rules
    on
        tonight.customer_id = old_rules.customer_id
        and tonight.model = old_rules.model
        and tonight.as_of_date = old_rules.as_of_date
left join (select distinct customer_id from re_keyed) as re_keyed
    on tonight.customer_id = re_keyed.customer_id
left join new_champions on tonight.model = new_champions.model
left join {{ ref('int_customers__corrected') }} as corrected
    on tonight.customer_id = corrected.customer_id
where tonight.as_of_date = {{ tonight() }}
