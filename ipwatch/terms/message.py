"""A message of the catalogue with its arguments, for errors, warnings and progress lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from ipwatch.terms.catalogue import ENGLISH, shipped
from ipwatch.terms.text import Joined


class Message(str):
    """One message with its arguments, which may be messages themselves; created by ``message``."""

    __slots__ = ("arguments", "key")

    key: str
    arguments: Mapping[str, object]

    def __new__(cls, english: str, key: str = "", arguments: Mapping[str, object] | None = None) -> Self:
        """Return the English text together with its key and arguments."""
        made = super().__new__(cls, english)
        made.key, made.arguments = key, arguments or {}
        return made

    def in_language(self, lang: str) -> str:
        """Return it in a language of the catalogue; raises ``ValueError`` for an unknown one."""
        return shipped().render(self.key, lang, **self.arguments)


def message(key: str, /, **arguments: object) -> Message:
    """Return a message of the catalogue; raises ``KeyError`` for an unknown key or a missing argument."""
    return Message(shipped().render(key, ENGLISH, **arguments), key, arguments)


def listed(parts: Iterable[str]) -> Joined:
    """Return the parts as a list with the separator of the reader's language."""
    return Joined(parts, message("lists.separator"))
