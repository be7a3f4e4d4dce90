"""The only reader of the environment."""

import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dagster_project.errors import UsageError

REPOSITORY = Path(__file__).resolve().parent.parent

INGEST_MEMORY = "600MB"
SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?I?B)\s*")
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


class Settings(BaseSettings):
    """Settings of one run. Each is read from `SEGMENTS_<NAME>` or from `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="SEGMENTS_", env_file=REPOSITORY / ".env", extra="ignore"
    )

    home: Path = Field(REPOSITORY / ".segments", description="All that is written")
    landing: Path | None = Field(None, description="Deliveries; default $HOME/landing")
    declarations: Path = Field(REPOSITORY, description="Holds sources/, segments/, ...")
    timezone: str = Field("UTC", description="The business day")
    target: Literal["duckdb"] = Field("duckdb", description="The engine")
    settle_seconds: float = Field(
        5, ge=0, description="Younger files may still be growing and wait"
    )
    memory_limit: str = Field("4GB", description="Of the engine, as DuckDB writes it")
    threads: int = Field(2, ge=1, description="Of the engine")
    pepper: SecretStr | None = Field(None, description="Hashes e-mail and phone")
    reporting_currency: str = Field("EUR", pattern="^[A-Z]{3}$")
    postgres_dsn: SecretStr | None = None
    smtp_url: SecretStr | None = None
    webhook_url: SecretStr | None = None

    @field_validator("timezone")
    @classmethod
    def _is_a_known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"unknown time zone {value!r}, for example Europe/London")
        return value

    @field_validator("home", "declarations", "landing")
    @classmethod
    def _is_absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @property
    def landing_folder(self) -> Path:
        """Where vendors deliver."""
        return self.landing or self.home / "landing"

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which a business day begins and ends."""
        return ZoneInfo(self.timezone)

    @cached_property
    def pepper_bytes(self) -> bytes:
        """The secret of the hashes; made once per home when none is configured."""
        if self.pepper:
            return self.pepper.get_secret_value().encode()
        path = self.home / "pepper"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text().strip().encode()

    @property
    def ingest_memory(self) -> str:
        """What reading deliveries may use of the engine's memory, whatever their size.

        More is not faster: fresh memory costs more than what is spilled.
        """
        return min(self.memory_limit, INGEST_MEMORY, key=_bytes)

    def declaration_folder(self, name: str) -> Path:
        """The folder of one kind of declaration.

        A kind that `DECLARATIONS` does not hold comes from the repository, so that a
        project with its own sources keeps the shipped segments.
        """
        own = self.declarations / name
        return own if own.is_dir() else REPOSITORY / name


def _bytes(size: str) -> float:
    """A memory limit as DuckDB writes it; without a known unit the largest."""
    found = SIZE.fullmatch(size.upper())
    unit = UNITS.get(found[2]) if found else None
    return float(found[1]) * unit if found and unit else float("inf")


def load_settings(**overrides: object) -> Settings:
    """Read the environment; keyword arguments win over it.

    Raises UsageError with one line per wrong setting.
    """
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"SEGMENTS_{str(wrong['loc'][0]).upper()}: "
            + wrong["msg"].removeprefix("Value error, ")
            for wrong in error.errors()
        ]
        raise UsageError("\n".join(lines)) from error
