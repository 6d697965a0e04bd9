"""Generated spellings: other ways to write a mark, derived from its declared texts.

Each generator takes declared texts, best known first, and yields spellings, the most useful first. None of them guesses
a reading of kanji.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice

from ipwatch.text.folding.skeleton import plain, skeleton, to_katakana
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.phonetics.kana import morae
from ipwatch.text.phonetics.korean import hangul
from ipwatch.text.phonetics.romanisation import hidden_long_vowels, kana_spellings, katakana, spellings

_MIN_LATIN = 4
_MIN_MORAE_READ = 3
_MIN_HANGUL = 2
_MIN_WORD = 3
"""Length from which a word can be English: "no" and "to" are Japanese too."""

_MIN_MIXED = 4
_MAX_MIXED = 16
_MIN_GEOGRAPHIC = 2
_HAN = re.compile(r"[一-鿿々]")

_JOINS = (("の", "ノ", "之", "乃"), ("ヶ", "ケ", "ガ", "が"))
"""Signs between two Han in names that are interchangeable."""

_AND = (
    (re.compile(r"(?<=[a-z0-9])\s*&\s*(?=[a-z0-9])"), " and "),
    (re.compile(r"(?<=[a-z0-9])\s+and\s+(?=[a-z0-9])"), " & "),
    (re.compile(r"(?<=[ぁ-ゖァ-ヺー一-鿿])\s*&\s*(?=[ぁ-ゖァ-ヺー一-鿿])"), "アンド"),
    (re.compile(r"(?<=[ぁ-ゖァ-ヺー一-鿿])[\s・]+アンド[\s・]+(?=[ぁ-ゖァ-ヺー一-鿿])"), "&"),
)

_MORAE_OF_HAN = 3
"""The most morae that one Han character is read as; nearly always one to three."""

_JOIN_READ = {"ヶ": "ガケカ", "ケ": "ガケカ"}

_NO_BETWEEN_HAN = re.compile(r"(?<=[一-鿿々])の(?=[一-鿿])")


def romanised(reading: str) -> Iterator[str]:
    """Yield the Latin spellings of a kana text that have four letters or more and are not ordinary words."""
    for spelling in spellings(reading):
        if len(spelling) >= _MIN_LATIN and not commonness(spelling):
            yield spelling


def in_kana(text: str) -> Iterator[str]:
    """Yield the kana of Latin letters that are clearly Japanese, have three morae or more and no ordinary word in them.

    Variants with the long vowels that Latin letters may leave out follow (Kogyo: コギョウ, コウギョウ).
    """
    if any(commonness(word) for word in (text, *text.split()) if len(word) >= _MIN_WORD):
        return
    read = katakana(text)
    if read is not None and len(morae(read)) >= _MIN_MORAE_READ:
        yield from (spelling for spelling in hidden_long_vowels(read) if not commonness(spelling))


def long_vowels(reading: str) -> Iterator[str]:
    """Yield the other ways to write the long vowels of a kana text, where three letters or more remain."""
    for spelling in kana_spellings(reading)[1:]:
        if len(skeleton(spelling).text) >= _MIN_MORAE_READ and not commonness(spelling):
            yield spelling


def in_hangul(reading: str) -> Iterator[str]:
    """Yield a kana text in Hangul."""
    yield from (spelling for spelling in hangul(reading) if len(spelling) >= _MIN_HANGUL)


def in_chinese(text: str) -> Iterator[str]:
    """Yield the text with the Chinese particle for Japanese の between Han (鬼滅の刃: 鬼滅之刃).

    Simplified and traditional Han need no spelling of their own: the skeleton folds them.
    """
    for word in ("之", "的"):
        spelled = _NO_BETWEEN_HAN.sub(word, text)
        if spelled != text:
            yield spelled


def joined_otherwise(text: str) -> Iterator[str]:
    """Yield a text with the other spellings of the の or ヶ between two Han (香之瀬: 香ノ瀬; 星ヶ淵: 星が淵)."""
    for signs in _JOINS:
        match = re.search(rf"(?<=[一-鿿])[{''.join(signs)}](?=[一-鿿])", text)
        if match:
            yield from (text[: match.start()] + sign + text[match.end() :] for sign in signs if sign != match.group())


def with_and(text: str) -> Iterator[str]:
    """Yield a text with the & between two names as a word, or the word as & (Norima & Kawa: Norima and Kawa)."""
    name = plain(text)
    for pattern, other in _AND:
        spelled = pattern.sub(other, name)
        if spelled != name:
            yield spelled


def half_read(text: str, reading: str) -> Iterator[str]:
    """Yield a text with Han whose first or last part is written as it is read (影舟戦記: カゲフネ戦記, 影舟センキ).

    It is unknown which part of the reading belongs to which Han: each split is taken that leaves every Han one to three
    morae and the kana of the text unchanged, those first that distribute the morae most evenly. The kana part has two
    morae or more.
    """
    name, beats = to_katakana(plain(text)), morae(reading)
    if not _has_han(name) or len(name) > _MAX_MIXED or len(beats) > _MAX_MIXED * _MORAE_OF_HAN:
        return
    share = len(beats) / _usual(name)
    ways = sorted(
        (abs(taken - share * _usual(name[:cut])), cut, taken)
        for cut in range(1, len(name))
        for taken in range(1, len(beats))
        if _reads(name[:cut], beats[:taken]) and _reads(name[cut:], beats[taken:])
    )
    for _, cut, taken in ways:
        for read, spelled in (
            (beats[:taken], "".join(beats[:taken]) + name[cut:]),
            (beats[taken:], name[:cut] + "".join(beats[taken:])),
        ):
            if len(read) > 1 and spelled != name and _has_han(spelled) and len(skeleton(spelled).text) >= _MIN_MIXED:
                yield spelled


def _has_han(text: str) -> bool:
    return bool(_HAN.search(text))


def _usual(part: str) -> int:
    """Return the expected number of morae of the part: two for each Han, one for any other letter."""
    return len(part) + len(_HAN.findall(part))


def _reads(part: str, beats: Sequence[str]) -> bool:
    """Whether the beats can be a reading of the part: kana unchanged, ヶ as ガ too, every Han one to three morae."""
    sound = "".join(beats)
    begins = list(accumulate(map(len, beats), initial=0))
    reached = {0}
    for letter in part:
        if _HAN.match(letter):
            last = {begins.index(position) for position in reached if position in begins}
            reached = {
                begins[to]
                for position in last
                for to in range(position + 1, min(position + _MORAE_OF_HAN, len(beats)) + 1)
            }
        else:
            read = _JOIN_READ.get(letter, letter)
            reached = {
                position + 1 for position in reached if sound[position : position + 1] and sound[position] in read
            }
    return len(sound) in reached


def geographic_part(text: str, goods: Iterable[str]) -> Iterator[str]:
    """Yield the place of a name that consists of a place and its goods (香之瀬タオル: 香之瀬; Kobe Beef: Kobe).

    The goods are a goods term, or the beginning or end of one: a word of an alphabet, or characters (牛 of 牛肉).
    """
    *before, last = plain(text).split() or [""]
    known = [plain(term) for term in goods]
    if before and any(last in (words[0], words[-1]) for words in (term.split() for term in known) if words):
        yield text.split(maxsplit=1)[0] if len(before) == 1 else " ".join(text.split()[:-1])
    elif not before and _has_han(text):
        cuts = (
            position
            for position in range(_MIN_GEOGRAPHIC, len(last))
            if any(_ends_of(each, last[position:]) for each in known)
        )
        yield from (text[:cut] for cut in islice(cuts, 1))


def _ends_of(term: str, part: str) -> bool:
    return term.startswith(part) or term.endswith(part)
