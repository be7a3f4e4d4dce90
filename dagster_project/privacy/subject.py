"""Whom an erasure is about: keyed hashes of identifiers, never a clear value.

Finding the rows and lines of a subject is done elsewhere.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from dagster_project.ingest.reading.layout import Engine
from dagster_project.warehouse import identifier, literal

#: Identifiers that are hashes already.
HASHED = ("email_hash", "phone_hash")
#: Columns of raw feeds that say whose a row is.
OWN = ("user_id", "anonymous_id", "billing_customer_id", "account_id", *HASHED)
#: A row without a customer belongs to whom its invoice belongs to.
BY_INVOICE = "invoice_id"
HINT = 3


class Key(NamedTuple):
    """One identifier. `hint` (12 bits of its MD5) finds the few values to compare."""

    id_type: str
    hash: str
    hint: str


@dataclass(frozen=True)
class Subject:
    """One or more persons, or a customer, by all identifiers that are known of them."""

    keys: frozenset[Key]

    def hashes(self, id_type: str) -> set[str]:
        """The hashes of one kind of identifier."""
        return {key.hash for key in self.keys if key.id_type == id_type}

    def clear_ids(
        self, engine: Engine, pepper: bytes, id_type: str, query: str
    ) -> set[str]:
        """Which values of a query (of one column, `id`) are identifiers of theirs."""
        wanted = {key for key in self.keys if key.id_type == id_type}
        if not wanted:
            return set()
        hints = ", ".join(sorted({literal(key.hint) for key in wanted}))
        found = engine.execute(f"""
            select distinct id from ({query})
            where left(md5(id), {HINT}) in ({hints})""")
        hashes = {key.hash for key in wanted}
        return {
            value
            for (value,) in found.fetchall()
            if key_of(pepper, id_type, value).hash in hashes
        }

    def owns_sql(
        self, engine: Engine, pepper: bytes, columns: Iterable[str], relation: str
    ) -> str:
        """The condition on rows of a relation that are theirs; `false` if none."""
        columns = list(columns)
        conditions = []
        for name in (*OWN, BY_INVOICE):
            if name not in columns or not self.hashes(name):
                continue
            column = identifier(name)
            if name in HASHED:
                values = self.hashes(name)
            else:
                query = f"select {column} as id from {relation}"
                values = self.clear_ids(engine, pepper, name, query)
            if not values:
                continue
            listed = ", ".join(literal(value) for value in sorted(values))
            is_one = f"coalesce({column} in ({listed}), false)"
            if name == BY_INVOICE and "billing_customer_id" in columns:
                is_one = f"({is_one} and billing_customer_id is null)"
            conditions.append(is_one)
        return " or ".join(conditions) or "false"


def key_of(pepper: bytes, id_type: str, value: str) -> Key:
    """The key of an identifier as the raw tables hold it."""
    if id_type in HASHED:
        return Key(id_type, value, "")
    hint = hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()[:HINT]
    text = f"{id_type}\n{value}".encode()
    return Key(id_type, hmac.new(pepper, text, hashlib.sha256).hexdigest(), hint)
