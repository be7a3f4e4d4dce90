"""Two declarations must not read one file for the same feed."""

from pathlib import Path

import pytest

from dagster_project.errors import DeclarationError
from dagster_project.ingest.grammar.claims import check_claims
from dagster_project.ingest.grammar.source_spec import SourceSpec, load_sources

PLANS = "{feed: plans, path: '%s', format: csv, delivery: upserts}\n"


def declared(folder: Path, **files: str) -> list[SourceSpec]:
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text)
    return load_sources(folder)


def test_a_file_claimed_twice_for_one_feed_names_both_declarations(
    tmp_path: Path,
) -> None:
    one, other = declared(tmp_path, plans=PLANS % "*.csv", plans__b=PLANS % "p*.csv")
    check_claims([("a.csv", one), ("plans.csv", other)])
    with pytest.raises(DeclarationError) as caught:
        check_claims([("plans.csv", one), ("plans.csv", other)])
    message = str(caught.value)
    assert "both claim plans.csv for plans" in message
    assert {"plans.yml", "plans__b.yml"} <= {
        Path(word.rstrip(":;")).name for word in message.split()
    }


def test_entries_of_one_declaration_may_share_a_file(tmp_path: Path) -> None:
    entry = PLANS % "*.csv"
    named = entry.replace("{", "{name: more, ")
    sources = declared(tmp_path, plans=f"- {entry}- {named}")
    assert [source.name for source in sources] == ["plans-more", "plans-plans"]
    check_claims([("a.csv", source) for source in sources])


def test_declarations_that_take_different_rows_of_one_path_may_share_it(
    tmp_path: Path,
) -> None:
    some = (PLANS % "*.csv").replace("}", ", where: %s}")
    kinds = {"plans": some % "kind = 'a'", "plans__b": some % "kind = 'b'"}
    sources = declared(tmp_path, **kinds)
    check_claims([("a.csv", source) for source in sources])
    sources = declared(tmp_path, **{**kinds, "plans__b": PLANS % "*.csv"})
    with pytest.raises(DeclarationError, match="both claim"):
        check_claims([("a.csv", source) for source in sources])


def test_a_file_may_feed_several_feeds(tmp_path: Path) -> None:
    other = (PLANS % "*.csv").replace("plans", "products")
    sources = declared(tmp_path, plans=PLANS % "*.csv", products=other)
    check_claims([("a.csv", source) for source in sources])


def test_sources_that_are_declared_nowhere_are_told_apart() -> None:
    body = {"feed": "plans", "path": "*", "format": "csv", "delivery": "upserts"}
    one, other = (SourceSpec(name=name, **body) for name in ("one", "other"))
    with pytest.raises(DeclarationError, match="one: path: '.' and '.' of other"):
        check_claims([("a.csv", one), ("a.csv", other)])
