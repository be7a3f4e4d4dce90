{{ config(severity='warn', description='Items paid by use or in tiers have no price of their own: their MRR is not known, and they count by their invoices alone.') }}

select distinct subscription_id, item_id, plan
from {{ ref('int_billing__item_states') }}
where state = 'usage'
