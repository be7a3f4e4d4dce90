-- Eight customers, five models, two months; night of 2026-11-21 after 2026-11-20.
create table release_info as select
    '2026-11-21-1' as release_id, date '2026-11-21' as as_of_date,
    '2026-11-20-1' as predecessor, 8::bigint as customers, 1700::decimal(18, 2) as mrr,
    5::bigint as gates_passed, 0::bigint as gates_failed, 'a1b2c3' as code_version,
    timestamp '2026-11-22 02:04:00' as created_at;

create table pipeline_metrics as
select '2026-11-21-1' as release_id, date '2026-11-21' as as_of_date, *
from (values
    ('customers', 8.0, 7.0), ('paying_customers', 5.0, 5.0), ('mrr', 1700.0, 1567.0),
    ('arr', 20400.0, 18804.0), ('nps', 25.0, 28.5), ('revenue_12m', null, 1000.0),
    ('events_total', 1234567.0, null)
) as metrics(metric, value, previous_value);

create table customer_segments as
select customers.customer_id, assigned.model,
    assigned.names[customers.number]::varchar as segment
from (
    select number, 'c' || number as customer_id from range(1, 9) as numbers(number)
) as customers
cross join (values
    ('value_tiers', ['key_account', 'key_account', 'growing', 'standard', 'standard',
        'standard', 'standard', 'unknown']),
    ('lifecycle', ['active', 'active', 'active', 'new', 'loyal', 'loyal', 'churned',
        'prospect']),
    ('nps', ['promoter', 'promoter', 'promoter', 'passive', 'passive', 'detractor',
        'unknown', 'unknown']),
    ('rfm', ['champions', 'loyal', 'loyal', 'promising', 'promising', 'hibernating',
        'hibernating', 'unknown']),
    ('engagement', ['high', 'high', 'medium', 'medium', 'low', 'low', 'low', 'unknown'])
) as assigned(model, names);

create table segment_registry as
select model, segment, segment_order::bigint as segment_order, 'rules' as kind, title,
    goal, kpi, 'growth' as owner, rule, means, customers::bigint as customers
from (values
    ('value_tiers', 'key_account', 1, 'Value tiers', 'Keep the few who pay for the many',
        'revenue_12m', 'revenue_12m >= 5000', 'Served by a named account manager', 2),
    ('value_tiers', 'growing', 2, 'Value tiers', 'Keep the few who pay for the many',
        'revenue_12m', 'revenue_slope_8w > 0', 'Pays more each week', 1),
    ('value_tiers', 'standard', 3, 'Value tiers', 'Keep the few who pay for the many',
        'revenue_12m', 'otherwise', 'All others', 4),
    ('value_tiers', 'dormant', 4, 'Value tiers', 'Keep the few who pay for the many',
        'revenue_12m', 'revenue_12m = 0', 'Nothing for a year', 0)
) as declared(
    model, segment, segment_order, title, goal, kpi, rule, means, customers
);

create table segment_profiles as
select * from (values
    ('value_tiers', 'standard', 'mrr', 12::bigint, 12::bigint, 100.0, 200.0, 0.5),
    ('value_tiers', 'standard', 'sessions_30d', 12, 12, 3.0, 4.0, 0.75),
    ('value_tiers', 'standard', 'nps_score', 12, 0, null, 7.5, null),
    ('value_tiers', 'standard', 'revenue_slope_8w', 12, 12, 1.0, -2.0, -0.5),
    ('value_tiers', 'key_account', 'mrr', 2, 2, 600.0, 200.0, 3.0)
) as profiles(model, segment, feature, customers, known, mean, base_mean, lift);

create table segment_migration as
select * from (values
    ('value_tiers', 'standard', 'growing', 1::bigint, 400::decimal(18, 2),
        date '2026-11-20'),
    ('value_tiers', null, 'standard', 1, null, date '2026-11-20'),
    ('value_tiers', 'standard', 'standard', 3, 300, date '2026-11-20'),
    ('nps', 'promoter', 'promoter', 3, 1000, date '2026-11-20')
) as moves(model, from_segment, to_segment, customers, mrr, since_date);

create table customer_mrr_monthly as
select *, mrr > 0 as is_active from (values
    ('c1', date '2026-10-01', 1000::decimal(18, 2), 'EUR'),
    ('c2', date '2026-10-01', 567, 'EUR'),
    ('c1', date '2026-11-01', 1200, 'EUR'),
    ('c2', date '2026-11-01', 0, 'EUR'),
    ('c3', date '2026-11-01', 500, 'EUR')
) as months(customer_id, month, mrr, currency);

create table mrr_movements as
select * from (values
    ('c1', date '2026-10-01', 'new', 1000::decimal(18, 2)),
    ('c2', date '2026-10-01', 'new', 567),
    ('c1', date '2026-11-01', 'expansion', 200),
    ('c2', date '2026-11-01', 'churn', -567),
    ('c3', date '2026-11-01', 'new', 500)
) as movements(customer_id, month, kind, amount);

create table data_quality_results as
select * from (values
    ('not_null__customer_id', 'great_expectations', 'customer_features', 'customer_id',
        'critical', true, '0', '0', 0::bigint, null, 'The key of every table', null),
    ('between__mrr', 'great_expectations', 'customer_features', 'mrr',
        'warning', false, 'max 9,999', 'at most 5,000', 3, 'secret-key-1',
        'Larger amounts were typing errors so far', null),
    ('size', 'drift', 'customer_segments', null, 'critical', false, '-12%',
        'within 10%', null, null, 'A tenth of all customers never leaves in a night',
        'until 2026-12-01: closing of a branch')
) as results(check_name, tool, table_name, column_name, severity, passed, observed,
    expected, failing_rows, sample_keys, why, waived_by);

create table source_freshness as
select * from (values
    ('web_events', date '2026-11-21', 30::bigint, true),
    ('tickets', null, 0, false)
) as feeds(feed, last_event_on, files, is_present);

create table source_files as
select * from (values
    ('f1', 'web_events', 'web_events', 'web/events-1.jsonl.gz', 1234567::bigint,
        1000::bigint, 990::bigint, 4::bigint, 5::bigint, 1::bigint, 'loaded', null),
    ('f2', 'survey', 'survey_responses', 'survey/answers.csv', 0, 0, 0, 0, 0, 0,
        'rejected', 'the first line is "jane.doe@example.com" and no header')
) as files(file_id, source, feed, path, bytes, lines, loaded, quarantined, known, blank,
    status, reason);

create table quarantine_rows as
select * from (values
    ('f1', 'web/events-1.jsonl.gz', 7::bigint, 'event_at: ''soon'' is no time', 'raw'),
    ('f1', 'web/events-1.jsonl.gz', 8, 'event_at: ''later'' is no time', 'raw'),
    ('f1', 'web/events-1.jsonl.gz', 9, 'phone: +49 151 2345678 is too short', 'raw'),
    ('f1', 'web/events-1.jsonl.gz', 10, 'email: jane.doe@example is no address', 'raw')
) as rejected(file_id, path, line, reason, raw);
