-- A ticket belongs to the person who asked, else to the customer it is about. Each version
-- of it is known from its own day until the next one.
with versions as (
    {{ versions_of('tickets', 'ticket_id', business_day('coalesce(_version_at, opened_at)')) }}
),

tickets as (
    select
        *,
        {{ business_day('opened_at') }} as opened_on,
        {{ business_day('closed_at') }} as closed_on
    from versions
)

select
    tickets.ticket_id,
    tickets.known_on,
    tickets.superseded_on,
    tickets.opened_at,
    tickets.opened_on,
    tickets.closed_on,
    {{ word_or_other('types', 'tickets.type') }} as type,
    {{ word_or_other('channels', 'tickets.channel') }} as channel,
    statuses.word as status,
    coalesce({{ as_number('sentiments.word') }}, {{ as_number('tickets.sentiment') }}) as sentiment,
    tickets.csat,
    tickets.handle_minutes,
    by_person.person_id,
    coalesce(by_person.customer_id, by_billing.customer_id) as customer_id
from tickets
{{ join_customers('tickets', 'opened_on', billing=true) }}
{{ join_word('types', 'ticket_type', 'tickets.type') }}
{{ join_word('channels', 'channel', 'tickets.channel') }}
{{ join_word('statuses', 'ticket_status', 'tickets.status') }}
{{ join_word('sentiments', 'sentiment', 'tickets.sentiment') }}
where
    coalesce(by_person.customer_id, by_billing.customer_id) is not null
    and coalesce(tickets.superseded_on > tickets.known_on, true)
