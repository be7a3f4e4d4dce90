{{ config(description='The lifecycle model only maps the feature: two definitions of one word would drift apart.') }}

select segments.customer_id, segments.segment, features.lifecycle_stage
from {{ ref('customer_segments') }} as segments
inner join {{ ref('customer_features') }} as features
    on segments.customer_id = features.customer_id
where
    segments.model = 'lifecycle'
    and segments.segment <> coalesce(features.lifecycle_stage, 'unknown')
