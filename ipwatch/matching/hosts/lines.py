"""Parsing of the host name in a line of a list or in the address of a page."""

from __future__ import annotations

import re

from ipwatch.matching.hosts.names import ENCODED, never_in_a_name
from ipwatch.terms import message

MAX_HOST = 253
MAX_LABEL = 63
"""Octets of a whole name and of one label, RFC 1035 §2.3.4, in its ``xn--`` form."""

_COMMON = re.compile(
    r"(?:\*\.)?((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)\.?", re.ASCII
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII | re.IGNORECASE)
_PORT = re.compile(r":\d{0,5}\Z", re.ASCII)
_ADDRESS = re.compile(r"[\d.]+|.*:.*", re.ASCII | re.DOTALL)
_DEFANGED = re.compile(r"\[\.\]|\(\.\)|\[dot\]", re.IGNORECASE)
_DOTS = str.maketrans(dict.fromkeys("。．｡", "."))
"""Full stops that are read as a dot in a host name, UTS #46 §2.3."""

_FORBIDDEN = re.compile(r"[\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]")
MAX_LINE = 8_192
"""Characters of the longest address of a page that is read."""

_WILDCARDS = re.compile(r"(?:\*?\.)+")
_BRACKETS = "<>()[]{}\"'`"
_COMMENT = ("#", ";")
_TRAILING_COMMENT = re.compile(r"\s[#;].*", re.DOTALL)
_ZONE_ENTRY = re.compile(r"(\S+)\s+(?:\d+\s+)?(?:IN\s+)?[A-Z][A-Z0-9]{0,9}\s+\S.*", re.DOTALL | re.ASCII)
"""Owner, time to live, class, type and data in a zone file, RFC 1035 §5.1."""

_SEVERAL = re.compile(r"[,;\t|]|\S\s+\S")


def host_of_line(line: str) -> str | None:
    """Return the host of a line of a plain list, ``None`` for an empty line or a comment (# or ;).

    A line holds a name or an address of a page, or an entry of a zone file, and may begin with the + or > of a
    difference of two lists. Raises ``ValueError`` with the error and its fix; tables are refused.
    """
    text = line.strip()
    if len(text) > MAX_LINE:
        raise ValueError(message("hosts.long_line", most=MAX_LINE))
    if not text or text.startswith(_COMMENT):
        return None
    if text.startswith(("-", "< ")):
        raise ValueError(message("hosts.removed"))
    if text.startswith(("+", "> ")):
        text = text[1:].lstrip()
    text = _TRAILING_COMMENT.sub("", text)
    entry = _ZONE_ENTRY.fullmatch(text)
    if entry:
        return read_host(entry[1])
    if _SEVERAL.search(text) and "://" not in text:
        raise ValueError(message("hosts.several"))
    return read_host(text)


def read_host(text: str) -> str:
    """Return the host of a name or an address of a page; raises ``ValueError`` with the error and its fix.

    Capitals, wildcards, the final dot, scheme, path, port and ``[.]`` for a dot are normalised.
    """
    if len(text) > MAX_LINE:
        raise ValueError(message("hosts.long_line", most=MAX_LINE))
    common = _COMMON.fullmatch(text.lower())
    if common and len(common[1]) <= MAX_HOST:
        return common[1]
    host = _bare(text)
    if not host:
        raise ValueError(message("hosts.none"))
    if _ADDRESS.fullmatch(host):
        raise ValueError(message("hosts.numbers"))
    _check(host)
    return host


def _bare(text: str) -> str:
    """Return the host of an address without everything around it."""
    text = _DEFANGED.sub(".", text.strip()).strip(_BRACKETS)
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    rest = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if scheme:
        rest = rest.rpartition("@")[2]
    rest = _PORT.sub("", rest.translate(_DOTS)).rstrip(".")
    return _WILDCARDS.sub("", rest, count=1).lower() if rest.startswith(("*", ".")) else rest.lower()


def _check(host: str) -> None:
    bad = _FORBIDDEN.search(host) or next((char for char in host if never_in_a_name(char)), None)
    if bad is not None:
        shown = bad if isinstance(bad, str) else bad[0]
        raise ValueError(message("hosts.character", shown=shown))
    if "." not in host:
        raise ValueError(message("hosts.dot"))
    labels = host.split(".")
    lengths = [len(_encoded(label)) for label in labels]
    if 0 in lengths:
        raise ValueError(message("hosts.dots"))
    if max(lengths) > MAX_LABEL or sum(lengths) + len(labels) - 1 > MAX_HOST:
        raise ValueError(message("hosts.long", most=MAX_HOST, label=MAX_LABEL))


def _encoded(label: str) -> bytes:
    """Return the label in octets, as Punycode (RFC 3492) where it is not ASCII."""
    if label.isascii():
        return label.encode("ascii")
    if len(label) > MAX_LABEL:  # Punycode takes quadratic time, and never shortens
        return label.encode("utf-8")
    return ENCODED.encode() + label.encode("punycode")
