"""Forms of a mark: every spelling under which it is looked for, and the text it is looked for in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ipwatch.records import WatchedMark
from ipwatch.text.normalize import Skeleton, skeleton
from ipwatch.text.reading import readings_of

MAX_FORM_CHARACTERS = 200
MIN_FORM_LETTERS = 2


class Script(StrEnum):
    """What decides where a word can end: writing with spaces, kana, Han or Hangul."""

    ALPHABETIC = "alphabetic"
    HIRAGANA = "hiragana"
    KATAKANA = "katakana"
    HAN = "han"
    HANGUL = "hangul"
    DIGIT = "digit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of a watched mark. ``is_reading`` says it is the mark's sound in kana and not its appearance."""

    text: str
    skeleton: str
    scripts: frozenset[Script]
    is_reading: bool = False

    @property
    def is_alphabetic(self) -> bool:
        """Whether the form is written in an alphabet, with digits at most."""
        return Script.ALPHABETIC in self.scripts and self.scripts <= {Script.ALPHABETIC, Script.DIGIT}

    @property
    def is_kana(self) -> bool:
        """Whether the form is written in kana alone."""
        return bool(self.scripts) and self.scripts <= {Script.HIRAGANA, Script.KATAKANA}


@dataclass(frozen=True, slots=True)
class SeenText:
    """A field of a record, folded once for all marks."""

    field: str
    source: str
    folded: Skeleton

    @classmethod
    def of(cls, name: str, source: str) -> SeenText:
        """Return the field folded; raises ``ValueError`` where it is longer than the folding allows."""
        return cls(name, source, skeleton(source))


def script_of(char: str) -> Script:
    """Return the script of a character as far as word borders need it; separators have none."""
    if char.isascii():
        if char.isalpha():
            return Script.ALPHABETIC
        return Script.DIGIT if char.isdigit() else Script.NONE
    char = unicodedata.normalize("NFKC", char)[0]
    for first, last, script in _RANGES:
        if first <= char <= last:
            return script
    if char.isdigit():
        return Script.DIGIT
    return Script.ALPHABETIC if char.isalpha() else Script.NONE


_RANGES = (
    ("\u3041", "\u309f", Script.HIRAGANA),
    ("\u30a1", "\u30fa", Script.KATAKANA),
    ("\u30fc", "\u30ff", Script.KATAKANA),
    ("\u3005", "\u3007", Script.HAN),
    ("\u3400", "\u4dbf", Script.HAN),
    ("\u4e00", "\u9fff", Script.HAN),
    ("\uf900", "\ufaff", Script.HAN),
    ("\U00020000", "\U0003ffff", Script.HAN),
    ("\u1100", "\u11ff", Script.HANGUL),
    ("\u3130", "\u318f", Script.HANGUL),
    ("\uac00", "\ud7a3", Script.HANGUL),
)


def scripts_of(text: str) -> frozenset[Script]:
    """Return the scripts of the letters and digits of a text."""
    return frozenset(script_of(char) for char in text) - {Script.NONE}


def form_of(text: str, *, is_reading: bool = False) -> Form | None:
    """Return the form of a spelling, or ``None`` where it has too few or too many letters to be looked for."""
    if len(text) > MAX_FORM_CHARACTERS:
        return None
    folded = skeleton(text).text
    if len(folded) < MIN_FORM_LETTERS:
        return None
    return Form(text, folded, scripts_of(text), is_reading)


def forms_of(mark: WatchedMark) -> tuple[tuple[Form, ...], tuple[str, ...]]:
    """Return the forms a mark is looked for under, and the declared spellings that cannot be looked for.

    Text and variants come first; readings follow, unless they are spelled as a form that is there already.
    """
    forms: dict[str, Form] = {}
    refused = _add(forms, (mark.text, *mark.variants), is_reading=False)
    refused += _add(forms, readings_of(mark.text, mark.readings), is_reading=True)
    return tuple(forms.values()), refused


def _add(forms: dict[str, Form], texts: Iterable[str], *, is_reading: bool) -> tuple[str, ...]:
    refused = []
    for text in texts:
        form = form_of(text, is_reading=is_reading)
        if form is None:
            refused.append(text)
        else:
            forms.setdefault(form.skeleton, form)
    return tuple(refused)
