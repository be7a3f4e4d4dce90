-- One row per user of a firm. User 1 signs the firm up and gets its bills.
create or replace temp table users as
with numbered as (
    select
        firms.*,
        unnest(range(1, users + 1))::integer as n
    from firms
),

named as (
    select
        *,
        concat_ws('-', firm, n) as whose,
        pick(['Ada', 'Aisha', 'Anna', 'Bruno', 'Clara', 'Daan', 'Elena', 'Emil',
            'Farah', 'Greta', 'Hugo', 'Ines', 'Ivan', 'Jana', 'Kofi', 'Lena',
            'Luca', 'Maya', 'Nils', 'Olga', 'Paul', 'Priya', 'Rosa', 'Tomas'],
            draw(concat_ws('-', firm, n), 'first')) as first_name,
        pick(['Adler', 'Bauer', 'Costa', 'Dubois', 'Evans', 'Fischer', 'Garcia',
            'Haas', 'Iyer', 'Jansen', 'Kowalski', 'Larsen', 'Moreau', 'Novak',
            'Okafor', 'Petit', 'Quinn', 'Rossi', 'Silva', 'Tanaka', 'Urban',
            'Vogel', 'Weber', 'Zhang'],
            draw(concat_ws('-', firm, n), 'last')) as last_name
    from numbered
)

select
    firm,
    n,
    whose,
    'u_' || lpad(firm::varchar, 7, '0') || '_' || n as user_id,
    first_name || ' ' || last_name as name,
    lower(first_name || '.' || last_name) || if(n > 1, n::varchar, '')
    || '@' || company || '.example' as email,
    -- No country has the calling code 999.
    '+999' || lpad((firm * 10 + n)::varchar, 9, '0') as phone,
    if(n = 1, 'admin', pick(['editor', 'viewer'], draw(whose, 'role'))) as role,
    pick(['de', 'en', 'fr', 'nl'], draw(whose, 'language')) as language,
    if(draw(whose, 'device') < mobile, 'mobile', 'desktop') as device_type,
    -- A founder's people meet the tracker in the first month of the window.
    case
        when joined_on < getvariable('start')
            then getvariable('start') + whole(draw(whose, 'enrolled'), 0, 29)
        when n = 1 then joined_on
        else joined_on + whole(draw(whose, 'enrolled'), 1, 20)
    end as enrolled_on
from named;
