"""Stored evidence, and pictures re-encoded from it.

Bytes from outside are served as downloads only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from ipwatch.errors import EvidenceError, ImageError
from ipwatch.evidence import EvidenceStore
from ipwatch.images import draw_correspondence, thumbnail
from ipwatch.store import captures as store_captures
from ipwatch.store import review
from ipwatch.store.captures import StoredCapture
from ipwatch.web.failures import Problem
from ipwatch.web.language import choose_language
from ipwatch.web.pages import known, page
from ipwatch.web.query import number_in, read_number
from ipwatch.web.site import Site, site_of
from ipwatch.web.words import text

EDGES = (160, 640)
SHOWN_CAPTURES = 50

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FOR_EVER = "private, max-age=31536000, immutable"
_SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"

Headers = tuple[tuple[str, str], ...]


def show_evidence(request: Request) -> Response:
    """Answer with the captures of a body (URL, time, headers), and whether it is intact."""
    sha256 = _sha256(request)
    site = site_of(request)
    with site.database.read_session() as session:
        captures = list(reversed(store_captures.captures_of(session, sha256)))[:SHOWN_CAPTURES]
    if not captures:
        raise HTTPException(404)
    fault = site.verdicts.fault(sha256)
    return page(
        request,
        "evidence.html",
        sha256=sha256,
        size=captures[0].size,
        captures=captures,
        headers=_headers(site.evidence, sha256, captures),
        kept=fault is None,
        fault=fault,
        case_id=number_in(request.query_params, "case"),
    )


def download(request: Request) -> Response:
    """Answer with the bytes as a download that browsers do not render."""
    sha256 = _sha256(request)
    site = site_of(request)
    with site.database.read_session() as session:
        known_here = bool(store_captures.captures_of(session, sha256))
    path = site.evidence.path(sha256)
    if not known_here or not path.is_file():
        raise HTTPException(404)
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=f"{sha256}.bin",
        content_disposition_type="attachment",
        headers={"Content-Security-Policy": _SANDBOX},
    )


def show_picture(request: Request) -> Response:
    """Answer with a picture re-encoded as PNG, or with the reason where it was refused or is not kept."""
    sha256 = _sha256(request)
    edge = number_in(request.query_params, "edge")
    edge = EDGES[0] if edge is None else edge
    if edge not in EDGES:
        raise Problem(400, "problem.choice", name="edge", value=edge, choices=", ".join(map(str, EDGES)))
    site = site_of(request)
    lang = choose_language(request)
    with site.database.read_session() as session:
        picture = review.find_picture(session, sha256)
    if picture is None:
        return PlainTextResponse(text("picture.not_fetched", lang=lang), status_code=404)
    if picture.refusal is not None:
        return PlainTextResponse(known("refusal", picture.refusal, lang=lang), status_code=404)
    try:
        image = site.thumbnails.get(sha256, edge, lambda: thumbnail(site.evidence.read(sha256), edge))
    except EvidenceError:
        return PlainTextResponse(text("evidence.missing", lang=lang), status_code=404)
    except ImageError as error:
        return PlainTextResponse(known("refusal", error.reason, lang=lang), status_code=404)
    return Response(image, media_type="image/png", headers={"Cache-Control": _FOR_EVER})


def show_reference(request: Request) -> Response:
    """Answer with the thumbnail of a rights holder's picture."""
    number = read_number(request.path_params["reference_id"])
    with site_of(request).database.read_session() as session:
        image = review.reference_thumbnail(session, number) if number is not None else None
    if image is None:
        raise HTTPException(404)
    return Response(image, media_type="image/png", headers={"Cache-Control": _FOR_EVER})


def show_correspondence(request: Request) -> Response:
    """Answer with a drawing of the correspondence of reference and picture of one signal of a finding."""
    finding_id, number = (read_number(request.path_params[name]) for name in ("finding_id", "number"))
    if finding_id is None or number is None:
        raise HTTPException(404)
    site = site_of(request)
    lang = choose_language(request)
    with site.database.read_session() as session:
        correspondence = review.find_correspondence(session, finding_id, number)
    if correspondence is None:
        raise HTTPException(404)
    try:
        image = site.thumbnails.get(f"{finding_id}/{number}", EDGES[1], lambda: _rendered(site, correspondence))
    except EvidenceError:
        return PlainTextResponse(text("evidence.missing", lang=lang), status_code=404)
    except ImageError as error:
        return PlainTextResponse(known("refusal", error.reason, lang=lang), status_code=404)
    return Response(image, media_type="image/png", headers={"Cache-Control": _FOR_EVER})


def _rendered(site: Site, correspondence: review.Correspondence) -> bytes:
    return draw_correspondence(
        correspondence.thumbnail,
        site.evidence.read(correspondence.evidence.seen_sha256),
        reference_size=correspondence.reference_size,
        outline=correspondence.evidence.outline,
        pairs=correspondence.evidence.pairs,
    )


def _sha256(request: Request) -> str:
    sha256: str = request.path_params["sha256"]
    if not _SHA256.fullmatch(sha256):
        raise HTTPException(404)
    return sha256


def _headers(evidence: EvidenceStore, sha256: str, captures: Sequence[StoredCapture]) -> Mapping[int, Headers]:
    """Return the response headers of each capture from the journal; a journal that cannot be read has none."""
    try:
        kept = {(entry.url, entry.fetched_at): entry.response_headers for entry in evidence.captures(sha256)}
    except EvidenceError:
        return {}
    named = ((capture.id, (capture.url, capture.fetched_at)) for capture in captures)
    return {number: kept[key] for number, key in named if key in kept}


ROUTES = (
    Route("/evidence/{sha256}", show_evidence, name="evidence"),
    Route("/evidence/{sha256}/raw", download, name="evidence-raw"),
    Route("/pictures/{sha256}", show_picture, name="picture"),
    Route("/findings/{finding_id}/correspondence/{number}", show_correspondence, name="correspondence"),
    Route("/references/{reference_id}", show_reference, name="reference"),
)
