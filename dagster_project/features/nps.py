"""NPS of any scores, by the SQL of `nps_by_segment`: nothing is computed here."""

from collections.abc import Iterable
from datetime import date

from dagster_project.features.rendering import render_model
from dagster_project.warehouse import connect

# One customer in one segment, who gave every answer on one day.
DAY = date(2000, 1, 1)
TABLES = f"""
create table control as select date '{DAY}' as as_of_date;
create table customer_segment_history as
select 'c' as customer_id, 'm' as model, 's' as segment,
    date '{DAY}' as valid_from, null::date as valid_to;
create table int_customers__answers as
select 'c' as customer_id, 'nps' as survey_kind, date '{DAY}' as submitted_on,
    null::date as superseded_on, score as answer_number
from (select unnest($scores::double[]) as score)
"""


def nps(scores: Iterable[float | None]) -> tuple[int, float | None, float | None]:
    """The number of valid scores, the NPS (-1 to 1) and its standard error.

    A score that is no whole number from 0 to 10 has no class and is left out. The error
    is that of a difference of two shares of one sample: sqrt((p + d - (p - d)^2) / n).
    Without a valid score NPS and error are None.
    """
    listed = [None if score is None else float(score) for score in scores]
    with connect() as connection:
        for statement in TABLES.split(";"):
            needed = {"scores": listed} if "$scores" in statement else {}
            connection.execute(statement, needed)
        found = connection.execute(
            "select n, (promoters - detractors) / n, nps_standard_error / 100"
            f" from ({render_model('nps_by_segment')})"
        ).fetchall()
    if not found:
        return (0, None, None)
    return (found[0][0], float(found[0][1]), float(found[0][2]))
