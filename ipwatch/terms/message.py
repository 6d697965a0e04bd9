"""A message of the catalogue with its arguments, for errors, warnings and progress lines."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable, Mapping
from typing import Self

from ipwatch.terms.catalogue import ENGLISH, shipped
from ipwatch.terms.text import Joined, Translated, in_language, text_of


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

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return itself: it never changes."""
        return self

    def in_language(self, lang: str) -> str:
        """Return it in a language of the catalogue; raises ``ValueError`` for an unknown one."""
        return shipped().render(self.key, lang, **self.arguments)


def message(key: str, /, **arguments: object) -> Message:
    """Return a message of the catalogue; raises ``KeyError`` for an unknown key or a missing argument.

    An error among the arguments is replaced by its text.
    """
    given = {name: text_of(value) if isinstance(value, BaseException) else value for name, value in arguments.items()}
    return Message(shipped().render(key, ENGLISH, **given), key, given)


def listed(parts: Iterable[str]) -> Joined:
    """Return the parts as a list with the separator of the reader's language."""
    return Joined(parts, message("lists.separator"))


def os_reason(error: OSError) -> str:
    """Return the reason that the operating system gives, a message where it is a common one."""
    key = f"system.{errno.errorcode.get(error.errno or 0, '')}"
    known = shipped().keys()
    if key in known and shipped().template(key, ENGLISH) == error.strerror:
        return message(key)
    return error.strerror or str(error)


def text_to_bytes(text: str) -> bytes:
    """Return a text in every language of the catalogue, as ``text_from_bytes`` reads it in another process."""
    return json.dumps({lang: in_language(text, lang) for lang in shipped().languages}).encode()


def text_from_bytes(data: bytes) -> Translated:
    """Return the text that ``text_to_bytes`` wrote; raises ``ValueError`` or ``KeyError`` for anything else."""
    translations = json.loads(data)
    return Translated(translations[ENGLISH], translations)
