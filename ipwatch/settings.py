"""The one Settings class, read from environment variables with the prefix ``IPWATCH_``; built only by entry points.

Nested values use two underscores: ``IPWATCH_SOURCES__RAKUTEN__CREDENTIALS__ACCESS_KEY``. Lists and mappings may be
given as JSON. Importing this module has no side effects.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails, to_jsonable_python
from pydantic_settings import BaseSettings, SettingsConfigDict

from ipwatch.errors import ConfigError
from ipwatch.records import SourceOptions
from ipwatch.terms import KEYS, Joined, Message, listed, message

# Yen per unit, rounded: precise enough to judge whether a price is plausible, not for accounting. IPWATCH_RATES
# overrides them.
DEFAULT_RATES = {
    "JPY": Decimal(1),
    "USD": Decimal(150),
    "EUR": Decimal(165),
    "GBP": Decimal(195),
    "CNY": Decimal(21),
    "KRW": Decimal("0.11"),
    "TWD": Decimal("4.8"),
    "HKD": Decimal(19),
    "SGD": Decimal(115),
    "THB": Decimal("4.5"),
    "IDR": Decimal("0.0093"),
    "VND": Decimal("0.0059"),
    "MYR": Decimal(34),
    "PHP": Decimal("2.6"),
    "AUD": Decimal(99),
    "CAD": Decimal(108),
}

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _log_level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ValueError(message("settings.log_level", value=value, levels=listed(LOG_LEVELS)))
    return value.upper()


def _origin(value: str) -> str:
    """Return the origin in the form of browsers; raises ``ValueError`` for anything but scheme and host."""
    try:
        parts = urlsplit(value.strip().lower())
        plain = parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        plain = False
    if not plain or parts.scheme not in {"http", "https"} or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(message("settings.web_origin", value=value))
    return f"{parts.scheme}://{parts.netloc}"


class SourceSettings(BaseModel):
    """Settings of one source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    base_urls: tuple[str, ...] = ()
    credentials: dict[str, SecretStr] = Field(default_factory=dict)
    interval: float | None = Field(default=None, ge=0)
    max_requests: int | None = Field(default=None, gt=0)
    extra: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def from_options(cls, options: SourceOptions) -> SourceSettings:
        """Return the settings with these options."""
        return cls(
            base_urls=options.base_urls,
            credentials={key: SecretStr(value) for key, value in options.credentials.items()},
            interval=options.interval,
            max_requests=options.max_requests,
            extra=dict(options.extra),
        )


class Settings(BaseSettings):
    """All settings of an installation. Paths are relative to the working directory."""

    model_config = SettingsConfigDict(
        env_prefix="IPWATCH_", env_nested_delimiter="__", extra="ignore", frozen=True, env_file=None
    )

    data_dir: Path = Path(".ipwatch")
    database_url: str | None = None
    watchlist_dir: Path = Path("watchlists")
    contact: str | None = None
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    allow_addresses: tuple[str, ...] = ()
    interval: float = Field(default=1.0, ge=0)
    concurrency: int = Field(default=16, ge=1, le=64)
    min_score: float | None = Field(default=None, ge=0, le=1)
    embedding_model: Path | None = None
    rates: dict[str, Decimal] = Field(default_factory=lambda: dict(DEFAULT_RATES))
    web_client_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")] | None = None
    web_host: str = "127.0.0.1"
    web_origin: Annotated[str, AfterValidator(_origin)] | None = None
    web_port: int = Field(default=8700, ge=0, le=65535)
    keep_requests_days: int = Field(default=30, ge=1)
    keep_sightings_days: int = Field(default=400, ge=31)
    keep_issues_days: int = Field(default=400, ge=1)
    keep_logs_days: int = Field(default=90, ge=1)
    log_level: Annotated[str, AfterValidator(_log_level)] = "INFO"

    def as_environment(self) -> dict[str, str]:
        """Return environment variables with these settings for a child process, credentials in clear text.

        Paths are made absolute: the child may work in another directory.
        """
        environment = {}
        absolute = {
            "data_dir": self.data_dir.resolve(),
            "watchlist_dir": self.watchlist_dir.resolve(),
            "database_url": self.database_url and _absolute(self.database_url),
            "embedding_model": self.embedding_model and self.embedding_model.resolve(),
        }
        for name in type(self).model_fields:
            value = absolute.get(name, getattr(self, name))
            if value is None:
                continue
            plain = (
                {key: _in_clear(setting) for key, setting in value.items()}
                if name == "sources"
                else to_jsonable_python(value)
            )
            environment[f"IPWATCH_{name.upper()}"] = plain if isinstance(plain, str) else json.dumps(plain)
        return environment

    def reads(self, name: str) -> bool:
        """Return whether that source is to be read."""
        return name not in self.sources or self.sources[name].enabled

    def names(self, name: str) -> bool:
        """Return whether base URLs or credentials of that source are set, even if incomplete."""
        chosen = self.sources.get(name)
        return chosen is not None and bool(chosen.base_urls or chosen.credentials or chosen.extra)

    def secrets(self) -> frozenset[str]:
        """Return the values that no log may contain: credentials of sources, and the password of the database."""
        credentials = {
            credential.get_secret_value()
            for source in self.sources.values()
            for credential in source.credentials.values()
        }
        return frozenset(credentials | _passwords(self.database_url or "")) - {""}

    @property
    def url_of_database(self) -> str:
        """The URL of the configured database, or of SQLite below ``data_dir``."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'ipwatch.db').resolve()}"

    @property
    def evidence_dir(self) -> Path:
        """The directory of the evidence store."""
        return self.data_dir / "evidence"

    def source_options(self, name: str) -> SourceOptions:
        """Return the options of a source, defaults where it is not configured."""
        chosen = self.sources.get(name) or SourceSettings()
        return SourceOptions(
            base_urls=chosen.base_urls,
            credentials={key.lower(): value.get_secret_value() for key, value in chosen.credentials.items()},
            interval=chosen.interval,
            max_requests=chosen.max_requests,
            extra={key.lower(): value for key, value in chosen.extra.items()},
        )


def _passwords(url: str) -> set[str]:
    """Return the password in a database URL, as written and decoded; none where the URL cannot be parsed."""
    try:
        written = urlsplit(url).password or ""
    except ValueError:
        return set()
    return {written, unquote(written)}


def _absolute(url: str) -> str:
    """Return the URL of a database with the path of an SQLite file made absolute."""
    scheme, separator, path = url.partition(":///")
    return f"{scheme}{separator}{Path(path).resolve()}" if separator and scheme.startswith("sqlite") else url


def _in_clear(source: SourceSettings) -> dict[str, Any]:
    credentials = {key: value.get_secret_value() for key, value in source.credentials.items()}
    return {**source.model_dump(mode="json"), "credentials": credentials}


def load_settings() -> Settings:
    """Read the settings from the environment; raises ``ConfigError`` naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError(Joined(_line(problem) for problem in error.errors())) from None


def _line(problem: ErrorDetails) -> Message:
    """Return a message with the wrong variable and its error."""
    variable = f"IPWATCH_{'__'.join(str(part).upper() for part in problem['loc'])}"
    return message("settings.at", variable=variable, fault=_fault(problem))


def _fault(problem: ErrorDetails) -> Message:
    limits, key = problem.get("ctx", {}), f"settings.{problem['type']}"
    if problem["type"] == "value_error":
        return message(key, fault=limits["error"].args[0])
    if key in KEYS:
        return message(key, **limits)
    return message("settings.other", reason=problem["msg"])
