"""The scale of invoiced amounts, against earlier files and the customer's other lines.

These see a poisoned delivery even where a total over a year hardly moves.
"""

import duckdb

from dagster_project.gates.measure import Measure, shown

LINES = "raw.invoice_lines"

# The 90th percentile of a file sees half of its amounts multiplied, and does not see
# one large contract. New files are compared with the old ones, on a first night each
# file with all others.
SCALE = """
with lines as (
    select _file_id as file_id, amount, coalesce(files.is_new, false) as is_new
    from raw.invoice_lines as lines
    left join (
        select file_id, is_new from night.files where feed = 'invoice_lines'
    ) as files on files.file_id = lines._file_id
    where amount > 0
),
scales as (
    select file_id, is_new, count(*) as size, quantile_disc(amount, 0.9) as scale
    from lines
    group by file_id, is_new
    having count(*) >= {at_least}
),
typical as (
    select
        quantile_disc(scale, 0.5) filter (where not is_new) as of_old_files,
        quantile_disc(scale, 0.5) as of_all_files,
        count(*) as files
    from scales
)
select
    scales.file_id,
    scales.size,
    scales.scale,
    coalesce(of_old_files, of_all_files) as usual,
    greatest(scale / usual, usual / scale)::double as change
from scales
cross join typical
where is_new and files > 1
order by change desc, file_id
limit 5
"""

LARGEST = """
with customers as (
    select
        billing_customer_id,
        count(*) as lines,
        max(amount) as largest,
        (sum(amount) - max(amount)) / nullif(count(*) - 1, 0) as usual
    from raw.invoice_lines
    where amount > 0 and billing_customer_id is not null
    group by billing_customer_id
    having count(*) >= greatest({at_least}, 2)
)
select billing_customer_id, lines, largest, usual, (largest / usual)::double as change
from customers
order by change desc, billing_customer_id
limit 5
"""


def measure_amount_scale(
    connection: duckdb.DuckDBPyConnection, at_least: float
) -> list[Measure]:
    """The 90th percentile of the amounts of a new file, in times of the usual one."""
    sql = SCALE.format(at_least=max(int(at_least), 1))
    files = connection.execute(sql).fetchall()
    if not files:
        return [Measure(LINES, "no file to compare", "earlier files", None, 0)]
    file_id, size, scale, usual, change = files[0]
    return [
        Measure(
            table=LINES,
            column="amount",
            observed=f"90th percentile {shown(scale)} in one file",
            baseline=f"{shown(usual)} in other files",
            change=change,
            size=size,
            sample="; ".join(f"file_id={row[0]}" for row in files),
        )
    ]


def measure_largest_line(
    connection: duckdb.DuckDBPyConnection, at_least: float
) -> list[Measure]:
    """The largest invoice line, in times of the mean of its customer's other lines."""
    sql = LARGEST.format(at_least=int(at_least))
    found = connection.execute(sql).fetchall()
    if not found:
        return [Measure(LINES, "no customer with enough lines", "", None, 0)]
    customer, lines, largest, usual, change = found[0]
    return [
        Measure(
            table=LINES,
            column="amount",
            observed=f"{shown(largest)} for one customer",
            baseline=f"{shown(usual)} on average for that customer",
            change=change,
            size=lines,
            sample="; ".join(f"billing_customer_id={row[0]}" for row in found),
        )
    ]
