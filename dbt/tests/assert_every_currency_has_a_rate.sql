{{ config(description='An amount without a rate to the reporting currency would be left out of every sum: add the rate to seeds/fx_rates.csv.') }}

select 'invoice line ' || invoice_line_id as what, currency
from {{ ref('int_billing__invoice_lines') }}
where amount is null
union all
select 'subscription ' || subscription_id, currency
from {{ ref('int_customers__subscriptions') }}
where monthly_amount is null
