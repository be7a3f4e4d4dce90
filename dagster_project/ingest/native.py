"""Numbers and times that a Parquet file delivers in a type of their own, as SQL.

They need no detour over a text; how texts are read is in `kinds.py`.
"""

from dagster_project.ingest.kinds import Kind, TimeRule, in_utc

NUMBERS = ("integer", "decimal")
TIMES = ("timestamp", "date")


def native_value_sql(
    kind: Kind, native: str, column: str, time: TimeRule
) -> str | None:
    """The value of one of our columns from a column of a Parquet type.

    NULL where it does not fit, as of a text; None when it must be read as a text.
    """
    is_time = native.startswith(("TIMESTAMP", "DATE"))
    if kind in NUMBERS and not is_time:
        value = f"try_cast({column} as DECIMAL(18,4))"
        if kind == "decimal":
            return value
        whole = f"try_cast({column} as BIGINT)"
        return f"case when {column} = trunc({column}) then {whole} end"
    if kind in TIMES and is_time:
        return _time(kind, native, column, time.zone)
    return None


def _time(kind: Kind, native: str, column: str, zone: str) -> str:
    if native == "DATE":
        midnight = f"cast({column} as TIMESTAMP)"
        return column if kind == "date" else in_utc(midnight, zone)
    is_moment = native == "TIMESTAMP WITH TIME ZONE"
    if kind == "timestamp":
        moment = f"timezone('UTC', {column})" if is_moment else column
        local = f"try_cast({moment} as TIMESTAMP)"
        finite = f"case when isfinite({local}) then {local} end"
        return finite if is_moment else in_utc(finite, zone)
    local = f"timezone('{zone}', {column})" if is_moment else column
    return f"case when isfinite({local}) then try_cast({local} as DATE) end"
