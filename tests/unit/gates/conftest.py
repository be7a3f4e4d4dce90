"""A tiny night on which every gate passes; tests spoil one thing of it."""

from collections.abc import Iterator

import duckdb
import pytest

from dagster_project import warehouse

NIGHT = """
create schema night; create schema raw; create schema features; create schema marts;
create schema release;

create table night.control as
select date '2026-11-21' as as_of_date, date '2026-11-20' as predecessor_as_of,
    'EUR' as reporting_currency, 'UTC' as timezone;
create table night.feeds as
from (values ('invoice_lines', true), ('survey_responses', true)) t(feed, is_present);
create table night.sources as
from (values ('billing', 'invoice_lines', true, true),
    ('survey', 'survey_responses', false, true))
    t(source, feed, required, is_present);
create table night.files as
from (values
    ('old', 'billing', 'invoice_lines', 'a.csv', 5, 4, 0, 0, 1, 'loaded', '', false),
    ('new', 'billing', 'invoice_lines', 'b.csv', 2, 2, 0, 0, 0, 'loaded', '', true),
    ('answers', 'survey', 'survey_responses', 'c', 10, 0, 1, 9, 0, 'loaded', '', true))
    t(file_id, source, feed, path, lines, loaded, quarantined, known, blank, status,
        reason, is_new);

create table night.deliveries as
from (values
    ('old', 'billing', 'invoice_lines', 'a.csv', 1, 'events', 4, date '2026-11-14',
        false),
    ('new', 'billing', 'invoice_lines', 'b.csv', 2, 'events', 2, date '2026-11-21',
        true),
    ('answers', 'survey', 'survey_responses', 'c', 3, 'events', 0, null, true))
    t(file_id, source, feed, path, sequence, delivery, loaded, newest_on, is_new);
alter table night.deliveries add column is_mounted boolean default true;
create table night.file_profiles as
select file_id, feed, is_new, 'amount' as column_name, loaded as rows
from night.deliveries;
create table night.file_values as
from (values ('old', 'invoice_lines', 'invoiced_at', '2026-11-14', 4),
    ('new', 'invoice_lines', 'invoiced_at', '2026-11-21', 2))
    t(file_id, feed, column_name, value, rows);

create table raw.invoice_lines as
select 'l' || i as invoice_line_id, 'b1' as billing_customer_id,
    timestamp '2026-11-14 10:00:00' + interval (i // 4 * 7) day as invoiced_at,
    (10 + i)::decimal(18, 4) as amount, if(i < 4, 'old', 'new') as _file_id
from range(6) t(i);

create table features.customer_features as
select 'c' || i as customer_id, date '2026-11-21' as as_of_date,
    (i * 100)::decimal(18, 2) as mrr, (i * 1000)::decimal(18, 2) as revenue_12m,
    (i * 2000)::decimal(18, 2) as revenue_total, 10 * i as events_total,
    if(i = 3, 'detractor', 'promoter') as nps_class, 4.0::decimal(9, 4) as csat_90d
from range(1, 4) t(i);

create table marts.segment_registry as
from (values ('value_tiers', 'big', 'rules', 'mrr >= 200', 2),
    ('value_tiers', 'small', 'rules', 'otherwise', 1),
    ('needy', 'detractors', 'micro', 'nps_class = ''detractor''', 1))
    t(model, segment, kind, rule, customers);
create table marts.customer_segments as
from (values ('c1', 'value_tiers', 'small'), ('c2', 'value_tiers', 'big'),
    ('c3', 'value_tiers', 'big'), ('c3', 'needy', 'detractors'))
    t(customer_id, model, segment);
create table marts.customer_segment_history as
from (values ('c1', 'value_tiers', 'big', date '2026-11-01', date '2026-11-10'),
    ('c1', 'value_tiers', 'small', date '2026-11-10', null),
    ('c2', 'value_tiers', 'big', date '2026-11-01', null),
    ('c3', 'value_tiers', 'big', date '2026-11-01', null),
    ('c3', 'needy', 'detractors', date '2026-11-01', date '2026-11-05'),
    ('c3', 'needy', 'detractors', date '2026-11-08', null))
    t(customer_id, model, segment, valid_from, valid_to);

create table marts.customer_mrr_monthly as
from (values ('c1', date '2026-10-01', 100.00::decimal(18, 2)),
    ('c1', date '2026-11-01', 100.00), ('c2', date '2026-11-01', 200.00),
    ('c3', date '2026-11-01', 300.00)) t(customer_id, month, mrr);
create table marts.mrr_movements as
from (values ('c1', date '2026-10-01', 'new', 100.00::decimal(18, 2)),
    ('c2', date '2026-11-01', 'new', 200.00), ('c3', date '2026-11-01', 'new', 300.00))
    t(customer_id, month, kind, amount);

create table release.customer_features as from features.customer_features;
create table release.customer_segments as from marts.customer_segments;
create table release.segment_registry as from marts.segment_registry;
"""


@pytest.fixture(scope="session")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.connect() as connection:
        connection.execute(NIGHT)
        yield connection


@pytest.fixture
def night(database) -> Iterator[duckdb.DuckDBPyConnection]:
    database.execute("begin")
    yield database
    database.execute("rollback")
