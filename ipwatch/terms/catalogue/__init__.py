"""The files of the catalogue, one per language (``ja.toml``), and their reader."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ipwatch.terms.text import in_language, text_of

STORED = (
    "glossary",
    "signals",
    "explanation",
    "forms",
    "reasons",
    "image_reasons",
    "name_reasons",
    "host_reasons",
    "spelling_differences",
    "sound_differences",
)
"""Sections whose keys have no prefix: they are stored with findings, or scripts read them."""

ENGLISH = "en"
"""Language of logs, scripts and the ``str`` of every error."""


class Catalogue:
    """The messages of a directory with one file per language; each file is read when it is first needed."""

    def __init__(self, directory: Path) -> None:
        self.languages = tuple(sorted(path.stem for path in directory.glob("*.toml")))
        self._directory = directory
        self._read: dict[str, Mapping[str, Mapping[str, str]]] = {}
        self._flat: dict[str, Mapping[str, str]] = {}

    def render(self, key: str, lang: str, /, **arguments: object) -> str:
        """Return a message with its arguments; raises ``KeyError``, or ``ValueError`` for an unknown language."""
        localised = {name: _in_language(argument, lang) for name, argument in arguments.items()}
        return self.template(key, lang).format_map(localised)

    def template(self, key: str, lang: str) -> str:
        """Return a message as in the file."""
        return self._messages(lang)[key]

    def keys(self, lang: str = ENGLISH) -> frozenset[str]:
        """Return every message key of a language."""
        return frozenset(self._messages(lang))

    def keys_of(self, section: str, lang: str = ENGLISH) -> frozenset[str]:
        """Return the message keys of one section."""
        return frozenset(_full(section, name) for name in self.sections(lang)[section])

    def sections(self, lang: str) -> Mapping[str, Mapping[str, str]]:
        """Return the sections of a file."""
        if lang not in self.languages:
            raise ValueError(f"messages are in {', '.join(self.languages)}, not {lang!r}")
        if lang not in self._read:
            self._read[lang] = tomllib.loads((self._directory / f"{lang}.toml").read_text("utf-8"))
        return self._read[lang]

    def _messages(self, lang: str) -> Mapping[str, str]:
        if lang not in self._flat:
            self._flat[lang] = {
                _full(section, name): text
                for section, messages in self.sections(lang).items()
                for name, text in messages.items()
            }
        return self._flat[lang]


def _in_language(argument: object, lang: str) -> object:
    """Return an argument in a language; an error is replaced by its text."""
    if isinstance(argument, BaseException):
        argument = text_of(argument)
    return in_language(argument, lang) if isinstance(argument, str) else argument


def _full(section: str, name: str) -> str:
    return name if section in STORED else f"{section}.{name}"


@cache
def shipped() -> Catalogue:
    """Return the catalogue of this package."""
    return Catalogue(Path(__file__).parent)
