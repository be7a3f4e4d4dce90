"""Source declarations: which file is which feed, which vendor column is ours.

Only the grammar and its errors live here; reading files does not.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import Field, ValidationInfo, field_validator, model_validator

from dagster_project.declarations import Declaration, did_you_mean, parse, read_yaml
from dagster_project.errors import DeclarationError
from dagster_project.ingest.feeds import FEEDS, FeedSpec
from dagster_project.ingest.grammar.agreement import check_agreement
from dagster_project.ingest.grammar.expressions import Expression, parse_expression
from dagster_project.ingest.grammar.field_spec import FieldSpec, VersionSpec
from dagster_project.ingest.reading.unquoted import as_one_text

Format = Literal["csv", "jsonl", "json", "parquet", "regex"]
Delivery = Literal["events", "upserts", "full_snapshot"]


class UnpivotSpec(Declaration):
    """Wide columns with a common prefix become one row each."""

    prefix: str = Field(min_length=1)
    key: str
    value: str


class SourceSpec(Declaration):
    """One kind of delivery: where it lies, how it is written, what it means."""

    name: str
    declared_in: str = Field("", description="the file, where there is one")
    feed: str
    path: str
    format: Format
    delimiter: str = Field(",", min_length=1, max_length=1)
    quote: Literal["double", "none"] = "double"
    header: int = Field(1, ge=0, description="0: there is none")
    columns: tuple[str, ...] = Field((), description="of a file without a header")
    skip: tuple[int, ...] = ()
    pattern: str | None = None
    delivery: Delivery
    version_at: VersionSpec | None = None
    where: str | None = None
    refuse: dict[str, str] = {}
    explode: str | None = None
    unpivot: UnpivotSpec | None = None
    fields: dict[str, FieldSpec] = {}
    id: tuple[str, ...] = ()
    required: bool = False
    timezone: str = "UTC"

    @model_validator(mode="before")
    @classmethod
    def _without_quotes(cls, given: Any) -> Any:
        return as_one_text(given)

    @field_validator("feed")
    @classmethod
    def _is_a_feed(cls, name: str) -> str:
        if name not in FEEDS:
            raise ValueError(f"unknown feed {name}{did_you_mean(name, FEEDS)}")
        return name

    @field_validator("path")
    @classmethod
    def _lies_below_landing(cls, path: str) -> str:
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or not parts.parts:
            raise ValueError(f"{path!r} is not a pattern below the landing folder")
        return path

    @field_validator("timezone")
    @classmethod
    def _is_a_known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(
                f"unknown time zone{did_you_mean(zone, available_timezones())}"
            )
        return zone

    @field_validator("where")
    @classmethod
    def _is_a_condition(cls, where: str | None) -> str | None:
        if where is not None:
            parse_expression(where, predicate=True)
        return where

    @field_validator("refuse")
    @classmethod
    def _are_conditions(cls, refuse: dict[str, str]) -> dict[str, str]:
        for condition in refuse.values():
            parse_expression(condition, predicate=True)
        return refuse

    @field_validator("pattern")
    @classmethod
    def _has_named_groups(cls, pattern: str | None) -> str | None:
        try:
            compiled = re.compile(pattern or "(?P<line>)")
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if not compiled.groupindex or len(compiled.groupindex) != compiled.groups:
            raise ValueError("every group needs a name: (?P<host>...), (?:...) if none")
        return pattern

    @field_validator("fields", mode="before")
    @classmethod
    def _are_columns_of_the_feed(cls, given: Any, info: ValidationInfo) -> Any:
        feed = FEEDS.get(info.data.get("feed", ""))
        if feed is None or not isinstance(given, dict):
            return given
        for column in given:
            if column not in feed.fields:
                hint = did_you_mean(str(column), feed.fields)
                raise ValueError(f"{feed.name} has no column {column}{hint}")
        return given

    @field_validator("id", mode="before")
    @classmethod
    def _one_or_more(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _agrees(self) -> "SourceSpec":
        check_agreement(self, self.feed_spec)
        return self

    @property
    def feed_spec(self) -> FeedSpec:
        """The feed it delivers."""
        return FEEDS[self.feed]

    @property
    def condition(self) -> Expression | None:
        """The compiled `where`."""
        return parse_expression(self.where, predicate=True) if self.where else None

    @property
    def refusals(self) -> dict[str, Expression]:
        """The compiled conditions of `refuse`, by the reason that they give."""
        return {
            reason: parse_expression(condition, predicate=True)
            for reason, condition in self.refuse.items()
        }

    @property
    def mapped(self) -> dict[str, FieldSpec]:
        """How each of our columns is got; without `fields` under its own name."""
        names = tuple(self.feed_spec.fields) if not self.fields else ()
        if self.unpivot:
            names += (self.unpivot.key, self.unpivot.value)
        return {name: FieldSpec(path=(name,)) for name in names} | self.fields

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the pattern's groups, in their order."""
        return tuple(re.compile(self.pattern).groupindex) if self.pattern else ()

    @property
    def is_split(self) -> bool:
        """Whether lines are cut at each delimiter, without regard to quotes."""
        return self.quote == "none"

    @property
    def id_columns(self) -> tuple[str, ...]:
        """Our columns that identify a row within this source."""
        return self.id or self.feed_spec.id

    @property
    def vendor_paths(self) -> tuple[str, ...]:
        """Every vendor column it reads, in a fixed order."""
        paths = [path for field in self.mapped.values() for path in field.paths]
        paths += self.condition.paths if self.condition else ()
        paths += [path for one in self.refusals.values() for path in one.paths]
        if self.version_at and self.version_at.path:
            paths.append(self.version_at.path)
        return tuple(sorted(set(paths)))

    def fingerprint(self) -> str:
        """Changes when the meaning of the files changes, not when more are found.

        A key that the grammar gains later does not change what is already declared.
        """
        meaning = self.model_dump_json(
            exclude={"name", "declared_in", "path", "required"}, exclude_defaults=True
        )
        return hashlib.sha256(meaning.encode()).hexdigest()


def load_sources(folder: Path) -> list[SourceSpec]:
    """Every source declared in a folder, by name.

    A file that holds a list gives one source per entry, named `<file>-<name>`, where
    the name is the feed unless the entry gives one. Raises DeclarationError naming
    file, key and reason.
    """
    paths = sorted(folder.glob("*.yml"))
    return list(_sources(tuple((path, path.read_bytes()) for path in paths)))


# A process that runs night after night reads its declarations when they change.
@lru_cache(maxsize=2)
def _sources(files: tuple[tuple[Path, bytes], ...]) -> tuple[SourceSpec, ...]:
    sources: dict[str, SourceSpec] = {}
    for path, _ in files:
        content = read_yaml(path)
        for body in content if isinstance(content, list) else [content]:
            name = path.stem
            if isinstance(content, list) and isinstance(body, dict):
                name = f"{name}-{body.get('name', body.get('feed'))}"
            if name in sources:
                reason = f"feed: {name} is declared twice, give one of them a name"
                raise DeclarationError(f"{path}: {reason}")
            sources[name] = parse(
                SourceSpec, body, path, name=name, declared_in=str(path)
            )
    return tuple(sources[name] for name in sorted(sources))
