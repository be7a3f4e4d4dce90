-- The hidden kinds of customers. Rates are per month (churn and the like), per 30
-- days (sessions), or the share of the occasions on which a thing happens.
create or replace temp table personas as
with listed (
    persona, share, pays, pauses,
    level, level_cap, seats_low, seats_high, discount, annual,
    users_low, users_high, sessions, features_low, features_high, pool,
    nps_low, nps_high, nps_answers, csat_low, csat_high,
    upgrade, grow, downgrade, churn, reactivate,
    declines, shops, refunds, addons, mobile, hour_low, hour_high,
    need, benefit, praise, channel
) as (
    values
    (
        'power_team', 14, true, false,
        2, 3, 9, 14, 0.0, 0.2,
        3, 4, 4.4, 2, 2, 10,
        9, 10, 0.9, 4, 5,
        0.006, 0.03, 0.002, 0.002, 0.10,
        0.02, 0.02, 0.004, 0.05, 0.10, 8, 19,
        'automation of recurring work', 'saves hours every week',
        'the team lives in it', 'chat'
    ),
    (
        'enterprise', 8, true, false,
        4, 4, 34, 60, 0.0, 0.6,
        3, 6, 5.0, 1, 2, 5,
        7, 9, 0.8, 3, 5,
        0.0, 0.02, 0.002, 0.001, 0.05,
        0.005, 0.01, 0.006, 0.08, 0.03, 7, 17,
        'audit log and single sign-on', 'one system for all sites',
        'reliable, but slow to roll out', 'phone'
    ),
    (
        'steady_small', 23, true, false,
        1, 2, 2, 3, 0.0, 0.3,
        1, 2, 2.0, 1, 2, 4,
        8, 9, 0.75, 4, 5,
        0.003, 0.004, 0.0, 0.004, 0.10,
        0.02, 0.02, 0.002, 0.01, 0.25, 8, 18,
        'simple reports', 'does what it says',
        'does one thing well', 'email'
    ),
    (
        'bargain_seeker', 13, true, false,
        1, 1, 1, 1, 0.3, 0.05,
        1, 1, 1.05, 1, 1, 1,
        5, 7, 0.6, 3, 4,
        0.0, 0.0, 0.0, 0.016, 0.12,
        0.07, 0.25, 0.02, 0.0, 0.55, 18, 23,
        'a lower price', 'cheaper than the others',
        'fine for the price', 'email'
    ),
    (
        'struggling', 13, true, false,
        2, 2, 4, 7, 0.0, 0.1,
        2, 3, 1.2, 1, 1, 4,
        0, 4, 0.7, 1, 3,
        0.0, 0.0, 0.012, 0.018, 0.06,
        0.12, 0.03, 0.03, 0.0, 0.20, 9, 17,
        'help to get started', 'replaces spreadsheets',
        'too hard to set up', 'phone'
    ),
    (
        'seasonal', 9, true, true,
        3, 3, 10, 16, 0.0, 0.0,
        2, 3, 1.6, 1, 1, 5,
        7, 8, 0.7, 3, 5,
        0.0, 0.01, 0.0, 0.0, 0.0,
        0.03, 0.04, 0.005, 0.03, 0.35, 10, 21,
        'pause between seasons', 'grows with the season',
        'good in high season', 'sms'
    ),
    (
        'tire_kicker', 20, false, false,
        0, 0, 0, 0, 0.0, 0.0,
        1, 1, 0.8, 1, 1, 6,
        5, 8, 0.0, 3, 4,
        0.0, 0.0, 0.0, 0.0, 0.0,
        0.35, 0.45, 0.0, 0.0, 0.60, 12, 23,
        'a free plan', 'wanted to compare',
        'just looking', 'email'
    )
)
select
    *,
    sum(share) over (order by persona) - share as share_from,
    sum(share) over (order by persona) as share_to
from listed;

create or replace temp table levels as
select * from (
    values
    (1, 'starter', 'basic', 1, 3, 19, 6),
    (2, 'team', 'standard', 4, 15, 30, 22),
    (3, 'business', 'premium', 10, 40, 100, 38),
    (4, 'enterprise', 'enterprise', 30, 90, 800, 70)
) as listed (level, plan, tier, seats_from, seats_to, base, per_seat);

create or replace temp table places as
select * from (
    values
    (1, 'DE', 'Bavaria', 'Munich', '80331', 0.19),
    (2, 'DE', 'Berlin', 'Berlin', '10115', 0.19),
    (3, 'DE', 'Hamburg', 'Hamburg', '20095', 0.19),
    (4, 'FR', 'Ile-de-France', 'Paris', '75001', 0.20),
    (5, 'FR', 'Auvergne-Rhone-Alpes', 'Lyon', '69001', 0.20),
    (6, 'NL', 'North Holland', 'Amsterdam', '1012', 0.21),
    (7, 'AT', 'Vienna', 'Vienna', '1010', 0.20),
    (8, 'ES', 'Catalonia', 'Barcelona', '08001', 0.21),
    (9, 'IT', 'Lombardy', 'Milan', '20121', 0.22),
    (10, 'PL', 'Masovia', 'Warsaw', '00001', 0.23),
    (11, 'GB', 'England', 'London', 'EC1A', 0.0),
    (12, 'US', 'Massachusetts', 'Boston', '02108', 0.0),
    (13, 'IN', 'Karnataka', 'Bengaluru', '560001', 0.0)
) as listed (place, country, region, city, postal_code, vat);
