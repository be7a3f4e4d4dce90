"""The feeds: which columns a delivery may give and what their raw tables hold.

The list itself is `feeds.yml`. How a value is read and checked is in `kinds.py`.
"""

from functools import cached_property
from pathlib import Path

from dagster_project.declarations import Declaration, parse, read_yaml
from dagster_project.ingest.kinds import SQL_TYPES, Kind
from dagster_project.warehouse import identifier

LIST = Path(__file__).with_name("feeds.yml")

#: What a personal value leaves behind in the raw table.
HASHED: dict[Kind, dict[str, str]] = {
    "email": {"email_hash": "VARCHAR", "email_domain": "VARCHAR"},
    "phone": {"phone_hash": "VARCHAR"},
    "name": {},
}

#: Every raw row says where it came from.
ORIGIN = {
    "_file_id": "VARCHAR",
    "_line": "BIGINT",
    "_loaded_at": "TIMESTAMP",
    "_received": "BIGINT",
    "_version_at": "TIMESTAMP",
}


class CheckSpec(Declaration):
    """A rule over the typed columns of one row; true means quarantine."""

    when: str
    reason: str


class FeedSpec(Declaration):
    """One feed: the columns of a delivery, their kinds and the rules of a row."""

    name: str
    group: str
    id: tuple[str, ...]
    fields: dict[str, Kind]
    required: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    business_date: str | None = None
    id_hash: bool = False
    values: dict[str, tuple[str, ...]] = {}
    checks: tuple[CheckSpec, ...] = ()

    @cached_property
    def columns(self) -> dict[str, str]:
        """The columns of the raw table and their SQL types, origin columns last.

        With `id_hash` also `_id_hash`, the low 64 bits of the MD5 of the id: ids of all
        days can be compared without reading them.
        """
        columns: dict[str, str] = {}
        for name, kind in self.fields.items():
            columns |= HASHED.get(kind, {name: SQL_TYPES[kind]})
        return columns | ORIGIN | ({"_id_hash": "UBIGINT"} if self.id_hash else {})

    @property
    def personal(self) -> tuple[str, ...]:
        """The fields whose clear values never enter the raw table."""
        return tuple(name for name, kind in self.fields.items() if kind in HASHED)

    def empty_table_sql(self) -> str:
        """A query with the raw table's columns and no rows."""
        columns = (f"null::{t} as {identifier(n)}" for n, t in self.columns.items())
        return f"select {', '.join(columns)} where false"


def _load() -> dict[str, FeedSpec]:
    return {
        name: parse(FeedSpec, body, LIST, name=name)
        for name, body in read_yaml(LIST).items()
    }


FEEDS: dict[str, FeedSpec] = _load()
