from pathlib import Path

from cli_world import World

SMALL = ("demo", "--customers", "4", "--days", "8", "--end", "2026-03-10")


def test_the_demo_delivers_to_the_landing_folder(world: World) -> None:
    answer = world.segments(*SMALL)
    assert answer.code == 0
    assert str(world.home / "landing") in answer.out
    files = [p for p in (world.home / "landing").rglob("*") if p.is_file()]
    assert f"in {len(files)} files" in answer.out
    assert "web_events" in answer.out


def test_another_company_in_the_same_folder_is_refused(world: World) -> None:
    world.segments(*SMALL)
    answer = world.segments(*SMALL, "--seed", "2")
    assert (answer.code, answer.out) == (2, "")
    assert "holds another demo company" in answer.err


def test_the_next_day_can_be_delivered_to_a_company_that_is_there(world) -> None:
    answer = world.segments("demo", "--append-day")
    assert answer.code == 2
    assert "holds no complete demo company" in answer.err
    world.segments(*SMALL)
    assert world.segments("demo", "--append-day").code == 0
    answer = world.segments("demo", "--append-day", "--end", "2026-03-09")
    assert answer.code == 2
    assert "is past" in answer.err


def test_a_folder_of_ones_own_is_said_to_be_the_landing_folder_to_set(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    out = world.segments(*SMALL, "--out", str(folder)).out
    assert f"SEGMENTS_LANDING={folder}" in out


def test_a_folder_that_cannot_be_written_is_one_readable_line(world, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    answer = world.segments(*SMALL, "--out", str(tmp_path / "file" / "landing"))
    assert answer.code == 1
    assert "cannot be written" in answer.err
