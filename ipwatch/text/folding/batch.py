"""Many texts folded at once: code points in one array, one look-up for all of them, and neighbours by array operations.

The result is that of ``skeleton.skeleton`` for each text. What a code point folds to is looked up once per process.
Texts in which neighbours join in a way that the arrays do not express (jamo, or a hidden character between them) are
folded by the string path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ipwatch.text.folding.characters import (
    CLINGING,
    FOLD,
    JAMO_FINALS,
    JAMO_VOWELS,
    KANA_REPEATS,
    MASKING,
    V_KANA,
    V_SOUNDS,
    VOICING,
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
from ipwatch.text.folding.neighbours import (
    HAN_REPEAT,
    REACH,
    is_han,
    is_long_mark,
    katakana_of,
    masks_letter,
    stands_for_letter,
    voiced_kana,
)
from ipwatch.text.folding.packed import SEPARATOR, FoldedTexts
from ipwatch.text.folding.skeleton import MAX_CHARACTERS, skeleton

CHUNK_CHARACTERS = 1 << 18
"""Approximate number of characters folded at a time, which bounds the memory besides the result."""

_CODES = 0x110000
_KIND = 24
# An entry of the table is a folded code, 0 for nothing, or a kind in its highest byte with a code or an index below it.
_SIGN, _CURRENCY, _MASKING_SIGN, _V, _VOICING, _VOWEL_SIGN, _SEVERAL, _JOINING, _UNMET, _END = (
    np.uint32(n << _KIND) for n in range(1, 11)
)
_CODE = np.uint32((1 << _KIND) - 1)
_JAMO = JAMO_VOWELS | JAMO_FINALS
_LONG_MARKS = tuple(map(ord, sorted(LONG_MARK_LOOKALIKES)))
_CROSSES = tuple(map(ord, sorted(CROSSES)))
_V_CODES = {ord(char): ord(FOLD[V_SOUNDS[to_katakana(char)]]) for char in "ァィェォぁぃぇぉｧｨｪｫアイエオあいえおｱｲｴｵ"}

Codes = NDArray[np.uint32]
Positions = NDArray[np.int64]


def skeletons(texts: Sequence[str]) -> FoldedTexts:
    """Return the skeletons of texts; raises ``ValueError`` naming the first text above ``MAX_CHARACTERS``."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    long = np.flatnonzero(lengths > MAX_CHARACTERS)
    if len(long):
        index = int(long[0])
        raise ValueError(
            f"text {index} of {len(texts)} has {lengths[index]} characters and is not compared; "
            f"the limit is {MAX_CHARACTERS}"
        )
    ends = np.cumsum(lengths + 1)
    chunks = [_fold_chunk(texts[first:last], lengths[first:last]) for first, last in _chunks(ends)]
    codes = np.concatenate([np.zeros(0, np.uint32), *chunks])
    stops = np.flatnonzero(codes == SEPARATOR) + 1
    return FoldedTexts(codes, np.concatenate([np.zeros(1, np.int64), stops.astype(np.int64)]))


def _chunks(ends: Positions) -> Iterator[tuple[int, int]]:
    """Yield the ranges of texts that are folded together."""
    borders = np.flatnonzero(np.diff(ends // CHUNK_CHARACTERS)) + 1
    edges = [0, *borders.tolist(), len(ends)]
    yield from ((first, last) for first, last in pairwise(edges) if first < last)


class _Table:
    """What every code point folds to, and its trait; filled in for the code points that occur."""

    def __init__(self) -> None:
        self.entries = np.full(_CODES, _UNMET, np.uint32)
        self.traits = np.zeros(_CODES, np.uint8)
        self.several: list[Codes] = []
        self._meeting = Lock()

    def look_up(self, raw: Codes) -> tuple[Codes, Positions]:
        """Return the entries of code points, and the positions of those that are more than a code."""
        entries = self.entries[raw]
        special = np.flatnonzero(entries > _CODE)
        unmet = raw[special[entries[special] == _UNMET]]
        if len(unmet):
            with self._meeting:
                for code in np.unique(unmet).tolist():
                    self._meet(code)
            return self.look_up(raw)
        return entries, special

    def _meet(self, code: int) -> None:
        char = chr(code)
        self.traits[code] = trait_of(char)
        folded = FOLD[char]
        kind = _kind_of(char, folded)
        if len(folded) > 1 and not kind:
            self.entries[code] = _SEVERAL | np.uint32(len(self.several))
            self.several.append(_codes_of(folded))
        else:
            self.entries[code] = kind | np.uint32(ord(folded) if len(folded) == 1 else 0)


def _kind_of(char: str, folded: str) -> np.uint32:
    if char in LEET_SYMBOLS:
        return _CURRENCY if char in CURRENCY_SYMBOLS else _SIGN
    if char in MASKING_SIGNS:
        return _MASKING_SIGN
    if char in V_KANA:
        return _V
    if char in VOICING:
        return _VOICING
    if is_vowel_sign(char) and len(folded) == 1:
        return _VOWEL_SIGN
    joins = char in KANA_REPEATS or is_vowel_sign(char) or not _JAMO.isdisjoint(folded)
    return _JOINING if joins else np.uint32(0)


@cache
def _table() -> _Table:
    return _Table()


def _codes_of(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _fold_chunk(texts: Sequence[str], lengths: Positions) -> Codes:
    """Return the codes of the folded texts, each followed by the separator."""
    table = _table()
    padding = "\0" * REACH
    raw = _codes_of(padding + "\0".join(texts) + "\0" + padding)
    ends = REACH - 1 + np.cumsum(lengths + 1)
    entries, special = table.look_up(raw)
    entries[:REACH] = entries[-REACH:] = entries[ends] = _END
    joining = _resolve(table, raw, entries, special)
    where: list[int] = []
    what: list[Codes] = []
    for index in np.unique(np.searchsorted(ends, joining)).tolist():
        entries[ends[index] - lengths[index] : ends[index]] = 0
        where.append(int(ends[index]))
        what.append(_codes_of(skeleton(texts[index]).text))
    for position in special[_kind(entries[special]) == _SEVERAL].tolist():
        codes = table.several[int(entries[position] & _CODE)]
        entries[position] = codes[0]
        where.append(position + 1)
        what.append(codes[1:])
    if where:
        entries = np.insert(entries, np.repeat(where, [len(codes) for codes in what]), np.concatenate(what))
    return _fold_stream(entries[entries != 0][REACH:-REACH])


def _kind(entries: Codes) -> Codes:
    return entries & ~_CODE


def _resolve(table: _Table, raw: Codes, entries: Codes, special: Positions) -> Positions:
    """Resolve the special entries in place by their neighbours; return positions that only the string path can fold.

    Entries of several codes are left as they are.
    """
    kinds = _kind(entries[special])
    signs = special[(kinds == _SIGN) | (kinds == _CURRENCY) | (kinds == _MASKING_SIGN)]
    return np.concatenate(
        [
            special[kinds == _JOINING],
            _resolve_signs(table, raw, entries, signs),
            _resolve_v(table, raw, entries, special[kinds == _V]),
            _resolve_voicing(raw, entries, special[kinds == _VOICING]),
            _resolve_vowel_signs(raw, entries, special[kinds == _VOWEL_SIGN]),
        ]
    )


def _traits(table: _Table, raw: Codes, entries: Codes, positions: Positions) -> Codes:
    """Return the traits of the characters at the positions; those between two texts have none."""
    traits = table.traits[raw[positions]].astype(np.uint32)
    traits[entries[positions] == _END] = 0
    return traits


def _resolve_signs(table: _Table, raw: Codes, entries: Codes, positions: Positions) -> Positions:
    before = [_traits(table, raw, entries, positions - distance) for distance in range(1, REACH + 1)]
    after = [_traits(table, raw, entries, positions + distance) for distance in range(1, REACH + 1)]
    kinds, codes = _kind(entries[positions]), raw[positions]
    currency, cross = (kinds == _CURRENCY).astype(np.uint32), np.isin(codes, _CROSSES).astype(np.uint32)
    is_mask = ((table.traits[codes] & MASKING) != 0) & masks_letter(before, after, cross)
    stands = (kinds != _MASKING_SIGN) & stands_for_letter(before, after, currency)
    otherwise = np.where(is_mask, ord(MASK), np.where(kinds == _MASKING_SIGN, entries[positions] & _CODE, 0))
    entries[positions] = np.where(stands, entries[positions] & _CODE, otherwise)
    clinging = np.any([near == CLINGING for near in (*before, *after)], axis=0)
    return np.asarray(positions[clinging])


def _resolve_v(table: _Table, raw: Codes, entries: Codes, positions: Positions) -> Positions:
    entries[positions] &= _CODE
    unclear = []
    for position in positions.tolist():
        follower = position + 1
        while not entries[follower]:
            follower += 1
        code = int(raw[follower])
        if code in _V_CODES:
            entries[position], entries[follower] = _V_CODES[code], 0
        elif table.traits[code] == CLINGING and entries[follower] != _END:
            unclear.append(position)
    return np.array(unclear, np.int64)


def _resolve_voicing(raw: Codes, entries: Codes, positions: Positions) -> Positions:
    """Voice the kana directly before each mark.

    Returned for the string path are marks after nothing that is kept, and after ウ, which becomes ヴ.
    """
    entries[positions] = 0
    unclear = []
    for position, code, before in zip(
        positions.tolist(), raw[positions].tolist(), raw[positions - 1].tolist(), strict=True
    ):
        kana, mark = katakana_of(chr(before)), VOICING[chr(code)]
        if kana and kana != "ウ":
            voiced = voiced_kana(kana, mark)
            entries[position - 1] = ord(FOLD[voiced]) if voiced else entries[position - 1]
        elif kana or not entries[position - 1] or chr(before) in KANA_REPEATS:
            unclear.append(position)
    return np.array(unclear, np.int64)


def _resolve_vowel_signs(raw: Codes, entries: Codes, positions: Positions) -> Positions:
    base = entries[positions - 1]
    follows = (base != 0) & (base <= _CODE) & (base >> 8 == raw[positions] >> 8)
    entries[positions] = np.where(follows, entries[positions] & _CODE, 0)
    unclear = (base == 0) | ((base > _CODE) & (base != _END))
    return np.asarray(positions[unclear])


def _fold_stream(codes: Codes) -> Codes:
    """Return the folded codes with 々 replaced by the Han it repeats, without look-alikes of ー, with separators."""
    repeats = np.flatnonzero(codes == ord(HAN_REPEAT))
    begins = np.maximum.accumulate(np.where(np.diff(repeats, prepend=-2) != 1, repeats, 0))
    repeated = codes[begins - 1]
    codes[repeats] = np.where(is_han(repeated), repeated, ord(HAN_REPEAT))
    marks = np.flatnonzero((codes == _LONG_MARKS[0]) | (codes == _LONG_MARKS[1]))
    codes = np.delete(codes, marks[is_long_mark(codes[marks - 1], codes[marks + 1])])
    codes[codes == _END] = SEPARATOR
    return codes
