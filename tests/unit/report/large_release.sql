-- 2,000 customers, six models, thirteen months: a page as a real night makes it.
create table customers as
select 'c' || printf('%05d', number) as customer_id, number,
    (number * 7919) % 1000 / 1000.0 as rank_a, (number * 104729) % 1000 / 1000.0 as rank_b
from range(2000) as numbers(number);

create table release_info as select
    '2026-11-21-2' as release_id, date '2026-11-21' as as_of_date,
    '2026-11-20-1' as predecessor, 2000::bigint as customers,
    412345.5::decimal(18, 2) as mrr, 61::bigint as gates_passed,
    0::bigint as gates_failed, '9f3c2ab' as code_version,
    timestamp '2026-11-22 02:04:00' as created_at;

create table pipeline_metrics as select * from (values
    ('customers', 2000.0, 1988.0), ('paying_customers', 1312.0, 1315.0),
    ('mrr', 412345.5, 409876.25), ('arr', 4948146.0, 4918515.0),
    ('revenue_12m', 4512678.9, 4498001.1), ('nps', 31.4, 32.9),
    ('events_total', 1234567.0, 1223001.0), ('sessions_30d', 45678.0, 45678.0),
    ('survey_coverage', 0.4123, 0.4101), ('tickets_open', null, null)
) as metrics(metric, value, previous_value);

create table declared as
select row_number() over () as declared_order, * from (values
    ('value_tiers', 'key_account', 'rules', 'Value tiers',
        'Keep the few who pay for the many', 'revenue_12m', 0.02, 4.4,
        'revenue_12m >= 50000', 'Served by a named account manager'),
    ('value_tiers', 'large', 'rules', null, null, null, 0.14, 2.1,
        'revenue_12m >= 12000', 'Worth a call before each renewal'),
    ('value_tiers', 'growing', 'rules', null, null, null, 0.25, 1.3,
        'revenue_12m >= 3000 and revenue_slope_8w > 0',
        'Small today, but paying more each week'),
    ('value_tiers', 'standard', 'rules', null, null, null, 0.9, 0.6, 'otherwise',
        'All others'),
    ('value_tiers', 'unknown', 'rules', null, null, null, 1.0, 0.0, null, null),
    ('lifecycle', 'prospect', 'rules', 'Lifecycle',
        'See who comes, stays and leaves', 'paying_customers', 0.2, 0.0,
        'lifecycle_stage = ''prospect''', 'Known by name, has not bought yet'),
    ('lifecycle', 'new', 'rules', null, null, null, 0.26, 0.7, null,
        'Bought for the first time in the last 90 days'),
    ('lifecycle', 'active', 'rules', null, null, null, 0.58, 1.2, null,
        'Pays and uses the product'),
    ('lifecycle', 'loyal', 'rules', null, null, null, 0.8, 1.9, null,
        'Pays for more than a year without a gap'),
    ('lifecycle', 'slipping', 'rules', null, null, null, 0.87, 0.9, null,
        'Uses the product much less than the month before'),
    ('lifecycle', 'at_risk', 'rules', null, null, null, 0.91, 0.8, null,
        'Payment failed, or unused for 30 days'),
    ('lifecycle', 'churned', 'rules', null, null, null, 0.998, 0.1, null,
        'Has paid and pays no more'),
    ('lifecycle', 'reactivated', 'rules', null, null, null, 1.0, 0.9, null,
        'Came back after churn'),
    ('nps', 'promoter', 'rules', 'NPS class', 'Ask promoters to recommend us', 'nps',
        0.21, 1.4, 'nps_class = ''promoter''', 'Answered 9 or 10'),
    ('nps', 'passive', 'rules', null, null, null, 0.34, 1.0, null, 'Answered 7 or 8'),
    ('nps', 'detractor', 'rules', null, null, null, 0.43, 0.8, null,
        'Answered 0 to 6'),
    ('nps', 'unknown', 'rules', null, null, null, 1.0, 0.9, null, null),
    ('engagement', 'power_user', 'rules', 'Engagement',
        'Find weak usage before it becomes churn', 'engagement_score', 0.1, 3.2,
        'engagement_percentile >= 0.9', 'Among the most active tenth'),
    ('engagement', 'regular', 'rules', null, null, null, 0.55, 1.3, null,
        'Comes every week'),
    ('engagement', 'occasional', 'rules', null, null, null, 0.86, 0.5, null,
        'Comes now and then'),
    ('engagement', 'dormant', 'rules', null, null, null, 1.0, 0.02, null,
        'Not seen for 30 days'),
    ('behaviour_clusters', 'high_mrr_low_activity_detractors', 'clusters',
        'Behaviour clusters', 'Groups nobody had thought of', 'mrr', 0.18, 2.6, null,
        'High MRR, low activity, detractors'),
    ('behaviour_clusters', 'low_mrr_high_activity_promoters', 'clusters', null, null,
        null, 0.46, 0.7, null, 'Low MRR, high activity, promoters'),
    ('behaviour_clusters', 'many_carts_many_declined_cards', 'clusters', null, null,
        null, 0.61, 0.4, null, 'Many carts, many declined cards'),
    ('behaviour_clusters', 'long_standing_steady', 'clusters', null, null, null, 1.0,
        1.1, null, 'Long standing, steady use'),
    ('watch_list', 'key_account_detractor', 'micro', 'Watch list',
        'Call before they leave', 'mrr', 0.03, 3.9, null,
        'Key account and detractor'),
    ('watch_list', 'growing_and_slipping', 'micro', null, null, null, 0.07, 1.2, null,
        'Growing, yet slipping')
) as declared(model, segment, kind, title, goal, kpi, upper_rank, factor, rule, means);

