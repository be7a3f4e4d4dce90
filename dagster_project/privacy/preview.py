"""What an erasure would touch, counted before anything is touched."""

from collections.abc import Iterator
from dataclasses import dataclass

from dagster_project.ingest.reading.layout import Engine
from dagster_project.privacy.raw_rows import RawRows
from dagster_project.privacy.request import proofs
from dagster_project.privacy.resolve import Meant
from dagster_project.publish.catalogue import Release, list_releases
from dagster_project.publish.retention import KEEP
from dagster_project.settings import Settings
from dagster_project.warehouse import literal, parquet_list


@dataclass(frozen=True)
class Preview:
    """Rows per place, identifiers per kind, and the files that are deleted whole."""

    identifiers: dict[str, int]
    rows: dict[str, int]
    deleted: dict[str, int]
    was_erased: bool


def preview(engine: Engine, settings: Settings, meant: Meant) -> Preview:
    """Count what raw holds of a subject and what is deleted with it."""
    raw = RawRows(engine, settings, meant.subject)
    rows = {f"raw/{feed}": count for feed, count in raw.counts().items()}
    if paths := raw.files("pii"):
        condition = raw.condition("pii", raw.columns("pii"))
        query = f"select count(*) from read_parquet({parquet_list(paths)})"
        found = engine.execute(f"{query} where {condition}").fetchall()[0][0]
        rows |= {"raw/pii": int(found)} if found else {}
    kinds: dict[str, int] = {}
    for key in sorted(meant.subject.keys):
        kinds[key.id_type] = kinds.get(key.id_type, 0) + 1
    deleted = {
        place: len(list((settings.home / place).glob("*.duckdb")))
        for place in ("state", "held")
    }
    keys = {tuple(key) for key in meant.subject.keys}
    erased = {tuple(key) for proof in proofs(settings) for key in proof["keys"]}
    return Preview(kinds, rows, deleted, bool(keys) and keys <= erased)


def releases_with(
    engine: Engine, settings: Settings, meant: Meant
) -> Iterator[tuple[Release, int]]:
    """The releases that hold the persons or customers, and how many identifiers."""
    persons = ", ".join(literal(one) for one in meant.persons) or "null"
    customers = ", ".join(literal(one) for one in meant.customers) or "null"
    for release in list_releases(settings):
        paths = release.parquet("customer_identities")
        found = engine.execute(f"""
            select count(*) from read_parquet({parquet_list(paths)})
            where person_id in ({persons}) or customer_id in ({customers})""")
        if held := int(found.fetchall()[0][0]):
            yield release, held


def retention() -> str:
    """Until when a release is kept, in words."""
    return (
        f"each is deleted once {KEEP} newer ones exist; the last accepted one of each "
        "month is kept without end"
    )
