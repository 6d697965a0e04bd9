"""Documents as a fetch would have brought them, for the tests of the adapters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ipwatch.records import Document, RequestKind, RightKind, WatchedMark
from ipwatch.sources import get_source
from ipwatch.sources.contract import sample_bodies, sample_document

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def document(
    body: bytes | str,
    *,
    source: str,
    url: str = "https://shop.example/page",
    kind: RequestKind = RequestKind.API,
    status: int = 200,
    content_type: str | None = None,
    context: Mapping[str, str] | None = None,
    requested: str | None = None,
) -> Document:
    content = body.encode() if isinstance(body, str) else body
    return Document(
        source=source,
        kind=kind,
        url=requested or url,
        final_url=url,
        status=status,
        headers=(("Content-Type", content_type),) if content_type else (),
        fetched_at=datetime(2026, 1, 5, tzinfo=UTC),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=content,
        context=tuple((context or {}).items()),
    )


def sample(source: str, case: str) -> Document:
    return sample_document(get_source(source).INFO, sample_bodies(SAMPLES / source / case)[0])


def mark(text: str, **more: Any) -> WatchedMark:
    return WatchedMark(watchlist="umiharu", id=more.pop("id", "umiharu"), text=text, kind=RightKind.TRADEMARK, **more)