create table customer_segments as
select customers.customer_id, declared.model, declared.segment
from customers
inner join declared
    on case when declared.model in ('nps', 'engagement') then rank_b else rank_a end
        < declared.upper_rank
where declared.kind <> 'micro' or customers.number % 3 = 0
qualify declared.kind = 'micro' or row_number() over (
    partition by customers.customer_id, declared.model order by declared.upper_rank
) = 1;

create table segment_registry as
select declared.model, segment, declared_order as segment_order, kind, title, goal, kpi,
    'growth' as owner, rule, means,
    (select count(*) from customer_segments as s
        where s.model = declared.model and s.segment = declared.segment) as customers
from declared;

create table segment_profiles as
with features(feature, base_mean, power) as (values
    ('mrr', 206.2, 1.0), ('revenue_12m', 2256.3, 1.0), ('sessions_30d', 22.8, 0.7),
    ('active_days_30d', 8.4, 0.5), ('nps_score', 7.4, 0.2), ('tenure_days', 301.0, 0.3),
    ('recency_days', 41.5, -0.6), ('carts_30d', 1.2, -0.3), ('orders_total', 9.1, 0.9),
    ('engagement_score', 44.2, 0.6), ('revenue_slope_8w', -3.2, 1.0),
    ('declined_cards_90d', 0.21, -0.9), ('survey_coverage', 0.4123, 0.1)
)
select r.model, r.segment, feature, r.customers,
    case when feature = 'nps_score' and r.segment = 'unknown' then 0
        else r.customers end as known,
    case when feature = 'nps_score' and r.segment = 'unknown' then null
        else base_mean * pow(greatest(factor, 0.02), power) end as mean,
    base_mean,
    case when feature = 'nps_score' and r.segment = 'unknown' then null
        else pow(greatest(factor, 0.02), power) end as lift
from segment_registry as r inner join declared using (model, segment)
cross join features where r.customers > 0;

