with as_of_dates as (
    select * from {{ source('night', 'as_of_dates') }}
),

interests as (
    select
        interests.customer_id,
        as_of_dates.as_of_date,
        interests.kind,
        interests.interest,
        sum(interests.times) as times,
        count(*) as days,
        max(interests.interest_on) as last_on
    from {{ ref('int_customers__interests') }} as interests
    inner join as_of_dates
        on
            interests.interest_on <= as_of_dates.as_of_date
            and interests.interest_on > {{ days_before('as_of_dates.as_of_date', 30) }}
    group by interests.customer_id, as_of_dates.as_of_date, interests.kind, interests.interest
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, as_of_date, kind
            order by times desc, days desc, last_on desc, interest asc
        ) as place
    from interests
),

features as (
    select
        customer_id,
        as_of_date,
        {% for kind, what in {'product': 'products_viewed', 'feature': 'features_used'}.items() %}
        count(*) filter (where kind = '{{ kind }}') as {{ what }}_30d,
        {% endfor %}
        {% for kind, what in {'search': 'searches', 'feature': 'feature_uses'}.items() %}
        cast(coalesce(sum(times) filter (where kind = '{{ kind }}'), 0) as bigint) as {{ what }}_30d,
        {% endfor %}
        count(*) filter (
            where kind = 'product' and days >= {{ threshold('repeated_view_days') }}
        ) as repeatedly_viewed_products_30d,
        {% for kind, what in {
            'product': 'most_viewed_product_id', 'category': 'top_category_30d', 'feature': 'top_feature_30d',
        }.items() %}
        max(interest) filter (where kind = '{{ kind }}' and place = 1) as {{ what }},
        {% endfor %}
        cast(max(times) filter (
            where kind = 'product' and place = 1
        ) as bigint) as most_viewed_product_views_30d
    from ranked
    group by customer_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    {% for column in [
        'searches_30d', 'products_viewed_30d', 'repeatedly_viewed_products_30d', 'features_used_30d',
        'feature_uses_30d',
    ] %}
    {{ known_zero('features.' ~ column, 'web_is_known') }} as {{ column }},
    {% endfor %}
    features.most_viewed_product_id,
    features.most_viewed_product_views_30d,
    features.top_category_30d,
    features.top_feature_30d,
    cast(round(
        cast(features.feature_uses_30d as double) / nullif(features.features_used_30d, 0), 2
    ) as decimal(9, 2)) as uses_per_feature_30d
from {{ ref('customer_spine') }} as spine
left join features
    on spine.customer_id = features.customer_id and spine.as_of_date = features.as_of_date
