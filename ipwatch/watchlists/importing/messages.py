"""Sentences of the importer: each in Japanese and English, with the place, the value as it stands, and the fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ipwatch.errors import WatchlistError

_MAX_SHOWN = 60
"""Characters of a value that are shown: enough to find it."""


class Message(NamedTuple):
    """One sentence in both languages, ``what is wrong; the fix``, without place and value."""

    ja: str
    en: str


Remark = Callable[[Message], None]
"""Takes a message about a cell that is used all the same: what was understood, or what its author should look at."""


class CellFaultError(ValueError):
    """A cell cannot be used; ``message`` says why, and the fix."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.message = Message(ja, en)


def sentence(place: str, message: Message, value: object = None) -> str:
    """Return one line: place, the value as it stands where there is one, Japanese, English."""
    shown = "" if value is None else f"{quoted(value)}: "
    return f"{place}: {shown}{message.ja} / {message.en}"


def quoted(value: object) -> str:
    """Return a value in quotes, on one line and of bounded length, however long or strange it is."""
    text = repr(str(value))
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 4]}...'"


def refusal(place: object, ja: str, en: str) -> WatchlistError:
    """Return the error for a file that cannot be used as a whole."""
    return WatchlistError((sentence(str(place), Message(ja, en)),))
