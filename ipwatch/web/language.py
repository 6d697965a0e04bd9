"""The language of a page: from the URL, else the cookie, else Accept-Language."""

from __future__ import annotations

from starlette.requests import Request

LANGUAGES = ("ja", "en")
COOKIE = "lang"
YEAR = 365 * 24 * 3600


def choose_language(request: Request) -> str:
    """Return ``ja`` or ``en``; Japanese by default."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    return _accepted(request.headers.get("accept-language", ""))


def _accepted(header: str) -> str:
    """Return the supported language that an Accept-Language header (RFC 9110, 12.5.4) ranks first."""
    best, best_quality = "ja", 0.0
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        _, _, quality = parameter.strip().partition("q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and weight > best_quality:
            best, best_quality = language, weight
    return best
