import os
import stat
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas
import pytest
from publish_world import NIGHT, TABLES, build, settings_of, work_database

from dagster_project.errors import SegmentsError
from dagster_project.publish.catalogue import Release, list_releases
from dagster_project.publish.release import build_release
from dagster_project.publish.retention import clean_leftovers
from dagster_project.publish.verify import verify
from dagster_project.settings import Settings

CUSTOMERS = [
    ("2026-11-21-1", NIGHT, "c1", None, 0.0, 2),
    ("2026-11-21-1", NIGHT, "c2", 5.5, None, 3),
    ("2026-11-21-1", NIGHT, "c3", 10, 0.333333333, 1),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "a home")


def rows(release: Release, table: str) -> list[tuple]:
    with duckdb.connect(release.database, read_only=True) as connection:
        return connection.execute(f"from {table}").fetchall()


def test_a_release_holds_the_rows_in_the_order_of_their_grain(settings):
    release = build(settings)
    assert release.folder == settings.home / "releases" / "2026-11-21-1"
    assert rows(release, "customer_features") == CUSTOMERS
    frame = pandas.read_parquet(release.folder / "customer_features.parquet")
    assert list(frame.columns)[:3] == ["release_id", "as_of_date", "customer_id"]
    assert list(frame.customer_id) == ["c1", "c2", "c3"]


def test_the_manifest_says_what_is_in_the_release(settings):
    manifest = build(settings, extra={"predecessor": "2026-11-20-2"}).manifest
    table = manifest["tables"]["customer_segments"]
    assert manifest["predecessor"] == "2026-11-20-2"
    assert manifest["as_of_date"] == "2026-11-21"
    assert manifest["versions"]["duckdb"] == duckdb.__version__
    assert table["rows"] == 4
    assert table["grain"] == ["customer_id", "model"]
    assert table["columns"]["as_of_date"] == "DATE"
    assert set(table["files"]["customer_segments.parquet"]) == {"sha256", "bytes"}
    assert len(manifest["content_hash"]) == 32


