"""What each file of the retail sample holds: one query per kind of delivery.

`delivery` is the file, `place` the line's place in it; the other columns are the
vendor's. How the files are read and written is in `bundle.py`.
"""

INVOICE_LINES = """
select
    'billing/invoice_lines-' || left(InvoiceDate, 10) || '.csv.gz' as delivery,
    file_row_number as place,
    InvoiceNo, row_number() over (
        partition by InvoiceNo order by file_row_number
    ) as LineNo,
    StockCode, nullif(Description, '') as Description, Quantity, InvoiceDate,
    UnitPrice, nullif(CustomerID, '') as CustomerID, Country
from invoices
"""

CUSTOMERS = """
with visits as (
    select CustomerID, InvoiceDate, min(Country) as Country
    from invoices where CustomerID <> '' group by CustomerID, InvoiceDate
),

versions as (
    select
        *, min(InvoiceDate) over of_customer as CreatedAt,
        lag(Country) over (of_customer order by InvoiceDate) as country_before
    from visits
    window of_customer as (partition by CustomerID)
)

select
    'billing/customers-' || left(InvoiceDate, 10) || '.csv' as delivery,
    row_number() over (order by InvoiceDate, CustomerID) as place,
    CustomerID, 'retail-' || CustomerID as UserID, Country, CreatedAt,
    InvoiceDate as UpdatedAt
from versions where Country is distinct from country_before
"""

WEB_REQUESTS = """
select
    'web/access-' || day || '.csv.gz' as delivery,
    line_no as place,
    left(md5(host || '|' || time || '|' || line_no), 16) as event_id,
    left(md5(host), 16) as visitor, user_id,
    epoch(day::timestamp)::bigint + time::bigint % 86400 as time,
    method, url, response, bytes
from requests, lateral (
    select date '2010-12-01' + (md5_number_lower('day:' || host) % 121)::int as day
)
left join links on kind = 'host' and id = host
"""

REVIEW_ANSWERS = """
select
    'survey/reviews-' || strftime(submitted_at, '%Y-%m') || '.csv.gz' as delivery,
    row_number() over (order by submitted_at, file_row_number) as place,
    left(md5(reviewer || '|' || vendor || '|' || file_row_number), 16) as ResponseID,
    reviewer as ReviewerID, vendor as VendorID, user_id as UserID,
    strftime(submitted_at, '%Y-%m-%d %H:%M') as SubmittedAt, rating as Stars
from reviews
left join links on kind = 'reviewer' and id = reviewer
"""

DELIVERIES = {
    "invoice_lines": INVOICE_LINES,
    "customers": CUSTOMERS,
    "web_requests": WEB_REQUESTS,
    "review_answers": REVIEW_ANSWERS,
}
