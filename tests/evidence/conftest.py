from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ipwatch.evidence import Capture, EvidenceStore
from ipwatch.records import Document, Request, RequestKind

Keep = Callable[..., Capture]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


def document_of(body: bytes, **changes: Any) -> Document:
    values: dict[str, Any] = {
        "source": "shop",
        "kind": RequestKind.PAGE,
        "url": "https://shop.example/items/1",
        "final_url": "https://shop.example/items/1",
        "status": 200,
        "headers": (("Content-Type", "text/html"), ("Set-Cookie", "sid=s3cret; Path=/")),
        "fetched_at": datetime(2026, 1, 5, 12, tzinfo=UTC),
        "sha256": hashlib.sha256(body).hexdigest(),
        "size": len(body),
        "content": body,
    }
    return Document(**(values | changes))


@pytest.fixture
def keep() -> Keep:
    def put(store: EvidenceStore, body: bytes, **changes: Any) -> Capture:
        return store.put(
            document_of(body, **changes),
            request=Request(source="shop", url="https://shop.example/items/1", kind=RequestKind.PAGE),
            request_headers=(("User-Agent", "ipwatch/1.0"), ("Authorization", "Bearer s3cret")),
            remote_address="93.184.215.14",
        )

    return put
