import json

from cli_world import NEXT_NIGHT, NIGHT, World


def test_a_home_without_a_release_says_how_to_make_one(world: World) -> None:
    answer = world.segments("releases", "list")
    assert answer.code == 0
    assert "`segments run` makes the first" in answer.out
    answer = world.segments("releases", "show")
    assert (answer.code, answer.out) == (2, "")
    assert "has no release yet" in answer.err


def test_releases_are_listed_newest_first_with_the_current_one_marked(world) -> None:
    world.publish(NIGHT)
    world.publish(NEXT_NIGHT)
    lines = world.segments("releases", "list").out.splitlines()
    assert lines[0].split()[:3] == ["release", "state", "customers"]
    assert lines[1].split()[:3] == [f"{NEXT_NIGHT}-1", "current", "3"]
    assert lines[2].split()[:3] == [f"{NIGHT}-1", "accepted", "3"]


def test_show_tells_the_gates_and_the_tables_of_the_current_release(world) -> None:
    release = world.publish()
    out = world.segments("releases", "show").out
    assert "8 of 9 checks passed" in out
    assert "Warning: a slow feed" in out
    assert release.content_hash in out
    assert "customer_segments       3  customer_id, model" in out
    shown = json.loads(world.segments("releases", "show", "--json").out)
    assert shown["folder"] == str(release.folder)


def test_an_unknown_release_is_named_with_the_nearest(world: World) -> None:
    world.publish()
    for command in ("show", "verify", "rollback"):
        answer = world.segments("releases", command, "2026-03-11-1")
        assert answer.code == 2
        assert "did you mean 2026-03-10-1?" in answer.err
        assert answer.err.count("\n") <= 2


def test_verify_names_what_was_changed_and_exits_with_1(world: World) -> None:
    release = world.publish()
    assert world.segments("releases", "verify", release.release_id).code == 0
    (path,) = release.parquet("customer_segments")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    answer = world.segments("releases", "verify", release.release_id)
    assert answer.code == 1
    assert "customer_segments.parquet: has" in answer.err
    answer = world.segments("releases", "verify", release.release_id, "--json")
    assert answer.code == 1
    assert len(json.loads(answer.out)["problems"]) >= 1


def test_rollback_makes_the_earlier_release_current_and_keeps_the_reason(world) -> None:
    world.publish(NIGHT)
    world.publish(NEXT_NIGHT)
    answer = world.segments("releases", "rollback", f"{NIGHT}-1", "--reason", "wrong")
    assert answer.code == 0
    assert f"{NIGHT}-1 is current now (before: {NEXT_NIGHT}-1)" in answer.out
    states = [
        line.split()[1]
        for line in world.segments("releases", "list").out.split("\n")[1:3]
    ]
    assert states == ["not", "current"]
    assert "wrong" in world.segments("status").out


def test_a_damaged_manifest_does_not_hide_the_other_releases(world: World) -> None:
    damaged = world.publish(NIGHT)
    world.publish(NEXT_NIGHT)
    manifest = damaged.folder / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text("{}")
    out = world.segments("releases", "list").out
    assert f"{NEXT_NIGHT}-1  current" in out
    assert "not readable" in out
