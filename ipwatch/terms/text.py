"""Text that is plain English everywhere, and can be said in other languages to those who ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, Self, runtime_checkable


@runtime_checkable
class Text(Protocol):
    """A ``str`` in English that knows how to say itself in another language.

    Logs, files and scripts use it as the ``str`` that it is; what is cut from it or joined to it is English alone.
    """

    def in_language(self, lang: str) -> str:
        """Return it in a language of the catalogue."""


class Joined(str):
    """Several texts one after another, any of which may be such a text."""

    __slots__ = ("parts", "separator")

    parts: tuple[str, ...]
    separator: str

    def __new__(cls, parts: Iterable[str], separator: str = "\n") -> Self:
        """Return the parts with the separator between them."""
        kept = tuple(parts)
        made = super().__new__(cls, separator.join(kept))
        made.parts, made.separator = kept, separator
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy in another process is made of."""
        return type(self), (self.parts, self.separator)

    def in_language(self, lang: str) -> str:
        """Return every part in a language of the catalogue."""
        return in_language(self.separator, lang).join(in_language(part, lang) for part in self.parts)


def in_language(text: str, lang: str) -> str:
    """Return a text in a language of the catalogue; a plain ``str`` stays as it is."""
    return text.in_language(lang) if isinstance(text, Text) else text
