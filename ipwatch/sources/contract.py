"""What every adapter promises, checked on saved responses.

Each case is a folder. Every file in it is a body, except two. ``meta.json`` may describe how the bodies were received:
``url``, ``status``, ``content_type``, ``headers`` (an object), ``kind``, ``context`` (an object), and ``raises``, the
name of the error that parsing must raise. ``expected.jsonl`` has a line for each record and issue of the bodies as of
when it was last written, without missing fields and the SHA-256 of the body, and a line for each follow-up request
without any configuration.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ipwatch.errors import ConfigError, IpwatchError
from ipwatch.records import (
    LISTING_CONDITIONS,
    LISTING_STATUSES,
    Document,
    FiledImage,
    Listing,
    MarkRecord,
    ParseIssue,
    RequestKind,
    SourceInfo,
    SourceKind,
    SourceOptions,
)
from ipwatch.sources import Parsed, Source
from ipwatch.sources.toolkit.money import ISO_4217
from ipwatch.terms import listed, message

SLOWEST_PARSE = 1.0
_META = "meta.json"
_EXPECTED = "expected.jsonl"
_KINDS = {Listing: "listing", MarkRecord: "filing", FiledImage: "picture", ParseIssue: "issue"}
_MAX_SHOWN_LENGTH = 300
_FETCHED_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_META_KEYS = frozenset({"url", "status", "content_type", "headers", "kind", "context", "raises"})
_DEFAULT_KINDS = {
    SourceKind.MARKETPLACE: RequestKind.API,
    SourceKind.SHOP: RequestKind.PAGE,
    SourceKind.REGISTER: RequestKind.BULK,
}


def missing_settings(info: SourceInfo, options: SourceOptions) -> tuple[str, ...]:
    """Return the environment variables that must still be set before the source can be read."""
    prefix = f"IPWATCH_SOURCES__{info.name.upper()}__"
    missing = []
    for name in info.ready:
        if name == "base_urls":
            if not options.base_urls:
                missing.append(f"{prefix}BASE_URLS")
        elif not options.credentials.get(name) and not options.extra.get(name):
            # Credentials are secret; addresses and names are not.
            group = "EXTRA" if name == "website" else "CREDENTIALS"
            missing.append(f"{prefix}{group}__{name.upper()}")
    return tuple(missing)


def default_kind(info: SourceInfo) -> RequestKind:
    """Return the kind of document a saved file of this source most likely is."""
    return _DEFAULT_KINDS[info.kind]


def check_info(name: str, source: Source) -> Iterator[str]:
    """Yield a sentence for each violation in an adapter's ``INFO`` and functions."""
    info = source.INFO
    if info.name != name:
        yield message("sources.info_name", name=name, other=info.name)
    if not info.title_ja or not info.title_en:
        yield message("sources.info_title", name=name)
    if info.interval <= 0:
        yield message("sources.info_interval", name=name, interval=info.interval)
    for function in ("plan", "parse", "follow"):
        if not callable(getattr(source, function, None)):
            yield message("sources.function", name=name, function=function)


def check_samples(source: Source, folder: Path) -> Iterator[str]:
    """Yield a sentence for each violation of the contract on the samples in ``folder``.

    Raises ``ConfigError`` where the folder or a ``meta.json`` cannot be used.
    """
    for case in sample_cases(folder):
        raises = read_meta(case).get("raises")
        for body in sample_bodies(case):
            for broken in _check_document(source, sample_document(source.INFO, body), raises):
                yield message("lists.at", place=f"{case.name}/{body.name}", text=broken)


def check_expected(source: Source, folder: Path) -> Iterator[str]:
    """Yield a sentence for each difference between the results of the samples and their ``expected.jsonl``."""
    for case in sample_cases(folder):
        path = case / _EXPECTED
        if not path.is_file():
            yield message("sources.no_expected", case=case.name, file=_EXPECTED)
            continue
        expected = path.read_text("utf-8").splitlines()
        for difference in _differences(expected, _lines(source, case)):
            yield message("lists.at", place=case.name, text=difference)


