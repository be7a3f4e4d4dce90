-- Apart from the features, so that no segment can read them; empty unless the mapping
-- enables a trait and says what for.
select
    {{ tonight() }} as as_of_date,
    customer_id,
    trait,
    coalesce(word, cast(number as varchar)) as value,
    purpose
from {{ ref('stated_traits') }}
where is_sensitive and as_of_date = {{ tonight() }} and coalesce(word, cast(number as varchar)) is not null