def test_every_file_is_sealed_and_nothing_else_is_left(settings):
    during = []

    def render(connection: duckdb.DuckDBPyConnection) -> str:
        folder = settings.home / "releases" / ".tmp-2026-11-21-1"
        during.append(stat.S_IMODE(folder.stat().st_mode))
        return "<html></html>"

    release = build(settings, render=render)
    assert during == [0o700]
    assert stat.S_IMODE(release.folder.stat().st_mode) == 0o755
    modes = {
        path.relative_to(release.folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in release.folder.rglob("*")
        if path.is_file()
    }
    assert modes == {
        "customer_features.parquet": 0o444,
        "customer_segments.parquet": 0o444,
        "release_info.parquet": 0o444,
        "customer_pii.parquet": 0o400,
        "segments.duckdb": 0o444,
        "report/index.html": 0o444,
        "manifest.json": 0o444,
    }
    assert [p.name for p in release.folder.parent.iterdir()] == ["2026-11-21-1"]


def test_personal_data_is_not_in_the_file_that_bi_opens(settings):
    release = build(settings)
    with duckdb.connect(release.database, read_only=True) as connection:
        names = [row[0] for row in connection.execute("show tables").fetchall()]
    assert names == ["customer_features", "customer_segments", "release_info"]
    assert b"ann@example.org" not in release.database.read_bytes()
    assert b"ann@example.org" in (release.folder / "customer_pii.parquet").read_bytes()


def test_the_database_has_the_storage_version_of_duckdb_1_0(settings):
    header = build(settings).database.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert struct.unpack("<Q", header[12:20]) == (64,)


def test_tables_and_columns_carry_their_comments(settings):
    comments = {"customer_features": {"mrr": "Monthly 'recurring'", "gone": "x"}}
    release = build(settings, comments=comments)
    with duckdb.connect(release.database, read_only=True) as connection:
        table = connection.execute(
            "select comment from duckdb_tables() where table_name = 'customer_features'"
        ).fetchone()
        columns = connection.execute(
            "select column_name, comment from duckdb_columns() "
            "where comment is not null and table_name = 'customer_features'"
        ).fetchall()
    assert table == ("One row per customer.",)
    assert dict(columns) == {
        "release_id": "The release that the row is of.",
        "mrr": "Monthly 'recurring'",
    }


def test_the_report_is_made_from_the_release_itself(settings):
    def render(connection: duckdb.DuckDBPyConnection) -> str:
        found = connection.execute("select count(*) from main.customer_segments")
        return f"{found.fetchone()[0]} assignments of {NIGHT}"

    release = build(settings, render=render)
    assert release.report.read_text() == "4 assignments of 2026-11-21"
    assert "report/index.html" in release.manifest["files"]


def test_a_large_table_becomes_a_folder_of_files_in_order(settings):
    whole = build(settings, "2026-11-21-1")
    parts = build(settings, "2026-11-21-2", rows_per_file=3)
    names = list(parts.manifest["tables"]["customer_segments"]["files"])
    assert names == [
        "customer_segments/part-0000.parquet",
        "customer_segments/part-0001.parquet",
    ]
    frames = [pandas.read_parquet(path) for path in parts.parquet("customer_segments")]
    assert list(pandas.concat(frames).customer_id) == ["c1", "c2", "c3", "c3"]
    assert parts.content_hash == whole.content_hash
    assert verify(settings, "2026-11-21-2") == []


def test_the_content_hash_does_not_know_the_home_the_run_or_the_threads(tmp_path: Path):
    here = build(settings_of(tmp_path / "one"), "2026-11-21-1")
    there = build(settings_of(tmp_path / "two"), "2026-11-21-7")
    with work_database(settings_of(tmp_path / "three")) as connection:
        connection.execute("set threads = 1")
        connection.execute(
            "create or replace table features.customer_features as "
            "from features.customer_features order by customer_id desc"
        )
        reordered = build_release(
            connection,
            settings_of(tmp_path / "three"),
            NIGHT,
            "2026-11-21-1",
            {},
            tables=TABLES,
        )
    assert here.content_hash == there.content_hash == reordered.content_hash
    for table in ("customer_features", "customer_segments", "customer_pii"):
        one, other = (
            (r.folder / f"{table}.parquet").read_bytes() for r in (here, reordered)
        )
        assert one == other


def test_one_changed_value_changes_the_content_hash(settings):
    before = build(settings, "2026-11-21-1")
    with work_database(settings) as connection:
        connection.execute(
            "update features.customer_features set mrr = 5.51 where n = 3"
        )
        after = build_release(
            connection, settings, NIGHT, "2026-11-21-2", {}, tables=TABLES
        )
    assert before.content_hash != after.content_hash


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "drop table marts.customer_segments",
            "marts.customer_segments does not exist: customer_segments was not built",
        ),
        (
            "update features.customer_features set as_of_date = '2026-11-20'",
            "features.customer_features holds rows of 2026-11-20, not of 2026-11-21",
        ),
        (
            "alter table marts.customer_segments drop column model",
            "marts.customer_segments: no column model, which is part of its grain",
        ),
        (
            "alter table marts.customer_segments add column wait interval",
            "marts.customer_segments: column wait has type INTERVAL",
        ),
        (
            "update features.customer_features "
            "set n = 170141183460469231731687303715884105727",
            "Conversion Error",
        ),
    ],
    ids=["absent", "stale", "no grain", "unpublishable type", "number too large"],
)
def test_a_table_that_is_not_fit_leaves_nothing_behind(settings, change, message):
    with work_database(settings) as connection:
        connection.execute(change)
        with pytest.raises((SegmentsError, duckdb.Error), match=message):
            build_release(
                connection, settings, NIGHT, "2026-11-21-1", {}, tables=TABLES
            )
        attached = connection.execute("select database_name from duckdb_databases()")
        assert "outgoing" not in {row[0] for row in attached.fetchall()}
    assert list((settings.home / "releases").iterdir()) == []


def test_a_table_may_have_as_of_dates_of_its_own_in_its_grain(settings):
    monthly = replace(
        TABLES[0], name="customer_features_monthly", grain=("customer_id", "as_of_date")
    )
    with work_database(settings) as connection:
        connection.execute(
            "insert into features.customer_features "
            "values ('c1', '2026-10-31', 1, 1, 1)"
        )
        release = build_release(
            connection, settings, NIGHT, "2026-11-21-1", {}, tables=[monthly]
        )
    days = [str(row[1]) for row in rows(release, "customer_features_monthly")]
    assert days == ["2026-10-31", "2026-11-21", "2026-11-21", "2026-11-21"]


@pytest.mark.parametrize("release_id", ["2026-11-20-1", "2026-11-21", "../x", ""])
def test_a_release_id_of_another_night_is_refused(settings, release_id):
    with (
        work_database(settings) as connection,
        pytest.raises(SegmentsError, match="release id"),
    ):
        build_release(connection, settings, NIGHT, release_id, {}, tables=TABLES)