def write_expected(source: Source, folder: Path) -> list[Path]:
    """Write ``expected.jsonl`` next to the samples, and return the files that were created or changed."""
    changed = []
    for case in sample_cases(folder):
        path = case / _EXPECTED
        text = "".join(f"{line}\n" for line in _lines(source, case))
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def sample_cases(folder: Path) -> list[Path]:
    """Return the folders of the cases; raises ``ConfigError`` where there are none."""
    cases = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not cases:
        raise ConfigError(message("sources.no_samples", folder=folder))
    return cases


def sample_bodies(case: Path) -> list[Path]:
    """Return the saved responses of a case."""
    return sorted(path for path in case.iterdir() if path.is_file() and path.name not in {_META, _EXPECTED})


def sample_document(info: SourceInfo, body: Path, content: bytes | None = None) -> Document:
    """Return a saved body as the document it was, or with ``content`` as its body instead."""
    meta = read_meta(body.parent)
    content = body.read_bytes() if content is None else content
    url = meta.get("url", f"https://{info.name}.example/{body.name}")
    headers = {"Content-Type": meta["content_type"]} if "content_type" in meta else {}
    return Document(
        source=info.name,
        kind=RequestKind(meta["kind"]) if "kind" in meta else default_kind(info),
        url=url,
        final_url=url,
        status=meta.get("status", 200),
        headers=tuple((headers | meta.get("headers", {})).items()),
        fetched_at=_FETCHED_AT,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=content,
        context=tuple(meta.get("context", {}).items()),
    )


def read_meta(case: Path) -> dict[str, Any]:
    """Return the content of a case's ``meta.json``; raises ``ConfigError`` where it cannot be used."""
    path = case / _META
    if not path.exists():
        return {}
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ConfigError(message("sources.unreadable", path=path, error=error)) from error
    if not isinstance(meta, dict) or not _META_KEYS.issuperset(meta):
        raise ConfigError(message("sources.meta", path=path, keys=listed(sorted(_META_KEYS))))
    return meta


def _lines(source: Source, case: Path) -> list[str]:
    """Return the lines of ``expected.jsonl`` as the bodies are parsed now."""
    lines = []
    for body in sample_bodies(case):
        document = sample_document(source.INFO, body)
        results, error = _outcome(source, document)
        entries: list[dict[str, object]] = [{_KINDS[type(result)]: _as_fields(result)} for result in results]
        if error is not None:
            entries.append({"raises": error})
        else:
            entries += [{"request": request} for request in _leads_to(source, document)]
        lines += [json.dumps({"body": body.name, **entry}, ensure_ascii=False, default=_plain) for entry in entries]
    return lines


def _leads_to(source: Source, document: Document) -> list[dict[str, object]]:
    """Return the follow-up requests of a document; none where they need a setting."""
    try:
        requests = list(source.follow(document, SourceOptions()))
    except ConfigError:
        return []
    return [{"url": request.url, "kind": request.kind, "context": dict(request.context)} for request in requests]


def _as_fields(parsed: Parsed) -> dict[str, object]:
    values = asdict(parsed)
    del values["document_sha256"]
    return {name: value for name, value in values.items() if value is not None}


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}"
    raise TypeError(f"{type(value).__name__} has no form in {_EXPECTED}")


def _differences(expected: list[str], actual: list[str]) -> Iterator[str]:
    """Yield a sentence for each record that is missing, new or changed, the latter field by field."""
    matcher = difflib.SequenceMatcher(None, expected, actual, autojunk=False)
    for _, first, last, start, end in (block for block in matcher.get_opcodes() if block[0] != "equal"):
        old, new = expected[first:last], actual[start:end]
        for before, after in zip(old, new, strict=False):
            yield from _changed_fields(before, after)
        yield from (message("sources.not_found", line=line[:_MAX_SHOWN_LENGTH]) for line in old[len(new) :])
        yield from (message("sources.not_expected", line=line[:_MAX_SHOWN_LENGTH]) for line in new[len(old) :])


