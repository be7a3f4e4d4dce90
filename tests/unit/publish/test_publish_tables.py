"""The published list and the dbt models say the same about each table."""

from pathlib import Path

import pytest
import yaml

from dagster_project.publish.tables import PUBLISHED, PublishedTable
from dagster_project.settings import REPOSITORY

MADE_BY_THE_NIGHT = {"data_quality_results", "release_info"}
ADDED_AT_PUBLISHING = {"release_id", "as_of_date"}
MODELS = {path.stem: path for path in (REPOSITORY / "dbt" / "models").rglob("*.yml")}


def columns_of(path: Path) -> set[str]:
    model = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]
    return {column["name"] for column in model["columns"]} | ADDED_AT_PUBLISHING


@pytest.mark.parametrize(
    "table",
    [table for table in PUBLISHED if table.name not in MADE_BY_THE_NIGHT],
    ids=lambda table: table.name,
)
def test_the_grain_of_a_published_table_is_in_its_model(table: PublishedTable):
    schema, model = table.source.split(".")
    path = MODELS[model]
    assert schema in path.relative_to(REPOSITORY / "dbt" / "models").parts
    assert set(table.grain) <= columns_of(path)


def test_every_table_is_listed_once_with_a_grain_and_words():
    names = [table.name for table in PUBLISHED]
    assert len(names) == len(set(names))
    assert all(table.grain for table in PUBLISHED)
    assert all(table.comment.startswith("One row") for table in PUBLISHED)


def test_only_clear_personal_data_is_kept_from_bi():
    personal = {t.name for t in PUBLISHED if t.is_personal}
    assert personal == {"customer_pii", "sensitive_traits"}


def test_what_is_about_the_run_does_not_count_towards_the_content_hash():
    assert {t.name for t in PUBLISHED if t.is_operational} == {
        *("data_quality_results", "source_files", "source_freshness"),
        *("quarantine_rows", "release_info", "schema_drift", "source_profiles"),
    }