def test_a_table_without_rows_is_published_with_its_columns(settings):
    with work_database(settings) as connection:
        connection.execute("delete from marts.customer_segments")
        release = build_release(
            connection, settings, NIGHT, "2026-11-21-1", {}, tables=TABLES
        )
    frame = pandas.read_parquet(release.parquet("customer_segments"))
    names = ["release_id", "as_of_date", "customer_id", "model", "segment"]
    assert list(frame.columns) == names
    assert rows(release, "customer_segments") == []


def test_a_release_is_never_written_twice(settings):
    build(settings)
    with pytest.raises(SegmentsError, match="exists already and never changes"):
        build(settings)
    assert verify(settings, "2026-11-21-1") == []


def test_what_does_not_read_back_as_written_is_not_released(settings):
    def spoil(connection: duckdb.DuckDBPyConnection) -> str:
        path = settings.home / "releases" / ".tmp-2026-11-21-1"
        file = path / "customer_segments.parquet"
        with duckdb.connect() as other:
            other.execute(f"create table t as from '{file}' limit 3")
            other.execute(f"copy t to '{file}' (format parquet)")
        return ""

    with pytest.raises(SegmentsError, match=r"customer_segments \(parquet\): content"):
        build(settings, render=spoil)
    assert list_releases(settings) == []


def test_a_file_where_a_folder_must_be_gives_a_readable_error(settings):
    settings.home.mkdir(parents=True)
    (settings.home / "releases").write_text("in the way")
    with pytest.raises(SegmentsError, match="writing release 2026-11-21-1: .*releases"):
        build(settings)


def test_a_folder_without_permission_gives_a_readable_error(settings, unprivileged):
    with work_database(settings) as connection:
        releases = settings.home / "releases"
        releases.mkdir()
        releases.chmod(0o555)
        with (
            unprivileged(),
            pytest.raises(SegmentsError, match="Permission denied.*SEGMENTS_HOME"),
        ):
            build_release(
                connection, settings, NIGHT, "2026-11-21-1", {}, tables=TABLES
            )


def run_python(code: str, home: Path, **options: object) -> subprocess.CompletedProcess:
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parents[2])])
    return subprocess.run(
        [sys.executable, "-c", code, str(home)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        **options,  # type: ignore[call-overload]
    )


PREAMBLE = """
import os, sys
from pathlib import Path
from publish_world import build, settings_of
settings = settings_of(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("space", [5_000, 20_000, 200_000])
def test_a_full_disk_gives_a_readable_error_and_no_release(settings, space):
    code = f"""{PREAMBLE}
from dagster_project.errors import SegmentsError
from publish_world import work_database, TABLES, NIGHT
from dagster_project.publish.release import build_release
import resource
with work_database(settings) as connection:
    connection.execute(
        "create or replace table marts.customer_segments as "
        "select i as customer_id, md5(i::varchar) as model from range(20000) as t (i)"
    )
    connection.execute("checkpoint")
    resource.setrlimit(resource.RLIMIT_FSIZE, ({space}, {space}))
    try:
        build_release(connection, settings, NIGHT, f"{{NIGHT}}-1", {{}}, tables=TABLES)
    except SegmentsError as error:
        print(error)
    os._exit(0)
"""
    done = run_python(code, settings.home)
    assert done.stdout.startswith("writing release 2026-11-21-1: "), done.stderr
    assert done.stdout.endswith("; free some disk space and run again\n")
    assert list((settings.home / "releases").iterdir()) == []


@pytest.mark.parametrize(
    "step",
    [
        "dagster_project.publish.writing.content_hash",
        "dagster_project.publish.release.manifest_text",
        "dagster_project.publish.release._seal",
        "dagster_project.publish.release.problems_of",
    ],
    ids=["first table", "manifest", "seal", "re-read"],
)
def test_a_killed_build_leaves_nothing_that_counts(settings, step):
    module, name = step.rsplit(".", 1)
    code = f"""{PREAMBLE}
import signal
import {module} as module
module.{name} = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
build(settings)
"""
    done = run_python(code, settings.home)
    assert done.returncode == -9, done.stderr
    assert list_releases(settings) == []
    assert clean_leftovers(settings) == [".tmp-2026-11-21-1"]
    undisturbed = build(settings_of(settings.home.with_name("other")))
    assert build(settings).content_hash == undisturbed.content_hash
