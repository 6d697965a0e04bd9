"""URLs parsed by the HTTP library itself, so that the checked URL is the one that is requested."""

from __future__ import annotations

import httpx

from ipwatch.errors import NotAllowed
from ipwatch.records import FailureReason
from ipwatch.terms import message

DEFAULT_PORTS = {"http": 80, "https": 443}


def parsed(text: str, shown: str) -> httpx.URL:
    """Return the URL without its fragment; raises ``NotAllowed`` where it has no host or cannot be read."""
    try:
        return _checked(httpx.URL(text), shown)
    except httpx.InvalidURL as error:
        raise NotAllowed(
            message("fetch.url", shown=shown, error=error), url=shown, reason=FailureReason.ADDRESS
        ) from error


def joined(base: httpx.URL, location: str, shown: str) -> httpx.URL:
    """Return the target of a redirect; raises ``NotAllowed`` as ``parsed`` does."""
    try:
        return _checked(base.join(location), shown)
    except httpx.InvalidURL as error:
        why = message("fetch.redirect_invalid", shown=shown, error=error)
        raise NotAllowed(why, url=shown, reason=FailureReason.ADDRESS) from error


def same_origin(first: httpx.URL, second: httpx.URL) -> bool:
    """Return whether both have the same scheme, host and port."""
    return (first.scheme, first.host, _port(first)) == (second.scheme, second.host, _port(second))


def host_key(url: httpx.URL) -> str:
    """Return ``host``, or ``host:port`` where the port is not the scheme's own."""
    return url.host if _port(url) == DEFAULT_PORTS.get(url.scheme) else f"{url.host}:{url.port}"


def _port(url: httpx.URL) -> int | None:
    return DEFAULT_PORTS.get(url.scheme) if url.port is None else url.port


def _checked(url: httpx.URL, shown: str) -> httpx.URL:
    if not url.host and url.scheme in DEFAULT_PORTS:
        raise NotAllowed(message("fetch.url_host", shown=shown), url=shown, reason=FailureReason.ADDRESS)
    return url.copy_with(fragment=None)
