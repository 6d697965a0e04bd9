"""Redaction of credentials in whatever is stored, logged or shown."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from ipwatch.fetch.credentials import CREDENTIAL_KINDS
from ipwatch.records import RequestKind

REMOVED = "REDACTED"

_SECRET_NAMES = frozenset(
    {
        "accesskey",
        "apikey",
        "appid",
        "appkey",
        "applicationid",
        "auth",
        "authorization",
        "clientid",
        "clientsecret",
        "credential",
        "hmac",
        "jwt",
        "key",
        "passwd",
        "pwd",
        "secret",
        "session",
        "sessionid",
        "sid",
        "sig",
        "sign",
    }
)
_SECRET_ENDINGS = ("accesskey", "apikey", "credential", "password", "secret", "servicekey", "signature", "token")
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "uspto-api-key"})
_USERINFO = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*@")


def redact_url(url: str) -> str:
    """Return the URL with user information and the values of secret-looking query parameters removed.

    Names are compared without case, ``-`` and ``_``; the rest of the URL stays unchanged, byte for byte.
    """
    head, hash_mark, fragment = url.partition("#")
    base, question_mark, query = head.partition("?")
    base = _USERINFO.sub(lambda match: f"{match[1] or ''}//", base)
    return base + question_mark + _redact_pairs(query) + hash_mark + _redact_pairs(fragment)


def shown_url(kind: RequestKind, url: str) -> str:
    """Return the URL for documents and errors.

    Credentials are sent only to APIs, token endpoints and bulk files; the URL of a page, a picture or a sitemap is
    public and part of the evidence, so a parameter of it named ``key`` stays.
    """
    return redact_url(url) if kind in CREDENTIAL_KINDS else url


def is_secret_header(name: str) -> bool:
    """Return whether a request header of that name always carries a credential."""
    return name.lower() in _SECRET_HEADERS


def _redact_pairs(text: str) -> str:
    return "&".join(_redact_pair(pair) for pair in text.split("&"))


def _redact_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    plain = unquote_plus(name).lower().replace("-", "").replace("_", "")
    if equals and value and (plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS)):
        return f"{name}={REMOVED}"
    return pair
