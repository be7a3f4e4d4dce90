select
    events.event_id,
    events.campaign_id,
    events.event_type,
    events.event_at,
    events.event_on,
    {{ word_or_other('channels', 'events.channel') }} as channel,
    by_person.person_id,
    by_person.customer_id
from {{ ref('stg_campaigns__events') }} as events
{{ join_customers('events', 'event_on', billing=false) }}
{{ join_word('channels', 'channel', 'events.channel') }}
where by_person.customer_id is not null
