"""Files in YAML are read whole or refused; those of the dbt project too."""

import csv

import pytest

from dagster_project.declarations import read_yaml
from dagster_project.errors import DeclarationError
from dagster_project.transform import PROJECT


def test_a_key_that_is_written_twice_is_refused_with_its_line(tmp_path):
    path = tmp_path / "model.yml"
    path.write_text("title: One\nsegments:\n  - {name: a, when: x}\ntitle: Two\n")
    with pytest.raises(DeclarationError, match=r"'title' is written twice") as error:
        read_yaml(path)
    assert "line 4" in str(error.value)
    assert str(path) in str(error.value)


def test_the_same_key_in_two_places_is_no_repetition(tmp_path):
    path = tmp_path / "model.yml"
    path.write_text("a: {name: 1}\nb: {name: 2}\nc: [{name: 3}, {name: 4}]\n")
    assert read_yaml(path)["c"] == [{"name": 3}, {"name": 4}]


@pytest.mark.parametrize(
    "path",
    [path for path in PROJECT.rglob("*.yml") if "target" not in path.parts],
    ids=lambda path: path.relative_to(PROJECT).as_posix(),
)
def test_no_file_of_the_dbt_project_says_anything_twice(path):
    assert read_yaml(path)


def test_every_seed_says_the_type_of_each_of_its_columns():
    declared = {
        seed["name"]: list(seed["config"]["column_types"])
        for seed in read_yaml(PROJECT / "seeds" / "seeds.yml")["seeds"]
    }
    found = {}
    for path in (PROJECT / "seeds").glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            found[path.stem] = next(csv.reader(file))
    assert declared == found
