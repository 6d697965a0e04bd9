"""The texts of the review page: the section ``web`` of the catalogue. The machine suspects; only people judge."""

from __future__ import annotations

from ipwatch.terms import KEYS, render


def text(key: str, *, lang: str, **arguments: object) -> str:
    """Return the text of a message key with its arguments; raises ``KeyError`` for an unknown key."""
    return render(f"web.{key}", lang, **arguments)


def has(key: str) -> bool:
    """Return whether the page has a text for that key."""
    return f"web.{key}" in KEYS
