-- One row per change of what a user allows, from the day the user is known. Whoever
-- withdraws may say so as an address, where the grant came from a signed-in user.
create or replace temp table consents as
with granted as (
    select
        users.*,
        choices.purpose,
        choices.channel,
        concat_ws('-', users.whose, choices.purpose, choices.channel) as choice
    from users
    cross join (
        values
        ('marketing', 'email', 0.7),
        ('marketing', 'phone', 0.2),
        ('marketing', 'sms', 0.15),
        ('marketing', 'in_app', 0.3),
        ('marketing', 'social', 0.1),
        ('marketing', 'event', 0.2),
        ('marketing', 'post', 0.1),
        ('research', 'email', 0.25)
    ) as choices (purpose, channel, share)
    where enrolled_on <= getvariable('until')
        and draw(concat_ws('-', users.whose, choices.purpose, choices.channel), 'grants')
        < choices.share
),

dated as (
    select
        *,
        draw(choice, 'withdraws') as chance,
        enrolled_on + whole(draw(choice, 'withdrawn on'), 30, 500) as withdrawn_on
    from granted
),

changes as (
    select
        *, 'granted' as status, enrolled_on as changed_on,
        pick(['sign_up_form', 'preference_centre'], draw(choice, 'form')) as source
    from dated
    union all
    select
        *, 'withdrawn', withdrawn_on,
        pick(['unsubscribe_link', 'preference_centre', 'support'], draw(choice, 'way'))
    from dated
    where chance < 0.18 and withdrawn_on <= getvariable('until')
    union all
    select
        *, 'granted', withdrawn_on + whole(draw(choice, 'again on'), 20, 200),
        'preference_centre'
    from dated
    where chance < 0.03 and withdrawn_on <= getvariable('until')
),

known_by as (
    select
        *,
        moment(changed_on, draw(choice, concat(status, changed_on)), 8, 20) as changed_at,
        case
            when channel in ('phone', 'sms') then 'phone'
            when channel = 'in_app' or source = 'preference_centre' then 'user'
            else 'email'
        end as known_by
    from changes
    where changed_on <= getvariable('until')
)

select
    if(known_by = 'email', email, null) as email,
    if(known_by = 'phone', phone, null) as phone,
    if(known_by = 'email', null, user_id) as user_id,
    purpose,
    channel,
    status,
    changed_at,
    source,
    firm,
    n,
    changed_on as delivered_on
from known_by;
