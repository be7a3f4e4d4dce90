import shutil
from pathlib import Path

import pytest
from publish_world import build, settings_of

from dagster_project.errors import UsageError
from dagster_project.publish.verify import verify
from dagster_project.settings import Settings

RELEASE = "2026-11-21-1"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = settings_of(tmp_path_factory.mktemp("sound"))
    build(settings, RELEASE, render=lambda connection: "<html></html>")
    return settings.home


@pytest.fixture
def settings(tmp_path: Path, sound: Path) -> Settings:
    return settings_of(shutil.copytree(sound, tmp_path / "home"))


def file_of(settings: Settings, name: str) -> Path:
    path = settings.home / "releases" / RELEASE / name
    path.chmod(0o644)
    return path


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def test_a_sound_release_has_no_problems(settings):
    assert verify(settings, RELEASE) == []


@pytest.mark.parametrize("position", [0, 20, -1, "middle"])
@pytest.mark.parametrize(
    "name",
    [
        "customer_features.parquet",
        "customer_pii.parquet",
        "segments.duckdb",
        "report/index.html",
    ],
)
def test_a_flipped_bit_is_found(settings, name, position):
    path = file_of(settings, name)
    size = path.stat().st_size
    flip(path, size // 2 if position == "middle" else min(position, size - 1))
    assert f"{name}: its bytes were changed" in verify(settings, RELEASE)


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.99])
def test_a_flipped_bit_in_the_manifest_is_found(settings, part):
    path = file_of(settings, "manifest.json")
    flip(path, int(path.stat().st_size * part))
    problems = verify(settings, RELEASE)
    assert len(problems) == 1
    assert "manifest.json" in problems[0]


def test_a_missing_an_extra_and_a_cut_file_are_named(settings):
    file_of(settings, "customer_features.parquet").unlink()
    report = file_of(settings, "report/index.html")
    report.write_text("<html>")
    (report.parent / "notes.txt").write_text("x")
    problems = verify(settings, RELEASE)
    assert problems[:3] == [
        "report/notes.txt: is not part of the release",
        "customer_features.parquet: is missing",
        "report/index.html: has 6 bytes instead of 13",
    ]
    assert problems[3].startswith("customer_features (parquet): cannot be read")


@pytest.mark.parametrize("name", ["manifest.json", "segments.duckdb"])
def test_a_release_without_its_core_files_is_not_sound(settings, name):
    file_of(settings, name).unlink()
    assert any(name in problem for problem in verify(settings, RELEASE))


def test_a_link_in_the_release_is_not_part_of_it(settings):
    folder = settings.home / "releases" / RELEASE
    (folder / "latest").symlink_to("segments.duckdb")
    assert verify(settings, RELEASE) == ["latest: is not part of the release"]


def test_verifying_changes_nothing(settings):
    folder = settings.home / "releases" / RELEASE
    before = sorted(str(path) for path in folder.rglob("*"))
    verify(settings, RELEASE)
    assert sorted(str(path) for path in folder.rglob("*")) == before


@pytest.mark.parametrize("release_id", ["2026-11-22-1", "current", "../home"])
def test_an_unknown_release_is_a_usage_error(settings, release_id):
    with pytest.raises(UsageError, match="no release"):
        verify(settings, release_id)
