"""Whatever modules of tests run in one process must have names of their own."""

from collections import Counter

from dagster_project.settings import REPOSITORY


def test_modules_of_tests_have_names_of_their_own() -> None:
    names = Counter(path.name for path in (REPOSITORY / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []
