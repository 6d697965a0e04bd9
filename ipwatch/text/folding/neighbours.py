"""Folding that depends on neighbours: signs, masked letters, voicing marks, vowels, jamo, look-alikes of ー.

``fold_by_neighbours`` works on what each character of a text folds to, ``fold_stream`` on the remaining letters. The
predicates accept single numbers or arrays of them, because the batch path evaluates them for many positions at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from ipwatch.text.folding.characters import (
    CLINGING,
    DIGIT,
    FOLD,
    KANA_REPEATS,
    LETTER,
    MASKING,
    SYMBOL,
    V_SOUNDS,
    VOICING,
    WRITTEN,
    is_vowel_sign,
    to_katakana,
    trait_of,
)
from ipwatch.text.folding.confusables import (
    CROSSES,
    CURRENCY_SYMBOLS,
    LEET_SYMBOLS,
    LONG_MARK_LOOKALIKES,
    MASK,
    MASKING_SIGNS,
)

if TYPE_CHECKING:  # one text is folded without numpy, which takes longer to load than commands take to start
    import numpy as np
    from numpy.typing import NDArray

Numbers = TypeVar("Numbers", int, "NDArray[np.uint32]")

REACH = 3
"""The number of neighbours on each side that decide about a sign."""

HAN_REPEAT = "々"
_KATAKANA = (0x30A1, 0x30FA)
_HAN = (0x3400, 0x9FFF)
_HAN_SUPPLEMENTS = (0x20000, 0x3FFFF)
_SIGNS = MASKING_SIGNS.union(LEET_SYMBOLS)
_LETTER_OR_DIGIT = LETTER | DIGIT
_WORD = _LETTER_OR_DIGIT | SYMBOL
_STREAMED = re.compile(f"[{HAN_REPEAT}{''.join(sorted(LONG_MARK_LOOKALIKES))}\u1161-\u1175\u11a8-\u11c2]")
_FINAL_OF = dict(zip("ᄀᄁᄂᄃᄅᄆᄇᄉᄊᄋᄌᄎᄏᄐᄑᄒ", "ᆨᆩᆫᆮᆯᆷᆸᆺᆻᆼᆽᆾᆿᇀᇁᇂ", strict=True))


def stands_for_letter(before: Sequence[Numbers], after: Sequence[Numbers], currency: Numbers) -> Any:
    """Whether a sign represents a letter, by the traits of its ``REACH`` neighbours on each side, nearest first.

    It does within a word (p@n@s0nic): with letters, digits or signs on both sides and a letter among them. A currency
    sign must not precede a digit (US$100); it also represents a letter at the edge of a word of three letters ($ONY,
    ASIC$), which excludes amounts in HK$ and US$. The result is a bool, or an array of them.
    """
    left, right = before[0], after[0]
    within = ((left & _WORD) != 0) & ((right & _WORD) != 0) & (((left | right | before[1] | after[1]) & LETTER) != 0)
    no_price = (currency == 0) | ((right & DIGIT) == 0)
    opens = ((left & _WORD) == 0) & _is_word(after)
    closes = ((right & _WORD) == 0) & _is_word(before)
    return (within & no_price) | ((currency != 0) & (opens | closes))


def _is_word(traits: Sequence[Numbers]) -> Any:
    """Whether one side of a position has a letter and two more letters or digits, most of them letters."""
    letters = [trait & LETTER for trait in traits]
    mostly_letters = letters[0] + letters[1] + letters[2] > REACH // 2
    return (
        mostly_letters
        & (letters[0] != 0)
        & ((traits[1] & _LETTER_OR_DIGIT) != 0)
        & ((traits[2] & _LETTER_OR_DIGIT) != 0)
    )


def masks_letter(before: Sequence[Numbers], after: Sequence[Numbers], cross: Numbers) -> Any:
    """Whether a sign masks a letter, by the traits of its ``REACH`` neighbours on each side, nearest first.

    It does between two letters, and two signs do between two letters on each side: so at most a third of the letters
    are masked. Signs between every two letters are separators (S*O*N*Y), and a cross between three letters on each side
    joins two names. The result is a bool, or an array of them.
    """
    left, right = ([(trait & WRITTEN) != 0 for trait in side] for side in (before, after))
    masked_left, masked_right = ([(trait & MASKING) != 0 for trait in side] for side in (before, after))
    alone = left[0] & right[0] & ((before[1] | after[1]) & MASKING == 0)
    first = left[0] & left[1] & masked_right[0] & right[1] & right[2]
    second = masked_left[0] & left[1] & left[2] & right[0] & right[1]
    joins = (cross != 0) & left[0] & left[1] & left[2] & right[0] & right[1] & right[2]
    return (alone | first | second) & (joins == 0)


def is_han(code: Numbers) -> Any:
    """Whether a code, or each of an array of codes, is that of a Han character."""
    return _within(code, _HAN) | _within(code, _HAN_SUPPLEMENTS)


def is_long_mark(before: Numbers, after: Numbers) -> Any:
    """Whether a look-alike of ー is one, by the codes of the adjacent letters: after katakana and not before Han."""
    return _within(before, _KATAKANA) & (is_han(after) == 0)


def _within(code: Numbers, bounds: tuple[int, int]) -> Any:
    return (code >= bounds[0]) & (code <= bounds[1])


def fold_by_neighbours(text: str, pieces: list[str]) -> None:
    """Apply in place what neighbours decide about the fold of each character of the text; linear in time."""
    if FOLD.contextual.isdisjoint(text):
        return
    present = FOLD.contextual.intersection(text)
    if not _SIGNS.isdisjoint(present):
        _fold_signs(text, pieces)
    if not present <= _SIGNS:
        _fold_marks(text, pieces)


def _fold_signs(text: str, pieces: list[str]) -> None:
    for index, char in enumerate(text):
        if char in _SIGNS:
            before, after = _visible_traits(text, index, -1), _visible_traits(text, index, 1)
            if char in LEET_SYMBOLS and stands_for_letter(before, after, int(char in CURRENCY_SYMBOLS)):
                continue
            if char in MASKING_SIGNS and masks_letter(before, after, int(char in CROSSES)):
                pieces[index] = MASK
            elif char in LEET_SYMBOLS:
                pieces[index] = ""


def _visible_traits(text: str, index: int, step: int) -> list[int]:
    """Return the traits of the nearest ``REACH`` visible characters on one side of an index; 0 past the end."""
    traits: list[int] = []
    index += step
    while len(traits) < REACH and 0 <= index < len(text):
        trait = trait_of(text[index])
        if trait != CLINGING:
            traits.append(trait)
        index += step
    return traits + [0] * (REACH - len(traits))


def _fold_marks(text: str, pieces: list[str]) -> None:
    """Join voicing marks, kana repeats, vowels after ヴ and vowel signs to the last character with a fold."""
    base, kana = -1, ""
    for index, char in enumerate(text):
        if char in VOICING:
            voiced = voiced_kana(kana, VOICING[char])
            if voiced:
                pieces[base], kana = FOLD[voiced], voiced
        elif is_vowel_sign(char):
            if base < 0 or not pieces[base] or ord(pieces[base][-1]) >> 8 != ord(char) >> 8:
                pieces[index] = ""
        elif pieces[index]:
            written = katakana_of(char)
            if char in KANA_REPEATS:
                plain_kana = unicodedata.normalize("NFD", kana)[:1]
                written = voiced_kana(plain_kana, KANA_REPEATS[char]) or plain_kana
                pieces[index] = FOLD[written] if written else ""
            elif kana == "ヴ" and written in V_SOUNDS:
                pieces[base], pieces[index], written = FOLD[V_SOUNDS[written]], "", ""
            base, kana = index, written


@cache
def voiced_kana(kana: str, mark: str) -> str:
    """Return the kana with the combining voicing mark, or nothing where that is not a kana."""
    voiced = unicodedata.normalize("NFC", kana + mark)
    return voiced if kana and len(voiced) == 1 else ""


@cache
def katakana_of(char: str) -> str:
    """Return a kana of any kind and width as one katakana, and nothing for other characters."""
    written = to_katakana(char)
    return written if len(written) == 1 and "\u30a1" <= written <= "\u30fa" else ""


def fold_stream(letters: str, offsets: list[int]) -> tuple[str, list[int]]:
    """Return folded letters and their offsets, with jamo joined to syllables, and 々 and ー resolved."""
    if not _STREAMED.search(letters):
        return letters, offsets
    joined, sources = _joined_jamo(letters, offsets)
    for index in range(1, len(joined)):
        if joined[index] == HAN_REPEAT and is_han(ord(joined[index - 1])):
            joined[index] = joined[index - 1]
    codes = [0, *map(ord, joined), 0]
    kept = [
        index
        for index, letter in enumerate(joined)
        if letter not in LONG_MARK_LOOKALIKES or not is_long_mark(codes[index], codes[index + 2])
    ]
    return "".join(joined[index] for index in kept), [sources[index] for index in kept]


def _joined_jamo(letters: str, offsets: list[int]) -> tuple[list[str], list[int]]:
    """Join the jamo as NFC does, and a consonant to a preceding syllable of single jamo unless a vowel follows."""
    joined: list[str] = []
    sources: list[int] = []
    is_open = False
    for letter, source, following in zip(letters, offsets, [*letters[1:], ""], strict=True):
        part = letter
        if is_open and letter in _FINAL_OF and not "\u1161" <= following <= "\u1175":
            part = _FINAL_OF[letter]
        syllable = unicodedata.normalize("NFC", joined[-1] + part) if joined and "\u1161" <= part <= "\u11c2" else ""
        if len(syllable) == 1:
            joined[-1] = syllable
        else:
            joined.append(letter)
            sources.append(source)
        is_open = len(syllable) == 1 and "\u1161" <= part <= "\u1175"
    return joined, sources
