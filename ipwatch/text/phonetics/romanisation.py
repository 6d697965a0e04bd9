"""Romanisation: kana in Latin letters by four systems and back, and every spelling in use.

The systems are modified Hepburn, Kunrei (the Cabinet order of 1954, ISO 3602), Nihon-shiki (ISO 3602 strict) and
wapuro, the spelling of keyboard input.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import cache
from itertools import product

from ipwatch.text.folding.skeleton import plain
from ipwatch.text.phonetics.kana import ROWS, mora_romaji, morae, vowel_of

MAX_MORAE = 60
"""A longer kana text has no spellings: it is not a name."""


class Romanisation(StrEnum):
    """A system of writing Japanese in Latin letters (ローマ字)."""

    HEPBURN = "hepburn"
    KUNREI = "kunrei"
    WAPURO = "wapuro"
    NIHON = "nihon"


_KUNREI = {
    "シ": "si",
    "ジ": "zi",
    "チ": "ti",
    "ツ": "tu",
    "ヂ": "zi",
    "ヅ": "zu",
    "フ": "hu",
    **{f"{head}{small}": stem + vowel for head, stem in (("シ", "sy"), ("ジ", "zy"), ("チ", "ty"), ("ヂ", "zy"))
       for small, vowel in (("ャ", "a"), ("ュ", "u"), ("ョ", "o"))},
}  # fmt: skip
_WAPURO = {"ヂ": "di", "ヅ": "du", "ヲ": "wo", "ヂャ": "dya", "ヂュ": "dyu", "ヂョ": "dyo"}
_OWN = {
    Romanisation.HEPBURN: {"ヂ": "ji", "ヅ": "zu"},
    Romanisation.KUNREI: _KUNREI,
    Romanisation.NIHON: _KUNREI | _WAPURO,
    Romanisation.WAPURO: _WAPURO,
}

_NATIVE = (
    *"".join(ROWS.values()),
    *"ヤユヨワヲ",
    *(head + small for head in "キギシジチヂニヒビピミリ" for small in "ャュョ"),
)
"""The morae of native Japanese words, without ン, ッ and ー."""

LOAN_MORAE = (
    "ティ", "ディ", "トゥ", "ドゥ", "ファ", "フィ", "フェ", "フォ", "ヴァ", "ヴィ", "ヴ", "ヴェ", "ヴォ",
    "ウィ", "ウェ", "ウォ", "シェ", "ジェ", "チェ", "ツァ", "ツィ", "ツェ", "ツォ",
)  # fmt: skip
"""The morae that occur in loan words only."""

_LONG_MARK = {Romanisation.HEPBURN: "\u0304", Romanisation.KUNREI: "\u0302"}
_LENGTHENED = {"a": "ア", "u": "ウ", "e": "エ", "o": "オウ"}
"""Which kana lengthens the preceding vowel; ii is written out in every system, and so is ei."""

_VOWELS = frozenset("aiueo")
_LABIALS = frozenset("bmp")


def latin(kana: str, system: Romanisation = Romanisation.HEPBURN) -> str:
    """Return the kana of a text in Latin letters, as the system spells them; other characters are left out.

    Long vowels carry a macron in Hepburn and a circumflex in Kunrei; wapuro spells them as the kana do, ー with a
    hyphen. Morae that only loan words have are spelled as in Hepburn.
    """
    letters = ""
    beats = morae(kana)
    for index, mora in enumerate(beats):
        following = _letters(beats[index + 1], system) if index + 1 < len(beats) else ""
        letters += _spelled(mora, letters, following, system)
    return unicodedata.normalize("NFC", letters)


def katakana(text: str, system: Romanisation | None = None) -> str | None:
    """Return Latin letters as katakana, or ``None`` where they are not entirely Japanese in the given system.

    Without a system, both Hepburn and Kunrei are accepted, and only morae of native words: a text that parses is
    clearly Japanese. Spaces, hyphens and apostrophes may occur between morae. Where a spelling is ambiguous, the
    commoner kana are returned (ō as オー, zu as ズ).
    """
    table, max_length = _table(system)
    word = unicodedata.normalize("NFD", plain(text))
    out: list[str] = []
    position = 0
    while position < len(word):
        kana, length = _next(word, position, table, max_length, hyphen=system is Romanisation.WAPURO)
        if not length or (kana == "ー" and not (out and vowel_of(out[-1]))):
            return None
        if kana:
            out.append(kana)
        position += length
    return "".join(out) or None


def spellings(kana: str) -> tuple[str, ...]:
    """Return the Latin spellings in use of a kana text, the commonest first; at most 14, all in small letters.

    Long vowels are dropped (Kobe), written as kana (Koube), doubled (Koobe) or, for o, closed with h (Kohbe); n before
    b, m and p is n or m (Nanbu, Nambu); Kunrei spells si, ti, tu, hu, and Nihon-shiki also di, du.
    """
    beats = morae(kana)
    if not 0 < len(beats) <= MAX_MORAE:
        return ()
    variants = [
        _in_use(beats, Romanisation.HEPBURN, long, labial)
        for long, labial in product(("short", "written", "doubled", "oh"), ("n", "m"))
    ]
    variants += [
        _in_use(beats, system, long, "n")
        for system in (Romanisation.KUNREI, Romanisation.NIHON)
        for long in ("short", "written", "doubled")
    ]
    return tuple(dict.fromkeys(variants))


def kana_spellings(kana: str) -> tuple[str, ...]:
    """Return the katakana spellings of the long vowels of a kana text, its own first; at most five.

    ー represents every long vowel (シセイドー), for ei too, as the JPO writes a reading (シセードー), or the vowel is
    written: as itself (ソニイ), and for o as ウ (トウキョウ).
    """
    beats = morae(kana)
    if not 0 < len(beats) <= MAX_MORAE:
        return ()
    variants = ["".join(beats)]
    for mark_for_ei, written in ((False, ""), (True, ""), (False, "アイウエオ"), (False, "アイウエウ")):
        variants.append(_long_vowels_as(beats, written, mark_for_ei=mark_for_ei))
    return tuple(dict.fromkeys(variants))


def hidden_long_vowels(kana: str) -> tuple[str, ...]:
    """Return kana read from Latin letters with the long vowels that those may omit; the kana as given first.

    Latin spellings drop them (Tokyo). Long are, in turn: contracted sounds in o and u (キョウ, シュウ); these and a
    last o; these and every o. At most four.
    """
    beats = morae(kana)
    if not 0 < len(beats) <= MAX_MORAE:
        return ()
    contracted = {index for index, mora in enumerate(beats) if mora[1:] in {"ュ", "ョ"} or mora == "ユ"}
    in_o = {index for index, mora in enumerate(beats) if vowel_of(mora) == "o"}
    last = in_o & {len(beats) - 1}
    before_long = {index for index, mora in enumerate(beats[1:]) if mora in {"ウ", "ー", "ン", "ッ"}}
    ways = (set[int](), contracted, contracted | last, contracted | in_o)
    variants = ("".join(mora + "ウ" * (index in way - before_long) for index, mora in enumerate(beats)) for way in ways)
    return tuple(dict.fromkeys(variants))


def lengthens(mora: str, before: str) -> bool:
    """Whether the mora only lengthens the vowel at the end of the preceding Latin letters (ー; ウ after o or u)."""
    return mora == "ー" or mora in _LENGTHENED.get(before[-1:], "")


def _letters(mora: str, system: Romanisation) -> str:
    return _OWN[system].get(mora) or mora_romaji(mora)


def _spelled(mora: str, before: str, following: str, system: Romanisation) -> str:
    if mora == "ッ":
        return _doubling(following, system)
    if mora == "ン":
        return "n'" if following[:1] in {*_VOWELS, "y"} - {""} else "n"
    if before[-1:] in _VOWELS and lengthens(mora, before) and (mora == "ー" or system in _LONG_MARK):
        return _LONG_MARK.get(system, "-")
    return _letters(mora, system) if mora != "ー" else ""


def _doubling(following: str, system: Romanisation) -> str:
    """Return the letter that ッ adds before the next mora; none before a vowel or n, which are never doubled."""
    first = following[:1]
    if not first or first in _VOWELS or first == "n":
        return ""
    return "t" if system is Romanisation.HEPBURN and following.startswith("ch") else first


@cache
def _table(system: Romanisation | None) -> tuple[dict[str, str], int]:
    systems = (system,) if system else (Romanisation.HEPBURN, Romanisation.KUNREI)
    beats = (*_NATIVE, *LOAN_MORAE) if system else _NATIVE
    table: dict[str, str] = {}
    for each in systems:
        for mora in beats:
            if mora == "ヲ" and each is not Romanisation.WAPURO:
                continue
            table.setdefault(_letters(mora, each), mora)
    if system is not Romanisation.WAPURO:
        table |= {_letters(mora, each): mora for each in systems for mora in ("ズ", "ジ", "ジャ", "ジュ", "ジョ")}
    return table, max(map(len, table))


def _next(word: str, position: int, table: dict[str, str], max_length: int, *, hyphen: bool) -> tuple[str, int]:
    """Return the next kana of a decomposed word and the letters it takes, ("", 0) without one."""
    char, after = word[position], word[position + 1 : position + 2]
    if char in {"\u0304", "\u0302"} or (char == "-" and hyphen):
        return "ー", 1
    if char in "-' ’":
        return "", 1
    for length in range(min(max_length, len(word) - position), 0, -1):
        kana = table.get(word[position : position + length])
        if kana is not None:
            return kana, length
    if char == "n" or (char == "m" and after in _LABIALS):
        return "ン", 1
    if char not in _VOWELS and char.isalpha() and (after == char or word[position : position + 3] == "tch"):
        return "ッ", 1
    return "", 0


def _long_vowels_as(beats: tuple[str, ...], written: str, *, mark_for_ei: bool) -> str:
    """Return the morae with ー as the kana in ``written`` (in the order of アイウエオ), or every long vowel as ー."""
    out = ""
    vowel = ""
    for mora in beats:
        if mora == "ー" and written and vowel:
            out, vowel = out + written["aiueo".index(vowel)], ""
        elif not written and (lengthens(mora, vowel) or (mark_for_ei and mora == "イ" and vowel == "e")):
            out, vowel = out + "ー", ""
        else:
            out, vowel = out + mora, vowel_of(mora) or ""
    return out


def _in_use(beats: tuple[str, ...], system: Romanisation, long: str, labial: str) -> str:
    letters = ""
    vowel = ""
    for index, mora in enumerate(beats):
        following = _letters(beats[index + 1], system) if index + 1 < len(beats) else ""
        if vowel and lengthens(mora, vowel):
            letters, vowel = letters + _lengthening(mora, vowel, long), ""
            continue
        vowel = vowel_of(mora) or ""
        if mora == "ン":
            letters += labial if following[:1] in _LABIALS else "n"
        else:
            letters += _doubling(following, system) if mora == "ッ" else _letters(mora, system)
    return letters


def _lengthening(mora: str, vowel: str, long: str) -> str:
    if long == "written":
        return mora_romaji(mora) or ("u" if vowel == "o" else vowel)
    if long == "oh":
        return "h" if vowel == "o" else ""
    return "" if long == "short" else vowel
