"""The words of the review page: the section ``web`` of the catalogue. The machine suspects; only people judge."""

from __future__ import annotations

from ipwatch.terms import KEYS, render


def text(key: str, *, lang: str, **arguments: object) -> str:
    """Return the words for a key of the page with its arguments in place; raises ``KeyError`` for an unknown key."""
    return render(f"web.{key}", lang, **arguments)


def has(key: str) -> bool:
    """Return whether the page has words for that key."""
    return f"web.{key}" in KEYS
