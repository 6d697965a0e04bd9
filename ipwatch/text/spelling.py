"""How alike two names are spelled across scripts: ソニー, Sony and 소니.

A name is cut into chunks of sounds, each written with nought to a few letters of the other script; readable tables that
``benchmarks/fit_spelling.py`` learned from pairs of names say what each writing costs. No model runs here. The cost of
the cheapest way is set against the information the two names hold: a long name written as expected is alike, a short
one that could be anything is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from ipwatch.text.hangul import jamo
from ipwatch.text.kana import mora_romaji, morae
from ipwatch.text.normalize import to_katakana
from ipwatch.text.transducer import TargetPool, Transducer, read_transducer

MAX_SOUNDS = 64
"""How much of a name is compared, in sounds or letters; the rest of a longer one is left out."""

ALIKE = 0.5
"""From here up two names of different scripts are suspected to be one.

By ``benchmarks/scripts.py``, 0.86-0.89 of brand names in kana are, and fewer than 20 in a million other pairs.
"""

_MAX_CHARACTERS = 4 * MAX_SOUNDS
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
_COMPANY = re.compile(r"(?<=\w)(?:[\s,.]+(?:co|ltd|inc|corp|corporation|company|limited|llc|kk|gmbh)\b)+[\s,.]*$")
_COMPANY_KANA = re.compile(r"(?:カブシキ|ユウゲン|ゴウドウ|ゴウシ|ゴウメイ)[ガカ]イシャ")
_COMPANY_HANGUL = re.compile(r"주식회사|유한회사|\(주\)")


class NameScript(Enum):
    """The scripts that names are compared in."""

    KANA = "kana"
    HANGUL = "hangul"
    LATIN = "latin"


_DIRECTIONS = (
    (NameScript.KANA, NameScript.LATIN),
    (NameScript.HANGUL, NameScript.LATIN),
    (NameScript.HANGUL, NameScript.KANA),
)


def spelled_name(name: str) -> tuple[NameScript, str]:
    """Return the script that most of a name is in, and the name in the notation its table is written in.

    Kana are Hepburn letters with ``-`` for ー, ``q`` for ッ and ``N`` for ン; Hangul is ``ipwatch.text.hangul.jamo``;
    Latin is a-z and digits without accents and spaces, & as "and". The legal form of a company is left out, and so is
    what is in no such script; nothing may be left. At most ``MAX_SOUNDS`` are returned.
    """
    return _spelled(name[:_MAX_CHARACTERS])


def spelling_similarity(a: str, b: str) -> float:
    """Return how alike two names are spelled, 0..1, each in kana, Latin letters or Hangul; the order does not matter.

    Names of one script are compared by the edits (OSA) between their notations. A name without a letter of the three
    scripts is like nothing.
    """
    left, right = spelled_name(a), spelled_name(b)
    if not left[1] or not right[1]:
        return 0.0
    if left[0] is right[0]:
        return OSA.normalized_similarity(left[1], right[1])
    source, target = (left, right) if (left[0], right[0]) in _DIRECTIONS else (right, left)
    return transducer(source[0], target[0]).similarity(source[1], target[1])


class SpellingPool:
    """Names that one name at a time is compared with, as ``spelling_similarity`` does, all at once."""

    def __init__(self, names: Sequence[str]) -> None:
        self._size = len(names)
        spelled = [spelled_name(name) for name in names]
        self._places = {script: [at for at, name in enumerate(spelled) if name[0] is script] for script in NameScript}
        self._sounds = {script: [spelled[at][1] for at in places] for script, places in self._places.items()}
        self._pools: dict[tuple[NameScript, NameScript], TargetPool] = {}

    def similarities(self, name: str) -> NDArray[np.float64]:
        """Return the similarity of a name to each of the pool, in its order."""
        found = np.zeros(self._size)
        script, sounds = spelled_name(name)
        for other, places in self._places.items():
            if places and sounds:
                found[places] = self._compare(script, sounds, other)
        return found

    def nearest(self, name: str, limit: int = 5) -> list[tuple[int, float]]:
        """Return the places and similarities of the names most alike, best first; of equals the earlier one first."""
        found = self.similarities(name)
        order = np.argsort(-found, kind="stable")[:limit]
        return [(int(at), float(found[at])) for at in order]

    def _compare(self, script: NameScript, sounds: str, other: NameScript) -> NDArray[np.float64]:
        theirs = self._sounds[other]
        if other is script:
            alike: NDArray[np.float64] = cdist([sounds], theirs, scorer=OSA.normalized_similarity, dtype=np.float64)[0]
            alike[[not their for their in theirs]] = 0.0
            return alike
        if (script, other) in _DIRECTIONS:
            if (script, other) not in self._pools:
                self._pools[script, other] = TargetPool(transducer(script, other), theirs)
            return self._pools[script, other].similarities(sounds)
        weights = transducer(other, script)
        return np.array([weights.similarity(their, sounds) for their in theirs])


@cache
def transducer(source: NameScript, target: NameScript) -> Transducer:
    """Return the shipped transducer from kana or Hangul to Latin, or from Hangul to kana."""
    table = files("ipwatch.text.tables").joinpath(f"spelling_{source.value}_{target.value}.tsv")
    return read_transducer(table.read_text("utf-8").splitlines())


@lru_cache(maxsize=1 << 14)
def _spelled(name: str) -> tuple[NameScript, str]:
    script, sounds = max(
        (
            (NameScript.KANA, _kana_sounds(name)),
            (NameScript.HANGUL, jamo(_COMPANY_HANGUL.sub("", name))),
            (NameScript.LATIN, _latin_letters(name)),
        ),
        key=lambda spelled: len(spelled[1]),
    )
    return script, sounds[:MAX_SOUNDS]


def _kana_sounds(name: str) -> str:
    beats = morae(_COMPANY_KANA.sub("", to_katakana(name)))
    return "".join(_LENGTH_SIGNS.get(beat) or _GLIDES.get(beat) or mora_romaji(beat) for beat in beats)


def _latin_letters(name: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = (_JOINED.get(char, char) for char in _COMPANY.sub("", folded))
    return "".join(char for part in letters for char in part if char.isascii() and char.isalnum())
