"""Documents and archives made from the register samples, for the tests of the register adapters."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from ipwatch.records import Document, MarkRecord, ParseIssue, RequestKind

SAMPLES = Path(__file__).parent / "samples"


def document(
    body: bytes | Path,
    *,
    source: str,
    kind: RequestKind = RequestKind.BULK,
    url: str = "http://127.0.0.1/file",
    context: tuple[tuple[str, str], ...] = (),
) -> Document:
    content = body if isinstance(body, bytes) else body.read_bytes()
    return Document(
        source=source,
        kind=kind,
        url=url,
        final_url=url,
        status=200,
        headers=(),
        fetched_at=datetime(2026, 11, 17, tzinfo=UTC),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=content if isinstance(body, bytes) else None,
        path=body if isinstance(body, Path) else None,
        context=context,
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes], mode: Literal["w", "w:gz"] = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def folder(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.glob("*.tsv"))}


def split(parsed: Iterable[MarkRecord | ParseIssue]) -> tuple[dict[str, MarkRecord], list[ParseIssue]]:
    """Return the records by application number, and the issues."""
    records: dict[str, MarkRecord] = {}
    issues = []
    for item in parsed:
        if isinstance(item, MarkRecord):
            assert item.application_number not in records
            records[item.application_number] = item
        else:
            issues.append(item)
    return records, issues
