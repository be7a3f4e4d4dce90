{{ config(severity='warn', description='Such a period counts for nothing: the vendor may have swapped the dates.') }}

select subscription_id, starts_on, ends_on
from {{ ref('stg_billing__subscriptions') }}
where ends_on < starts_on
