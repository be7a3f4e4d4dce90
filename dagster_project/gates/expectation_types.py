"""The expectations that a suite may use: those that Great Expectations runs on DuckDB.

Kept here as data, so that a suite is validated without the six seconds that the
import of Great Expectations takes.
"""

from dataclasses import dataclass

COLUMN = ("column",)
PAIR = ("column_A", "column_B")
COLUMNS = ("column_list",)
LIMITS = ("min_value", "max_value", "strict_min", "strict_max")


@dataclass(frozen=True)
class ExpectationType:
    """How one type is written: its short name and its arguments."""

    short: str
    columns: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """All that `kwargs` may hold."""
        return self.columns + self.required + self.optional


def _of_rows(short: str, *required: str, optional: tuple[str, ...] = ()):
    return ExpectationType(short, COLUMN, required, ("mostly", *optional))


def _of_statistic(short: str):
    return ExpectationType(short, COLUMN, (), LIMITS)


ROWS_EXPECTATION = "unexpected_rows_expectation"

EXPECTATION_TYPES: dict[str, ExpectationType] = {
    "expect_column_values_to_not_be_null": _of_rows("not_null"),
    "expect_column_values_to_be_null": _of_rows("is_null"),
    "expect_column_values_to_be_unique": _of_rows("unique"),
    "expect_column_values_to_be_in_set": _of_rows("in_set", "value_set"),
    "expect_column_values_to_not_be_in_set": _of_rows("not_in_set", "value_set"),
    "expect_column_values_to_be_between": _of_rows("between", optional=LIMITS),
    "expect_column_values_to_be_of_type": _of_rows("of_type", "type_"),
    "expect_column_value_lengths_to_be_between": _of_rows("length", optional=LIMITS),
    "expect_column_value_z_scores_to_be_less_than": _of_rows(
        "z_score", "threshold", "double_sided"
    ),
    "expect_column_mean_to_be_between": _of_statistic("mean"),
    "expect_column_median_to_be_between": _of_statistic("median"),
    "expect_column_min_to_be_between": _of_statistic("min"),
    "expect_column_max_to_be_between": _of_statistic("max"),
    "expect_column_sum_to_be_between": _of_statistic("sum"),
    "expect_column_stdev_to_be_between": _of_statistic("stdev"),
    "expect_column_proportion_of_non_null_values_to_be_between": _of_statistic(
        "known_share"
    ),
    "expect_column_proportion_of_unique_values_to_be_between": _of_statistic(
        "unique_share"
    ),
    "expect_column_unique_value_count_to_be_between": _of_statistic("distinct_count"),
    "expect_column_quantile_values_to_be_between": ExpectationType(
        "quantiles", COLUMN, ("quantile_ranges",), ("allow_relative_error",)
    ),
    "expect_column_distinct_values_to_be_in_set": ExpectationType(
        "distinct_in_set", COLUMN, ("value_set",)
    ),
    "expect_column_distinct_values_to_contain_set": ExpectationType(
        "distinct_contain", COLUMN, ("value_set",)
    ),
    "expect_column_to_exist": ExpectationType("exists", COLUMN),
    "expect_column_pair_values_a_to_be_greater_than_b": ExpectationType(
        "greater", PAIR, (), ("or_equal", "mostly", "ignore_row_if")
    ),
    "expect_column_pair_values_to_be_equal": ExpectationType(
        "equal", PAIR, (), ("mostly", "ignore_row_if")
    ),
    "expect_compound_columns_to_be_unique": ExpectationType(
        "unique", COLUMNS, (), ("mostly", "ignore_row_if")
    ),
    "expect_table_row_count_to_be_between": ExpectationType(
        "row_count", (), (), LIMITS
    ),
    "expect_table_row_count_to_equal": ExpectationType("row_count", (), ("value",)),
    "expect_table_columns_to_match_set": ExpectationType(
        "columns_match", (), ("column_set",), ("exact_match",)
    ),
    ROWS_EXPECTATION: ExpectationType("rows", (), ("unexpected_rows_query",)),
}