create table segment_migration as select *, date '2026-11-20' as since_date from (values
    ('lifecycle', 'active', 'slipping', 14::bigint, 2345.67::decimal(18, 2)),
    ('lifecycle', 'slipping', 'active', 9, 1234.5), ('lifecycle', 'new', 'active', 21, 4100),
    ('lifecycle', 'slipping', 'at_risk', 6, 900), ('lifecycle', 'at_risk', 'churned', 4, 0),
    ('lifecycle', 'active', 'loyal', 17, 5200), ('lifecycle', null, 'prospect', 12, 0),
    ('lifecycle', 'churned', 'reactivated', 2, 180), ('lifecycle', 'loyal', 'loyal', 400, 9),
    ('value_tiers', 'growing', 'large', 5, 5300), ('value_tiers', 'standard', 'growing', 8, 2100),
    ('value_tiers', null, 'standard', 12, 0),
    ('behaviour_clusters', 'high_mrr_low_activity_detractors',
        'low_mrr_high_activity_promoters', 3, 611),
    ('behaviour_clusters', 'low_mrr_high_activity_promoters',
        'long_standing_steady', 7, 1423),
    ('behaviour_clusters', 'many_carts_many_declined_cards',
        'low_mrr_high_activity_promoters', 5, 400),
    ('engagement', 'regular', 'occasional', 31, 6000)
) as moves(model, from_segment, to_segment, customers, mrr);

create table mrr_movements as
with months as (
    select number, (date '2025-11-01' + to_months(number::integer))::date as month
    from range(13) as numbers(number)
)
select 'c' || number as customer_id, month, kind, amount::decimal(18, 2) as amount
from months cross join (values
    ('new', 21000), ('expansion', 9500), ('contraction', -4200), ('churn', -7800),
    ('reactivation', 2600)
) as kinds(kind, size)
cross join lateral (
    select round(size * (1 + 0.35 * sin(number * 2 + length(kind)))) as amount
) as sized
where number > 0
union all
select 'c0', date '2025-11-01', 'new', 212000;

create table customer_mrr_monthly as
select customer_id, month, share * total as mrr, 'EUR' as currency, true as is_active
from (
    select month, sum(sum(amount)) over (order by month) as total
    from mrr_movements group by month
)
cross join (values ('c1', 0.75), ('c2', 0.25)) as shares(customer_id, share);

create table data_quality_results as
select 'between__column_' || number as check_name, 'great_expectations' as tool,
    'customer_features' as table_name, 'mrr' as column_name,
    case when number < 40 then 'critical' else 'warning' end as severity,
    number <> 50 and number <> 12 as passed, '9,412.00' as observed,
    'at most 5,000.00' as expected, 3::bigint as failing_rows, 'c00017' as sample_keys,
    'An amount above 5,000 a month was a typing error in all cases so far' as why,
    case when number = 12 then 'growth until 2026-12-01: closing of a branch' end
        as waived_by
from range(61) as numbers(number);

create table source_freshness as select * from (values
    ('web_events', date '2026-11-21', 390::bigint, true),
    ('survey_responses', date '2026-11-19', 12, true),
    ('invoice_lines', date '2026-11-21', 26, true),
    ('subscriptions', date '2026-11-20', 26, true),
    ('tickets', null, 0, false), ('campaign_events', null, 0, false)
) as feeds(feed, last_event_on, files, is_present);

create table source_files as
select 'f' || number as file_id, source, source as feed,
    source || '/' || number || '.jsonl.gz' as path, 1834211::bigint as bytes,
    31234::bigint as lines, 31200::bigint as loaded, 4::bigint as quarantined,
    30::bigint as known, 0::bigint as blank,
    case when number = 3 then 'rejected' else 'loaded' end as status,
    case when number = 3 then 'line 1: the required column response_id is missing'
    end as reason
from range(12) as numbers(number)
cross join (values ('web_events'), ('survey_responses'), ('invoice_lines'),
    ('subscriptions')) as sources(source);

create table quarantine_rows as
select 'f1' as file_id, 'web_events/1.jsonl.gz' as path, number as line,
    case when number % 3 = 0 then 'event_at: ''x' || number || ''' is no time'
        else 'answer_number: above the largest value 10' end as reason, 'raw' as raw
from range(48) as numbers(number);
