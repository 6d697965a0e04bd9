"""URLs: absolute form, without tracking parameters, and comparison."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

_TRACKING = frozenset(
    {
        "_ga", "_gl", "_pos", "_sid", "_ss", "affid", "affiliate_id", "dclid", "epik", "fbclid", "gad_source", "gbraid",
        "gclid", "gclsrc", "igshid", "mc_cid", "mc_eid", "msclkid", "pr_prod_strat", "pr_rec_id", "pr_rec_pid",
        "pr_ref_pid", "pr_seq", "ref", "ref_", "referrer", "scid", "source", "srsltid", "ttclid", "twclid", "wbraid",
        "yclid",
    }
)  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_", "at_", "ga_")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def absolute(reference: str, base: str) -> str | None:
    """Return the absolute http(s) URL of a reference on the page ``base``, or ``None`` where it is none."""
    try:
        joined = urljoin(base, reference.strip())
        parts = urlsplit(joined)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.port == 0:
            return None
        return str(safe_url_string(joined))
    except ValueError:
        return None


def canonical(url: str) -> str:
    """Return the normal form of a page's URL: host in lower case, no default port, no tracking parameters."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.port is not None and parts.port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(key)]
    return str(canonicalize_url(urlunsplit((parts.scheme, host, parts.path or "/", urlencode(kept), ""))))


def without_query(url: str) -> str:
    """Return the URL without query and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def page_key(url: str) -> str:
    """Return host, path and the identifying part of the query: the id of a page among all shops."""
    parts = urlsplit(canonical(url))
    return f"{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def same_site(url: str, other: str) -> bool:
    """Return whether two URLs have the same host and port, with or without ``www.``."""
    return _site(url) == _site(other)


def origin(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _site(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _tracks(parameter: str) -> bool:
    name = parameter.lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
