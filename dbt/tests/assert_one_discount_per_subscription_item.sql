{{ config(severity='warn', description='A second discount, or one of which only the id was delivered, does not reduce MRR: it is too high.') }}

select subscription_id, item_id, version_on
from {{ ref('stg_billing__subscription_items') }}
where other_discounts is not null
