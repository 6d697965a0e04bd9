"""What to search a marketplace for: the texts of the watched marks, each once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ipwatch.errors import ConfigError
from ipwatch.records import Marks, SourceOptions
from ipwatch.terms import message


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """The distinct texts to search for, and the keys of the marks without a searchable text."""

    texts: tuple[str, ...]
    unsearchable: tuple[str, ...]


def plan_search(marks: Marks, searchable: Callable[[str], str | None]) -> SearchPlan:
    """Return what to search for. ``searchable`` turns a text into a query, or into ``None`` where it cannot be one."""
    texts: dict[str, str] = {}
    unsearchable = []
    for mark in marks:
        queries = [query for text in (mark.text, *mark.variants) if (query := searchable(text))]
        for query in queries:
            texts.setdefault(unicodedata.normalize("NFKC", query).casefold(), query)
        if not queries:
            unsearchable.append(mark.key)
    return SearchPlan(tuple(texts.values()), tuple(unsearchable))


def require_credentials(options: SourceOptions, source: str, names: Iterable[str]) -> dict[str, str]:
    """Return the credentials of those names; raises ``ConfigError`` naming the settings that are missing."""
    missing = [name for name in names if not options.credentials.get(name)]
    if missing:
        settings = ", ".join(f"IPWATCH_SOURCES__{source.upper()}__CREDENTIALS__{name.upper()}" for name in missing)
        raise ConfigError(message("reading.not_configured", source=source, settings=settings))
    return {name: options.credentials[name] for name in names}


def require_base_urls(options: SourceOptions, source: str, example: str) -> tuple[str, ...]:
    """Return the base URLs without trailing slash; raises ``ConfigError`` where there are none or one is wrong."""
    setting = f"IPWATCH_SOURCES__{source.upper()}__BASE_URLS"
    if not options.base_urls:
        raise ConfigError(message("reading.no_shop", source=source, setting=setting, example=example))
    for url in options.base_urls:
        if not url.startswith(("http://", "https://")):
            raise ConfigError(message("reading.shop_address", source=source, url=url, setting=setting, example=example))
    return tuple(url.rstrip("/") for url in options.base_urls)
