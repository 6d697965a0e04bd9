"""Notation of names: the script of a name, its notation for the tables of ``similarity``, and the ways to compare it.

A name is compared as a whole, without the words that many names share (株式会社, Japan, the, a remark in brackets), and
with its words swapped where it has two. Anything else that two names do not share lowers the similarity: a part is not
the name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from ipwatch.text.folding.skeleton import to_katakana
from ipwatch.text.lexicon.roles import alternatives, words
from ipwatch.text.phonetics.hangul import jamo
from ipwatch.text.phonetics.initials import initials
from ipwatch.text.phonetics.kana import mora_romaji, morae
from ipwatch.text.phonetics.phonetic_key import sound_key

MAX_SOUNDS = 64
"""Number of sounds or letters of a name that are compared; the rest of a longer one is left out."""

_MAX_CHARACTERS = 4 * MAX_SOUNDS
_TWO_WORDS = 2
_LENGTH_SIGNS = {"ー": "-", "ッ": "q", "ン": "N"}
_GLIDES = {
    "イェ": "ye",
    "クァ": "kwa",
    "クィ": "kwi",
    "クェ": "kwe",
    "クォ": "kwo",
    "グァ": "gwa",
    "グィ": "gwi",
    "グェ": "gwe",
    "グォ": "gwo",
}
_JOINED = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ð": "d", "ı": "i", "&": "and"}
_LEGAL_FORM = re.compile(
    rf"(?<=\w)(?:[\s,.]+(?:{'|'.join(words('legal_form', 'common', 'full', 'abroad', 'company_names'))})\b)+[\s,.]*$"
    rf"|{alternatives('legal_form', 'company_names_anywhere')}"
)
_BRACKETS = re.compile(r"[(\[【〔「『<〈《][^()\[\]【】〔〕「」『』<>〈〉《》]*[)\]】〕」』>〉》]")
_GENERIC = re.compile(
    rf"^(?:{'|'.join(words('generic', 'name_before'))})[\s・]+(?=\w)"
    rf"|(?<=\w)[\s・,.-]+(?:{'|'.join(words('generic', 'name_behind'))})$"
    rf"|(?<=\w\w)[\s・]*(?:{'|'.join(words('generic', 'name_behind_joined'))})$"
)
_BETWEEN_WORDS = re.compile(r"[\s・]+")


class NameScript(Enum):
    """The scripts that names are compared in."""

    KANA = "kana"
    HANGUL = "hangul"
    LATIN = "latin"


class Way(Enum):
    """How the compared words derive from the name."""

    WHOLE = "whole"
    WITHOUT_GENERIC = "without_generic"
    SWAPPED = "swapped"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to compare a name: its script, its notation there, its sound key, and how it derives from the name.

    ``initials`` are the letters that it spells out one by one, if it consists of nothing else.
    """

    script: NameScript
    sounds: str
    key: str
    initials: str
    way: Way


def spelled_name(name: str) -> tuple[NameScript, str]:
    """Return the script of most of a name, and the name in the notation of that script's table.

    Kana are Hepburn letters with ``-`` for ー, ``q`` for ッ and ``N`` for ン; Hangul is ``hangul.jamo``; Latin is a-z
    and digits without accents and spaces, & as "and". The legal form of a company and everything outside the three
    scripts are left out, so the result may be empty. At most ``MAX_SOUNDS`` are returned.
    """
    whole = spellings(name)[0]
    return whole.script, whole.sounds


def spellings(name: str) -> tuple[Spelling, ...]:
    """Return the ways to compare a name, the whole name first."""
    return _spellings(name[:_MAX_CHARACTERS])


@lru_cache(maxsize=1 << 14)
def _spellings(name: str) -> tuple[Spelling, ...]:
    whole = _LEGAL_FORM.sub("", to_katakana(unicodedata.normalize("NFKC", name).casefold())).strip()
    core = _GENERIC.sub("", _LEGAL_FORM.sub("", _BRACKETS.sub(" ", whole).strip())).strip()
    parts = [part for part in _BETWEEN_WORDS.split(core) if _notation(part)[1]]
    ways = [_spelling(whole, Way.WHOLE), _spelling(core, Way.WITHOUT_GENERIC)]
    if len(parts) == _TWO_WORDS:
        ways.append(_spelling(" ".join(reversed(parts)), Way.SWAPPED))
    return tuple({way.sounds: way for way in reversed(ways) if way.sounds}.values())[::-1] or (ways[0],)


def _spelling(name: str, way: Way) -> Spelling:
    script, sounds = _notation(name)
    return Spelling(script, sounds, sound_key(name), initials(sounds, script.value), way)


def _notation(name: str) -> tuple[NameScript, str]:
    script, sounds = max(
        ((NameScript.KANA, _kana_sounds(name)), (NameScript.HANGUL, jamo(name)), (NameScript.LATIN, _latin(name))),
        key=lambda spelled: len(spelled[1]),
    )
    return script, sounds[:MAX_SOUNDS]


def _kana_sounds(name: str) -> str:
    return "".join(_LENGTH_SIGNS.get(beat) or _GLIDES.get(beat) or mora_romaji(beat) for beat in morae(name))


def _latin(name: str) -> str:
    letters = (_JOINED.get(char, char) for char in unicodedata.normalize("NFKD", name))
    return "".join(char for part in letters for char in part if char.isascii() and char.isalnum())
