"""Sources: one adapter per module or package, with ``INFO``, ``plan``, ``parse`` and ``follow``, and a shared toolkit.

No source reads the network, a file, a clock or a setting: documents and options are arguments. ``contract`` checks
them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Protocol, cast, runtime_checkable

from ipwatch.errors import ConfigError
from ipwatch.records import (
    Document,
    FiledImage,
    Listing,
    MarkRecord,
    Marks,
    ParseIssue,
    Request,
    SourceInfo,
    SourceOptions,
    Token,
)
from ipwatch.terms import message

Parsed = Listing | MarkRecord | FiledImage | ParseIssue


class Source(Protocol):
    """The interface of an adapter module."""

    INFO: SourceInfo

    def plan(self, marks: Marks, options: SourceOptions) -> Iterable[Request]:
        """Return the first requests of a run; raise ``ConfigError`` naming what is not configured."""

    def parse(self, document: Document) -> Iterator[Parsed]:
        """Yield the records of a document, and a ``ParseIssue`` for each that cannot be read.

        Raises ``ParseError`` where the whole document is not of the expected kind, ``Blocked`` where it is a challenge
        page and ``ContractChanged`` where the API reports an incompatible version.
        """

    def follow(self, document: Document, options: SourceOptions) -> Iterable[Request]:
        """Return the requests that this document leads to: next page, narrower slices, item pages."""


@runtime_checkable
class TokenSource(Protocol):
    """An adapter whose API needs an access token; its requests are sent with ``Authorization: Bearer``."""

    def token_request(self, options: SourceOptions) -> Request:
        """Return the request for a token."""

    def read_token(self, document: Document) -> Token:
        """Parse the token from the answer; raises ``Blocked`` with reason ``auth`` where it was refused."""


_SHARED = frozenset({"contract", "toolkit"})
"""The modules of this package that are no source."""


@cache
def load_sources() -> Mapping[str, Source]:
    """Return every adapter by name. The name of a source is that of its module or package."""
    adapters: dict[str, Source] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name in _SHARED:
            continue
        adapter = importlib.import_module(f"{__name__}.{module.name}")
        adapters[module.name] = cast("Source", adapter)
    return adapters


def get_source(name: str) -> Source:
    """Return the adapter of that name; raises ``ConfigError`` listing the known ones."""
    try:
        return load_sources()[name]
    except KeyError:
        known = ", ".join(sorted(load_sources()))
        raise ConfigError(message("sources.unknown", name=name, known=known)) from None
