"""Translatable text: a plain English ``str`` that can be rendered in other languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, Self, runtime_checkable


@runtime_checkable
class Text(Protocol):
    """An English ``str`` that can be translated.

    Logs, files and scripts use it as a plain ``str``; slices and concatenations of it are English only.
    """

    def in_language(self, lang: str) -> str:
        """Return it in a language of the catalogue."""


class Joined(str):
    """Several texts joined, any of which may be translatable."""

    __slots__ = ("parts", "separator")

    parts: tuple[str, ...]
    separator: str

    def __new__(cls, parts: Iterable[str], separator: str = "\n") -> Self:
        """Return the parts joined by the separator."""
        kept = tuple(parts)
        made = super().__new__(cls, separator.join(kept))
        made.parts, made.separator = kept, separator
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling."""
        return type(self), (self.parts, self.separator)

    def in_language(self, lang: str) -> str:
        """Return every part in a language of the catalogue."""
        return in_language(self.separator, lang).join(in_language(part, lang) for part in self.parts)


class Translated(str):
    """A text with its translations."""

    __slots__ = ("translations",)

    translations: Mapping[str, str]

    def __new__(cls, english: str, translations: Mapping[str, str]) -> Self:
        """Return the English text with the text in each language."""
        made = super().__new__(cls, english)
        made.translations = translations
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy in another process is made of."""
        return type(self), (str(self), self.translations)

    def in_language(self, lang: str) -> str:
        """Return it in one of its languages."""
        return self.translations[lang]


def text_of(error: BaseException) -> str:
    """Return the text an error was raised with, which may know other languages, else its ``str``."""
    text = next(iter(error.args), None)
    return text if isinstance(text, str) and isinstance(text, Text) and str(error) == text else str(error)


def in_language(text: str, lang: str) -> str:
    """Return a text in a language of the catalogue; a plain ``str`` stays as it is."""
    return text.in_language(lang) if isinstance(text, Text) else text
