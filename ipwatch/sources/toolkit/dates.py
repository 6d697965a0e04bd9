"""Dates as the registers write them: eight digits; zeros or nothing for no date."""

from __future__ import annotations

from datetime import date

from ipwatch.terms import message

_LENGTH = 8
_FIRST_YEAR = 1800
_LAST_YEAR = 2099


def read_date(value: str | None) -> date | None:
    """Return the date of ``YYYYMMDD``, or ``None`` for an empty value or zeros alone.

    Raises ``ValueError``, with a message for a ``ParseIssue``, for anything else: a partial date (``18790000``), a day
    that does not exist, an implausible year, other characters.
    """
    text = (value or "").strip()
    if not text.strip("0"):
        return None
    if len(text) != _LENGTH or not (text.isascii() and text.isdigit()):
        raise ValueError(message("reading.no_date", text=text[:40]))
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(message("reading.date_outside", text=text, first=_FIRST_YEAR, last=_LAST_YEAR))
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(message("reading.no_day", text=text)) from None
