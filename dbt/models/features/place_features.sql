select
    spine.customer_id,
    spine.as_of_date,
    coalesce(web.web_country, spine.billing_country) as country,
    spine.billing_region as region
from {{ ref('customer_spine') }} as spine
inner join {{ ref('web_features') }} as web
    on spine.customer_id = web.customer_id and spine.as_of_date = web.as_of_date
