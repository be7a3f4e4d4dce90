"""Makes the landing files of the retail sample from three public data sets.

Run once, by whoever changes the sample; its output is committed. Nothing of the
pipeline may depend on it. From the root of the repository:

    python -m samples.retail.bundle --data FOLDER --out FOLDER
"""

import argparse
import sys
from pathlib import Path

import duckdb

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.warehouse import connect, identifier, literal
from samples.retail.deliveries import DELIVERIES

INVOICES = "online_retail_part/online_retail_2010-12_2011-03.parquet"
REQUESTS = "nasa_http_1995_08_01/nasa_http.csv.gz"
REVIEWS = "anon_reviews_part/anon_reviews_until_2006-06.parquet"

# One constant for every review: 248 whole weeks, so that Mondays stay Mondays.
REVIEWS_SHIFTED_BY_DAYS = 1736
HOSTS_LINKED_PERCENT = 60
# 2 % of 111,000 reviewers are about as many as there are customers.
REVIEWERS_LINKED_PERCENT = 2

SOURCES = """
create view invoices as
select * from read_parquet({invoices}, file_row_number = true);

create table requests as
select *, row_number() over () as line_no
from read_csv({requests}, header = true, all_varchar = true);

create table reviews as
select
    reviewerId::varchar as reviewer, vendorId as vendor, rating, file_row_number,
    strptime(date, '%Y-%m-%d %H:%M') + to_days({shift}) as submitted_at,
from read_parquet({reviews}, file_row_number = true)
where submitted_at >= '2010-12-01' and submitted_at < '2011-04-01';
"""

# The artificial part: a customer drawn by the MD5 of a host or reviewer.
LINKS = """
create table links as
with candidates as (
    select distinct 'host' as kind, host as id, {hosts} as share from requests
    union all
    select distinct 'reviewer', reviewer, {reviewers} from reviews
),

customers as (
    select CustomerID as customer, row_number() over (order by CustomerID) - 1 as place
    from invoices where CustomerID <> '' group by CustomerID
)

select kind, id, 'retail-' || customer as user_id
from candidates
inner join customers
    on place = md5_number_lower('customer:' || kind || ':' || id)
        % (select count(*) from customers)
where md5_number_lower('linked:' || kind || ':' || id) % 100 < share;
"""


def bundle(data: Path, out: Path) -> dict[str, int]:
    """Write every landing file of the sample below an empty folder.

    Returns the data lines written per table. Same input, same bytes. Raises UsageError
    when a data set is missing or the folder holds anything.
    """
    missing = [p for p in (INVOICES, REQUESTS, REVIEWS) if not (data / p).is_file()]
    if missing:
        raise UsageError(f"{data}: missing {', '.join(missing)}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: not an empty folder; remove it or name another")
    with connect() as connection:
        _read_sources(connection, data)
        return {
            table: _deliver(connection, table, query, out)
            for table, query in DELIVERIES.items()
        }


def _read_sources(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    # One thread: the order of the lines in the original files is part of the sample.
    connection.execute("set threads = 1")
    connection.execute(
        SOURCES.format(
            invoices=literal(data / INVOICES),
            requests=literal(data / REQUESTS),
            reviews=literal(data / REVIEWS),
            shift=REVIEWS_SHIFTED_BY_DAYS,
        )
    )
    connection.execute(
        LINKS.format(hosts=HOSTS_LINKED_PERCENT, reviewers=REVIEWERS_LINKED_PERCENT)
    )


def _deliver(
    connection: duckdb.DuckDBPyConnection, table: str, query: str, out: Path
) -> int:
    """Write one table, one file per distinct `delivery`; returns its rows."""
    name = identifier(table)
    connection.execute(f"create table {name} as {query}")
    rows = 0
    for delivery, lines in connection.execute(
        f"select delivery, count(*) from {name} group by delivery order by delivery"
    ).fetchall():
        path = out / delivery
        path.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy (select * exclude (delivery, place) from {name} "
            f"where delivery = {literal(delivery)} order by place) "
            f"to {literal(path)} (format csv, header true)"
        )
        rows += lines
    return rows


def main() -> int:
    """Bundle as the command line says; 0 when done, 2 when it cannot be done."""
    parser = argparse.ArgumentParser(description="Make the retail sample's files.")
    parser.add_argument("--data", type=Path, required=True, help="the three data sets")
    parser.add_argument("--out", type=Path, required=True, help="an empty folder")
    arguments = parser.parse_args()
    try:
        for table, rows in bundle(arguments.data, arguments.out).items():
            print(f"{table}: {rows:,} lines")
    except SegmentsError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
