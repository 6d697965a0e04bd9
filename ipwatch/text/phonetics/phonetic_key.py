"""Sound keys: one spelling for every way a name is written in kana, Latin letters or Hangul.

``sound_key("Sony") == sound_key("ソニー") == sound_key("소니")``. A key omits distinctions that Japanese does not make
(l and r, v and b), the length of vowels and consonants, silent English letters, and the vowels that kana and Hangul
insert between consonants. Each rule below improved the matching of pairs of brand names in kana and Latin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ipwatch.text.folding.confusables import LATIN_LOOKALIKES, LETTER_LOOKALIKES
from ipwatch.text.phonetics.hangul import is_hangul, romanized
from ipwatch.text.phonetics.kana import mora_romaji, morae

BREAK = "·"
"""Represents a run of letters that are neither kana, Latin, Hangul nor Han: no name is matched across it."""

RUNS = re.compile(rf"[a-z]+|[ァ-ヺー]+|[가-힣]+|{BREAK}+|[^ ]")
"""Cuts a text of ``sound_fold`` into runs of one script; digits and Han characters are separate."""

Rule = tuple[re.Pattern[str], str]


def _rules(*pairs: tuple[str, str]) -> tuple[Rule, ...]:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in pairs)


LATIN_RULES = _rules(
    (r"x", "ks"),
    (r"ck", "k"),
    (r"ph", "f"),
    (r"(?<=[aiueo])(?:gh|h)(?![aiueoy])", ""),
    (r"wh", "w"),
    (r"(?<![a-z])kn", "n"),
    (r"sc(?=[eiy])|th", "s"),
    (r"tch", "ch"),
    (r"ch(?=[rlkbsn]|(?![a-z]))", "k"),
    (r"c(?=[eiy])", "s"),
    (r"tion(?![a-z])", "shon"),
    (r"d?ge(?![a-z])", "ji"),
    (r"i(?=[bcdfgklmnprstvz]e(?![a-z]))", "ai"),
    (r"a(?=[bcdfgklmnprstvz]e(?![a-z]))", "e"),
    (r"y(?![aiueo])", "i"),
    (r"ee|ea(?!u)", "i"),
    (r"u(?=[bcdfgklmnpst]{2})", "a"),
    (r"oo|ou", "u"),
    (r"ow(?![aiueo])", "au"),
    (r"ew", "yu"),
    (r"(?<=[a-z]{2})e(?![a-z])", ""),
    (r"(?:er(?![aiueo])|[ui]r(?![aiueor]))", "a"),
    (r"(?<=[aiueo])r(?![aiueor])", ""),
)
"""Pronunciation of a Latin spelling, mostly English, by a Japanese speaker."""

HANGUL_RULES = _rules((r"eu", "u"), (r"eo", "a"), (r"ae|oe", "e"), (r"ui", "i"))
"""Pronunciation of the letters of the Revised Romanization that represent one vowel."""

SOUND_RULES = _rules(
    (r"sh(?=i)", "s"),
    (r"sh", "sy"),
    (r"ch(?=i)", "t"),
    (r"ch", "ty"),
    (r"ts", "t"),
    (r"d?j(?=i)", "z"),
    (r"j", "zy"),
    (r"[cq]", "k"),
    (r"f", "h"),
    (r"v", "b"),
    (r"l", "r"),
    (r"z", "s"),
    (r"m(?=[bp])", "n"),
    (r"ou", "o"),
    (r"ei", "e"),
    (r"([a-z])\1+", r"\1"),
    (r"(?<=[bdghkmnprsty])u(?![aiueo])", ""),
    (r"(?<=[td])o(?![aiueoy])", ""),
    (r"([a-z])\1+", r"\1"),
)
"""Sounds that are the same to a Japanese ear, in whatever script they were written."""


_NO_LENGTH = frozenset("ーッ")
# é is not a silent e: "ey" becomes the e of "ei".
_SPELLED_OUT = {"&": " and ", "é": "ey", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "々": "々", "〇": "〇"}
_APOSTROPHES = frozenset("'’‘ʼ`´′")
_FOREIGN = {
    char: letter
    for char, letter in LETTER_LOOKALIKES.items()
    if unicodedata.category(char)[0] == "L" and "a" <= letter <= "z" and len(letter) == 1
}
_FOREIGN_CLASS = "".join(re.escape(char) for char in _FOREIGN)
_DISGUISED = re.compile(
    rf"(?<![A-Za-z{_FOREIGN_CLASS}])(?:[A-Za-z]++[{_FOREIGN_CLASS}]|[{_FOREIGN_CLASS}]++[A-Za-z])[A-Za-z{_FOREIGN_CLASS}]*"
)
_ANY_FOREIGN = re.compile(f"[{_FOREIGN_CLASS}]")
_LATIN_FOR_FOREIGN = str.maketrans(_FOREIGN)
_DIGIT_LETTERS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
# S0NY is folded to sony; 4x4, B2B and MP3 are unchanged.
_DIGIT_IN_WORD = re.compile(r"(?<![a-z0-9])([a-z]+)([013457])([a-z]{2,})(?![a-z0-9])")


def sound_key(text: str) -> str:
    """Return the sound key of a name, in a-z; empty where nothing in it is kana, Latin letters or Hangul.

    Signs, digits and Han characters are left out; ``phonetic_runs`` keeps their positions.
    """
    return "".join(keys_of(run for run in RUNS.findall(sound_fold(text)) if is_spelled(run)))


def sound_fold(text: str) -> str:
    """Return the pronounced characters of a text: a-z, katakana, Hangul, Han, digits, breaks and spaces.

    Case, width and accents are folded, apostrophes and hidden characters left out, & is spelled "and". Look-alikes
    become the Latin letter they imitate only next to Latin letters: a letter of another alphabet (ѕony), one digit
    inside a word (S0NY); a Russian word remains a break. A NUL is kept, because it ends a text in a batch.
    """
    return digits_as_letters(fold_characters(undisguised(text)))


def undisguised(text: str) -> str:
    """Return a text of the same length in which look-alike letters next to Latin ones are Latin letters."""
    if text.isascii() or not _ANY_FOREIGN.search(text):
        return text
    return _DISGUISED.sub(lambda match: match[0].translate(_LATIN_FOR_FOREIGN), text)


def fold_characters(text: str) -> str:
    """Return the ``sound_fold`` of each character of a text on its own."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)


