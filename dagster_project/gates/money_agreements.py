"""Monthly recurring revenue agrees with its movements and with the features."""

from dagster_project.gates.agreement import Agreement

FEATURES = "features.customer_features"
MONTHLY = "marts.customer_mrr_monthly"
MOVEMENTS = "marts.mrr_movements"

MONEY_AGREEMENTS: dict[str, Agreement] = {
    "mrr_identity": Agreement(
        table=MOVEMENTS,
        needs=(MONTHLY,),
        sql=f"""
            with ends as (select month, sum(mrr) as mrr from {MONTHLY} group by month),
            moves as (
                select month, sum(amount) as moved from {MOVEMENTS} group by month
            ),
            months as (
                select
                    month,
                    coalesce(lag(ends.mrr) over (order by month), 0) as mrr_start,
                    coalesce(moves.moved, 0) as moved,
                    coalesce(ends.mrr, 0) as mrr_end
                from ends full join moves using (month)
            )
            select * from months where mrr_start + moved <> mrr_end
        """,
        why="Start plus movements is the end of each month, else the waterfall lies.",
    ),
    "mrr_of_customers": Agreement(
        table=FEATURES,
        needs=(MONTHLY, "night.control"),
        sql=f"""
            with compared as (
                select
                    (select coalesce(sum(mrr), 0) from {FEATURES}) as in_features,
                    (
                        select coalesce(sum(monthly.mrr), 0) from {MONTHLY} as monthly
                        where monthly.month = date_trunc('month', control.as_of_date)
                    ) as in_months
                from night.control as control
            )
            select * from compared where in_features <> in_months
        """,
        why="One number for MRR, whichever table a report reads.",
    ),
}
