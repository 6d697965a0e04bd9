"""Messages of the importer: the position, the value as written, the cause, and the fix."""

from __future__ import annotations

from collections.abc import Callable

from ipwatch.errors import WatchlistError
from ipwatch.terms import Message, message

_MAX_SHOWN = 60
"""Characters of a value that are shown: enough to find it."""

Remark = Callable[[Message], None]
"""Takes a message about a cell that is used all the same: what was understood, or what its author should look at."""


class CellFaultError(ValueError):
    """A cell cannot be used; ``message`` says why, and the fix."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.message = reason


def sentence(position: str, text: str, value: object = None) -> Message:
    """Return one line: place, the value as it stands where there is one, what is wrong with it and the fix."""
    if value is None:
        return message("importing.line", place=position, message=text)
    return message("importing.line_of_value", place=position, value=quoted(value), message=text)


def quoted(value: object) -> str:
    """Return a value in quotes, on one line and of bounded length, however long or strange it is."""
    text = repr(str(value))
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 4]}...'"


def refusal(path: object, reason: Message) -> WatchlistError:
    """Return the error for a file that cannot be used as a whole."""
    return WatchlistError((sentence(str(path), reason),))
