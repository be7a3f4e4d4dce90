"""No file is read twice for one feed: two declarations that want it are a mistake."""

from collections.abc import Iterable
from itertools import combinations

from dagster_project.errors import DeclarationError
from dagster_project.ingest.grammar.source_spec import SourceSpec


def check_claims(claims: Iterable[tuple[str, SourceSpec]]) -> None:
    """Raises DeclarationError when two declarations of one feed claim one file.

    A claim is the path of a file below the landing folder, and a source that reads it.
    A delivery may be shared on purpose: by entries of one declaration file, and by
    declarations of the same path that each take some of its rows by their `where`.
    """
    claimed: dict[tuple[str, str], list[SourceSpec]] = {}
    for file, source in claims:
        claimed.setdefault((file, source.feed), []).append(source)
    for (file, feed), sources in sorted(claimed.items(), key=lambda item: item[0]):
        for one, other in combinations(sources, 2):
            if not _share(one, other):
                raise DeclarationError(
                    f"{_named(one)}: path: {one.path!r} and {other.path!r} of "
                    f"{_named(other)} both claim {file} for {feed}; "
                    "make one of them narrower"
                )


def _share(one: SourceSpec, other: SourceSpec) -> bool:
    if one.declared_in and one.declared_in == other.declared_in:
        return True
    return one.path == other.path and bool(one.where and other.where)


def _named(source: SourceSpec) -> str:
    return source.declared_in or source.name