def digits_as_letters(folded: str) -> str:
    """Return a folded text of the same length in which one digit inside a word is the letter it looks like."""
    return _DIGIT_IN_WORD.sub(lambda match: f"{match[1]}{_DIGIT_LETTERS[match[2]]}{match[3]}", folded)


def is_kana(char: str) -> bool:
    """Whether a folded character is a katakana or the long mark."""
    return "ァ" <= char <= "ヺ" or char == "ー"


def is_spelled(run: str) -> bool:
    """Whether a run has a key: it is kana, Latin letters or Hangul."""
    return "a" <= run[0] <= "z" or is_kana(run[0]) or is_hangul(run[0])


def keys_of(runs: Iterable[str]) -> list[str]:
    """Return the sound keys of runs, each of one script as ``RUNS`` cuts them out of a folded text.

    All runs of a script are rewritten in one pass of each rule, so that many runs cost little more than one.
    """
    kept = list(runs)
    keys = [""] * len(kept)
    for rules, indices in (
        (LATIN_RULES, [index for index, run in enumerate(kept) if run[0].isascii()]),
        (HANGUL_RULES, [index for index, run in enumerate(kept) if is_hangul(run[0])]),
        ((), [index for index, run in enumerate(kept) if is_kana(run[0])]),
    ):
        joined = "\n".join(_letters(kept[index]) for index in indices)
        for pattern, replacement in (*rules, *SOUND_RULES):
            joined = pattern.sub(replacement, joined)
        for index, key in zip(indices, joined.split("\n"), strict=bool(indices)):
            keys[index] = key
    return keys


def _letters(run: str) -> str:
    """Return the Latin letters of a run; long marks and ッ have none, because keys have no length."""
    if is_hangul(run[0]):
        return "".join(map(romanized, run))
    if not is_kana(run[0]):
        return run
    return "".join("" if mora in _NO_LENGTH else mora_romaji(mora) for mora in morae(run))


def _fold_char(char: str) -> str:
    if "ぁ" <= char <= "ゖ":
        return chr(ord(char) + 0x60)
    if char == "\0" or is_kana(char) or is_hangul(char):
        return char
    base = unicodedata.normalize("NFD", LATIN_LOOKALIKES.get(char, char))[0]
    if char in _SPELLED_OUT or "a" <= base <= "z":
        return _SPELLED_OUT.get(char, base)
    return _fold_other(char)


def _fold_other(char: str) -> str:
    """Return the fold of a character that is not kana, Latin or Hangul: itself, a break, a space, or nothing."""
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind[0] == "L":
        return char if unicodedata.name(char, "").startswith("CJK") else BREAK
    hidden = kind[0] == "M" or (kind in {"Cf", "Cc", "Cs"} and not char.isspace()) or char in _APOSTROPHES
    return "" if hidden else " "


class _FoldTable(dict[int, str]):
    """The fold of every code point that occurred so far; there are fewer than 1.2 million."""

    def __missing__(self, code: int) -> str:
        folded = _fold_char(chr(code))
        self[code] = folded
        return folded


_FOLD = _FoldTable()
