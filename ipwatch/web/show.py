"""Formatting of untrusted values: safe, legible, and in the reader's time zone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

JST = timezone(timedelta(hours=9), "JST")

# Format characters needed by emoji and common scripts; the rest of category Cf is suspicious.
_HARMLESS_FORMAT = frozenset("\u200d")
_HARMLESS_CONTROL = frozenset("\n\t")
_MAX_TITLE_LENGTH = 400
_BRIEF = 60


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of text: ``matched`` where it is in a signal's span, ``control`` where it names a hidden character."""

    text: str
    matched: bool = False
    control: str | None = None


def is_hidden(character: str) -> bool:
    """Return whether a character is invisible or reorders its neighbours (bidi controls, zero-width signs, tags)."""
    category = unicodedata.category(character)
    if category == "Cc":
        return character not in _HARMLESS_CONTROL
    if category in {"Cs", "Co", "Cn"}:
        return True
    return category in {"Cf", "Zl", "Zp"} and character not in _HARMLESS_FORMAT


def segments(text: str, spans: Iterable[tuple[int, int]] = ()) -> tuple[Segment, ...]:
    """Split a text at matched spans (half-open, in code points) and at hidden characters, which are named.

    Spans may overlap; parts outside of the text are ignored.
    """
    marked = bytearray(len(text))
    for start, end in spans:
        for i in range(max(0, start), min(end, len(text))):
            marked[i] = 1
    return tuple(_segments(text, marked))


def _segments(text: str, marked: Sequence[int]) -> Iterator[Segment]:
    start = 0
    for i, character in enumerate(text):
        if is_hidden(character):
            if start < i:
                yield Segment(text[start:i], bool(marked[start]))
            name = unicodedata.name(character, "control character")
            yield Segment(f"U+{ord(character):04X}", bool(marked[i]), control=name)
            start = i + 1
        elif start < i and marked[i] != marked[start]:
            yield Segment(text[start:i], bool(marked[start]))
            start = i
    if start < len(text):
        yield Segment(text[start:], bool(marked[start]))


def plain(text: str) -> str:
    """Return a text without markup (for page titles, alternative texts), with hidden characters named."""
    return "".join(
        f"[{segment.text}]" if segment.control else segment.text for segment in segments(text[:_MAX_TITLE_LENGTH])
    )


def shortened(text: str) -> str:
    """Return a value short enough for a sentence: the file name of a URL, the beginning of a long text."""
    if text.startswith(("http://", "https://")):
        path = text.partition("?")[0].partition("#")[0].rstrip("/")
        text = path.rpartition("/")[2] or text
    cut = text if len(text) <= _BRIEF else text[:_BRIEF] + "…"
    return plain(cut)


@dataclass(frozen=True, slots=True)
class OutgoingLink:
    """A URL that may be linked: its host as written, and in ASCII where the two differ (Punycode)."""

    url: str
    host: str
    ascii_host: str | None


def safe_url(url: str | None) -> OutgoingLink | None:
    """Return a URL as a link, or ``None`` where it may not be one: http and https with a host, no credentials.

    URLs with control characters or blanks are refused, since browsers strip them before they parse the scheme.
    """
    if not url or any(is_hidden(c) or c.isspace() for c in url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
        ascii_host = host.encode("idna").decode("ascii") if host else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return OutgoingLink(url=url, host=host, ascii_host=None if ascii_host == host else ascii_host)


def jst(moment: datetime) -> str:
    """Return a time in Japan Standard Time, to the minute."""
    return moment.astimezone(JST).strftime("%Y-%m-%d %H:%M JST")


def utc(moment: datetime) -> str:
    """Return a time in UTC, to the second."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")  # noqa: UP017 - next to JST above


def days_left(day: date, now: datetime) -> int:
    """Return how many days remain until a day in Japan; negative where it has passed."""
    return (day - now.astimezone(JST).date()).days


def age(moment: datetime, now: datetime) -> tuple[str, int]:
    """Return the age of a time as a unit (``minutes``, ``hours``, ``days``) and a number."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 3600:  # noqa: PLR2004 - an hour
        return "minutes", seconds // 60
    if seconds < 48 * 3600:
        return "hours", seconds // 3600
    return "days", seconds // 86400


def number(value: float | Decimal | str) -> str:
    """Return a number with thousands separators and without trailing zeros; other text unchanged."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not amount.is_finite():
        return str(value)
    whole = amount == amount.to_integral_value()
    return f"{amount:,.0f}" if whole else f"{amount.normalize():,f}"


def signed(value: float) -> str:
    """Return a contribution to a score with its sign, to three places."""
    return f"{value:+.3f}".replace("-", "−")


def file_size(size: int) -> str:
    """Return a size in a suitable unit."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004 - SI prefixes
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
