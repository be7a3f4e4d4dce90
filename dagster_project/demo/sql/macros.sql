-- Chance is a digest of (seed, whose, what for): no state, no order, no engine hash.
-- Only + - * / and comparisons follow, so that every machine draws the same.
create or replace macro draw(whose, purpose) as
    (md5_number_lower(concat_ws('|', getvariable('seed'), whose, purpose)) >> 11)
    ::double / 9007199254740992.0::double;

create or replace macro whole(chance, low, high) as
    low + floor(chance * (high - low + 1))::integer;

create or replace macro pick(options, chance) as
    options[1 + floor(chance * len(options))::integer];

create or replace macro token(whose, purpose, width) as
    left(md5(concat_ws('|', getvariable('seed'), whose, purpose)), width);

-- A moment in the working day, to the second.
create or replace macro moment(on_day, chance, hour_low, hour_high) as
    on_day::timestamp
    + to_seconds(floor((hour_low + chance * (hour_high - hour_low)) * 3600)::bigint);

create or replace macro window_day(on_day) as
    date_diff('day', getvariable('start'), on_day);

-- What the CRM sends once a week comes on Monday; what it knew before, on the first day.
create or replace macro delivered_weekly(on_day) as
    if(
        on_day = getvariable('start'), on_day,
        on_day + (8 - isodow(on_day)::integer) % 7
    );