def _changed_fields(before: str, after: str) -> Iterator[str]:
    try:
        old, new = json.loads(before), json.loads(after)
    except ValueError:
        yield message("sources.no_json", file=_EXPECTED, line=before[:_MAX_SHOWN_LENGTH])
        return
    if not isinstance(old, dict) or old.keys() != new.keys() or old["body"] != new["body"]:
        yield message("sources.differs", expected=before[:_MAX_SHOWN_LENGTH], result=after[:_MAX_SHOWN_LENGTH])
        return
    (kind,) = old.keys() - {"body"}
    if not isinstance(old[kind], dict) or not isinstance(new[kind], dict):
        yield message("sources.kind_differs", body=new["body"], kind=kind, expected=old[kind], result=new[kind])
        return
    name = next((str(new[kind][key]) for key in ("listing_id", "application_number", "where") if key in new[kind]), "")
    for field in sorted(old[kind].keys() | new[kind].keys()):
        was, now = (json.dumps(side[kind].get(field), ensure_ascii=False)[:_MAX_SHOWN_LENGTH] for side in (old, new))
        if was != now:
            yield message(
                "sources.field_differs", body=new["body"], kind=kind, name=name, field=field, was=was, now=now
            )


def _check_document(source: Source, document: Document, raises: str | None) -> Iterator[str]:
    started = time.thread_time()
    first, error = _outcome(source, document)
    seconds = time.thread_time() - started
    if seconds > SLOWEST_PARSE:
        yield message("sources.slow", seconds=seconds, most=SLOWEST_PARSE)
    if error != raises:
        yield message("sources.ended", error=error, raises=raises)
    if (first, error) != _outcome(source, document):
        yield message("sources.second")
    for parsed in first:
        yield from _check_parsed(source.INFO, document, parsed)
    keys = [parsed.subject for parsed in first if isinstance(parsed, Listing)]
    if len(set(keys)) != len(keys):
        yield message("sources.same_id")


def _outcome(source: Source, document: Document) -> tuple[list[Parsed], str | None]:
    parsed: list[Parsed] = []
    try:
        parsed.extend(source.parse(document))
    except IpwatchError as error:
        return parsed, type(error).__name__
    return parsed, None


def _check_parsed(info: SourceInfo, document: Document, parsed: Parsed) -> Iterator[str]:
    if isinstance(parsed, ParseIssue):
        if parsed.source != info.name or not parsed.message or not parsed.where:
            yield message("sources.issue", parsed=parsed)
        return
    if parsed.document_sha256 != document.sha256:
        yield message("sources.sha256", subject=parsed.subject)
    for field in fields(parsed):
        value = getattr(parsed, field.name)
        if value == "":
            yield message("sources.empty", subject=parsed.subject, field=field.name)
        if isinstance(value, datetime) and value.utcoffset() is None:
            yield message("sources.zone", subject=parsed.subject, field=field.name)
    if isinstance(parsed, Listing):
        yield from _check_listing(info, parsed)
    else:
        yield from _check_filing(parsed)


def _check_listing(info: SourceInfo, listing: Listing) -> Iterator[str]:
    if listing.marketplace != info.name or not listing.listing_id:
        yield message("sources.listing_id", subject=listing.subject, source=info.name)
    for url in (listing.url, *listing.images):
        if url is not None and not url.startswith(("http://", "https://")):
            yield message("sources.address", subject=listing.subject, url=url)
    if listing.price is not None and not (listing.price.is_finite() and listing.price >= 0):
        yield message("sources.price", subject=listing.subject, price=listing.price)
    if listing.currency is not None and listing.currency not in ISO_4217:
        yield message("sources.currency", subject=listing.subject, currency=listing.currency)
    if listing.status not in {None, *LISTING_STATUSES}:
        yield message(
            "sources.status", subject=listing.subject, status=listing.status, known=listed(sorted(LISTING_STATUSES))
        )
    if listing.condition not in {None, *LISTING_CONDITIONS}:
        known = ", ".join(sorted(LISTING_CONDITIONS))
        yield message("sources.condition", subject=listing.subject, condition=listing.condition, known=known)
    if listing.seller is not None and not math.isfinite(listing.seller.feedback_pct or 0.0):
        yield message("sources.feedback", subject=listing.subject)


def _check_filing(filing: MarkRecord | FiledImage) -> Iterator[str]:
    if not filing.office or not filing.application_number:
        yield message("sources.filing_id", subject=filing.subject)
    if isinstance(filing, FiledImage):
        if filing.page < 1 or not filing.data:
            yield message("sources.picture", subject=filing.subject)
        return
    if any(not 1 <= nice_class <= 45 for nice_class in filing.nice_classes or ()):  # noqa: PLR2004 - Nice classes
        yield message("sources.nice_class", subject=filing.subject)
