"""Whom a person means who asks for an erasure: from an id to all identifiers.

Nothing is erased here.
"""

import re
from dataclasses import dataclass

from dagster_project.errors import UsageError
from dagster_project.ingest.personal import email_hash, phone_hash, stored_id
from dagster_project.ingest.reading.layout import Engine
from dagster_project.privacy.raw_rows import RawRows
from dagster_project.privacy.subject import BY_INVOICE, Key, Subject, key_of
from dagster_project.publish.catalogue import Release
from dagster_project.publish.pointer import current_release
from dagster_project.settings import Settings
from dagster_project.warehouse import literal, parquet_list

#: What may be written before a colon when an id alone is ambiguous.
KINDS = {
    "customer": "customer_id",
    "user": "user_id",
    "billing": "billing_customer_id",
    "anonymous": "anonymous_id",
    "email": "email_hash",
    "phone": "phone_hash",
}
PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{5,}")
PERSONAL = (
    "user_id",
    "anonymous_id",
    "billing_customer_id",
    "email_hash",
    "phone_hash",
)


@dataclass(frozen=True)
class Meant:
    """A subject with the lasting keys of its persons and customers, if it has any."""

    subject: Subject
    persons: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()


def resolve(engine: Engine, settings: Settings, which: str) -> Meant:
    """All identifiers of a customer, or of the person whom one identifier names.

    An identifier that the current release does not know stands for itself. Raises
    UsageError when it names several persons.
    """
    pepper = settings.pepper_bytes
    named = _candidates(pepper, which)
    release = current_release(settings)
    found = _in_release(engine, release, named) if release else None
    if found is None:
        if not (own := {key for key in named if key[0] != "customer_id"}):
            raise UsageError(f"{which}: the current release has no such customer")
        return Meant(subject_of(engine, settings, own))
    return Meant(subject_of(engine, settings, found[0]), found[1], found[2])


def _candidates(pepper: bytes, which: str) -> set[tuple[str, str]]:
    """What an argument may be: (id_type, value as it is stored)."""
    kind, colon, value = which.strip().partition(":")
    if colon and kind in KINDS and value.strip():
        return {(KINDS[kind], _stored(pepper, KINDS[kind], value.strip()))}
    value = which.strip()
    if not value:
        raise UsageError("name a customer, an e-mail address, a phone or an id")
    types = ["customer_id", "user_id", "billing_customer_id", "anonymous_id"]
    types += ["email_hash"] if "@" in value else []
    types += ["phone_hash"] if PHONE.fullmatch(value) else []
    return {(one, _stored(pepper, one, value)) for one in types}


def _stored(pepper: bytes, id_type: str, value: str) -> str:
    match id_type:
        case "email_hash":
            return email_hash(pepper, value)
        case "phone_hash":
            return phone_hash(pepper, value)
    return stored_id(pepper, value)


def _in_release(
    engine: Engine, release: Release, named: set[tuple[str, str]]
) -> tuple[set[tuple[str, str]], tuple[str, ...], tuple[str, ...]] | None:
    table = f"read_parquet({parquet_list(release.parquet('customer_identities'))})"
    pairs = ", ".join(f"({literal(t)}, {literal(v)})" for t, v in sorted(named))
    rows = engine.execute(f"""
        select distinct person_id, customer_id, customer_id in
            (select v from (values {pairs}) as n (t, v) where t = 'customer_id')
        from {table}
        where (id_type, id_value) in (values {pairs}) or customer_id in
            (select v from (values {pairs}) as n (t, v) where t = 'customer_id')
        """).fetchall()
    customers = {customer for _, customer, is_asked in rows if is_asked}
    if customers:
        return _of_customers(engine, table, customers)
    persons = {person for person, _, _ in rows if person}
    if len(persons) > 1:
        kinds = ", ".join(f"{kind}:..." for kind in KINDS)
        raise UsageError(f"that names {len(persons)} persons: say which, {kinds}")
    if not persons:
        return None if not rows else (set(named) - _customer_ids(named), (), ())
    return _of_person(engine, table, next(iter(persons)), named)


def _customer_ids(named: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {key for key in named if key[0] == "customer_id"}


def _of_customers(
    engine: Engine, table: str, customers: set[str]
) -> tuple[set[tuple[str, str]], tuple[str, ...], tuple[str, ...]]:
    listed = ", ".join(literal(one) for one in sorted(customers))
    rows = engine.execute(f"""
        select id_type, id_value, person_id from {table}
        where customer_id in ({listed}) or person_id in
            (select person_id from {table} where customer_id in ({listed}))
        """).fetchall()
    persons = {person for *_, person in rows if person}
    keys = {(id_type, value) for id_type, value, _ in rows}
    return keys, tuple(sorted(persons)), tuple(sorted(customers))


def _of_person(
    engine: Engine, table: str, person: str, named: set[tuple[str, str]]
) -> tuple[set[tuple[str, str]], tuple[str, ...], tuple[str, ...]]:
    types = ", ".join(literal(one) for one in PERSONAL)
    rows = engine.execute(f"""
        select id_type, id_value, customer_id,
            (select count(distinct person_id) from {table} as others
            where others.customer_id = own.customer_id) as people
        from {table} as own
        where person_id = {literal(person)} and id_type in ({types})""").fetchall()
    keys = {(id_type, value) for id_type, value, *_ in rows}
    alone = {customer for *_, customer, people in rows if customer and people == 1}
    return keys, (person,), tuple(sorted(alone))


def subject_of(
    engine: Engine, settings: Settings, ids: set[tuple[str, str]]
) -> Subject:
    """The subject, with the invoices that name it and nobody else."""
    pepper = settings.pepper_bytes
    keys = frozenset(key_of(pepper, id_type, value) for id_type, value in ids)
    raw = RawRows(engine, settings, Subject(keys))
    if not (paths := raw.files("invoice_lines")):
        return Subject(keys)
    theirs = raw.condition("invoice_lines", raw.columns("invoice_lines"))
    found = engine.execute(f"""
        select invoice_id from read_parquet({parquet_list(paths)})
        where billing_customer_id is not null
        group by invoice_id having bool_and({theirs})""").fetchall()
    invoices: set[Key] = {key_of(pepper, BY_INVOICE, invoice) for (invoice,) in found}
    return Subject(keys | invoices)
