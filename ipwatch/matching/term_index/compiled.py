"""The engine compiled by numba (extra ``speed``): blocks of texts, no allocation for a candidate.

Every cast is explicit: in numba an operation of an unsigned and a signed number is done in floating point. Arrays are
taken out of their tuples before a loop, because each one passed to a function is reference counted.

All of it is one file: numba caches compiled code as long as the file of the outermost function is unchanged.
"""

# ruff: noqa: PLR0917 - a compiled function has no keywords

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numba.extending import intrinsic
from numpy.typing import NDArray

from ipwatch.matching.term_index.definition import MAX_TERM_LETTERS
from ipwatch.matching.term_index.letters import HIGH_BYTE_FACTOR, NEAR_LETTERS, SET_BITS, WORD_LETTERS
from ipwatch.matching.term_index.packed import BLOOM_FACTOR, GROUP_MASK, LONGER_3, LONGER_4, SLOT_FACTOR, Packed
from ipwatch.matching.term_index.postings import (
    KIND_SHIFT,
    OFFSET_SHIFT,
    SIZE_SHIFT,
    TERM_SHIFT,
    Compare,
)
from ipwatch.text.folding.packed import FoldedTexts

Function = TypeVar("Function", bound=Callable[..., Any])
Number = Any
"""A whole number: int to a reader, int64 to numba."""

Word = Any
"""uint64."""

Letters = NDArray[np.uint32]
Words = NDArray[np.uint64]
Rows = NDArray[np.int32]
"""Term position, text position and distance of each hit, one row each."""

Columns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int16]]

_BLOCK_LETTERS = 1 << 12
_MARGIN = 3 * WORD_LETTERS
_KEPT_AT_ONCE = 1 << 12
_ROWS_AT_FIRST = 1 << 12
_SEARCHED_WHOLE = -1

# Columns of the state of a term: the last text in which it was compared, the minimum distance there, the number of
# letters compared there by tables, and the last position where that was done.
_TEXT, _DISTANCE, _SPENT, _COMPARED = range(4)

_ONE_BEHIND, _ONE_BEFORE, _AS_IT_IS = int(Compare.ONE_EDIT_BEHIND), int(Compare.ONE_EDIT_BEFORE), int(Compare.AS_IT_IS)
_EDITS, _KINDS = int(Compare.EDITS), len(Compare)
_FACTOR = np.uint32(HIGH_BYTE_FACTOR)
_BLOOM, _SLOT = np.uint64(BLOOM_FACTOR), np.uint64(SLOT_FACTOR)
_SET_BITS, _SET = np.uint64(SET_BITS), np.uint64((1 << SET_BITS) - 1)
_GROUP, _LONG_3, _LONG_4 = np.uint32(GROUP_MASK), np.uint32(LONGER_3), np.uint32(LONGER_4)
_0, _1, _2, _3, _4, _6, _7, _8 = (np.uint64(number) for number in (0, 1, 2, 3, 4, 6, 7, 8))
_EACH, _GATHER, _56 = np.uint64(0x0101010101010101), np.uint64(0x0102040810204080), np.uint64(56)
_32, _35, _63 = (np.uint64(number) for number in (32, 35, 63))
_TERM, _KIND = np.uint64(TERM_SHIFT), np.uint64(KIND_SHIFT)
_SIZE, _OFFSET, _BYTE = np.uint64(SIZE_SHIFT), np.uint64(OFFSET_SHIFT), np.uint64(0xFF)
_PAIR, _TRIPLE, _FOUR = np.uint64(0xFFFF), np.uint64(0xFFFFFF), np.uint64(0xFFFFFFFF)
_ALL_BUT_LAST = np.uint64(0x00FFFFFFFFFFFFFF)
_LOW_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)


class _Work(NamedTuple):
    """Memory of one search. ``words``, ``before`` and ``near`` are by position in a block, from ``_MARGIN`` on."""

    words: NDArray[np.uint64]  # codes of the letters from that position on
    before: NDArray[np.uint64]  # codes of the letters before that position, nearest lowest
    near: NDArray[np.uint64]  # set of the letters from that position on
    visits: NDArray[np.uint64]  # group, position in the block, length of the gram
    kept: NDArray[np.uint64]  # posting, position in the block
    cells: NDArray[np.int16]  # three columns of a table of distances
    state: NDArray[np.int64]  # by term: the four columns above
    met: NDArray[np.int32]  # the terms compared in this text


def _compiled(function: Function) -> Function:
    return cast("Function", numba.njit(nogil=True)(function))


def _emit_bit_count(_context: Any, word: Any) -> Any:
    """Count the set bits with one instruction."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), generate


_bit_count = cast("Callable[[Word], Word]", intrinsic(_emit_bit_count))


def search(index: Packed, texts: FoldedTexts) -> Columns:
    """Return term positions, text positions and minimum distances of all hits, sorted by text, then term."""
    codes = np.require(texts.codes, np.uint32, ["C", "A"]).view()
    starts = np.require(texts.starts, np.int64, ["C", "A"]).view()
    codes.flags.writeable = starts.flags.writeable = False  # one signature, so one compilation, for all callers
    max_length = int(np.diff(starts).max(initial=1))
    most_postings = int((index.bounds[:, _KINDS] - index.bounds[:, 0]).max(initial=0))
    work = _work(max_length + _BLOCK_LETTERS, len(index.edits), most_postings)
    count, hits = _search(index, codes, starts, work, np.empty((3, _ROWS_AT_FIRST), np.int32))
    return hits[0, :count].copy(), hits[1, :count].copy(), hits[2, :count].astype(np.int16)


def _work(letters: int, terms: int, most_postings: int) -> _Work:
    return _Work(
        words=np.zeros(letters + 2 * _MARGIN, np.uint64),
        before=np.zeros(letters + 2 * _MARGIN, np.uint64),
        near=np.zeros(letters + 2 * _MARGIN, np.uint64),
        visits=np.empty(4 * letters, np.uint64),
        kept=np.empty(_KEPT_AT_ONCE + most_postings, np.uint64),
        cells=np.empty((3, MAX_TERM_LETTERS + 3), np.int16),
        state=np.full((terms, 4), -1, np.int64),
        met=np.empty(terms, np.int32),
    )


@_compiled
def _pack(codes: Letters, begin: Number, end: Number, work: _Work) -> None:
    """Fill the words and sets of the block; letters of an adjacent text in them cause candidates, never hits."""
    words, before, near = work.words, work.before, work.near
    length = end - begin
    word = _0
    for position in range(length - 1, -_MARGIN - 1, -1):
        word <<= _8
        if position >= 0:
            word |= _code(codes[begin + position])
        words[position + _MARGIN] = word
    word = _0
    for position in range(length + _MARGIN):
        before[position + _MARGIN] = word
        word <<= _8
        if position < length:
            word |= _code(codes[begin + position])
    words[length + _MARGIN : length + 2 * _MARGIN] = _0
    _pack_sets(words, near, length + 2 * _MARGIN)


@_compiled
def _pack_sets(words: Words, near: Words, length: Number) -> None:
    """Compute the same as ``sets_from``."""
    for position in range(length):
        code = words[position] & _BYTE
        near[position] = np.uint64(code != _0) << (code % _SET_BITS)
    for step in (1, 2):
        for position in range(length - step):
            near[position] |= near[position + step]
    for position in range(length - NEAR_LETTERS):
        near[position] |= near[position + 4] | near[position + NEAR_LETTERS - 4]


@_compiled
def _code(letter: Number) -> Word:
    """Return the same as ``letter_codes``."""
    mixed = (letter + (letter >> np.uint32(8)) * _FACTOR) & np.uint32(0xFF)
    return np.uint64(max(mixed, np.uint32(1))) if letter else _0


@_compiled
def _find_groups(index: Packed, work: _Work, length: Number) -> Number:
    """Record where a gram of the block has postings; return the number of records."""
    singles, pairs, bloom, slots = index.singles, index.pairs, index.bloom, index.slots
    bloom_shift, slot_shift = np.uint64(index.bloom_shift), np.uint64(index.slot_shift)
    words, visits = work.words, work.visits
    count: Number = 0
    for position in range(length):
        word = words[position + _MARGIN]
        offset = np.uint64(position) << _3
        if index.any_single and singles[word & _BYTE]:
            visits[count] = (np.uint64(singles[word & _BYTE]) << _35) | offset | _1
            count += 1
        pair = pairs[word & _PAIR]
        if pair == np.uint32(0):
            continue
        if pair & _GROUP:
            visits[count] = (np.uint64(pair & _GROUP) << _35) | offset | _2
            count += 1
        for flag, gram, size in ((_LONG_3, word & _TRIPLE, _3), (_LONG_4, word & _FOUR, _4)):
            if pair & flag:
                bit = (gram * _BLOOM) >> bloom_shift
                if (bloom[bit >> _6] >> (bit & _63)) & _1:
                    group = _group_of(slots, slot_shift, gram)
                    visits[count] = (group << _35) | offset | size
                    count += np.int64(group != _0)
    return count


@_compiled
def _group_of(slots: Words, slot_shift: Word, gram: Word) -> Word:
    """Return the group of a gram of three or four letters, or 0."""
    position = (gram * _SLOT) >> slot_shift
    while slots[position] != _0:
        if slots[position] >> _32 == gram:
            return slots[position] & _FOUR
        position += _1
    return _0


@_compiled
def _sift(index: Packed, work: _Work, done: Number, visits: Number) -> tuple[Number, Number]:
    """Keep the postings whose adjacent letters may be those of a hit; return visits done and postings kept."""
    bounds, adjacent, sets, details = index.bounds, index.adjacent, index.sets, index.detail
    others = index.before
    words, befores, near, kept = work.words, work.before, work.near, work.kept
    count: Number = 0
    while done < visits and count < _KEPT_AT_ONCE:
        visit = work.visits[done]
        done += 1
        group, position, size = visit >> _35, (visit >> _3) & _FOUR, visit & _7
        behind, before = position + size + np.uint64(_MARGIN), position + np.uint64(_MARGIN)
        for posting in range(bounds[group, _ONE_BEHIND], bounds[group, _ONE_BEFORE]):
            kept[count] = (np.uint64(posting) << _32) | position
            count += np.int64(_within_one_edit(adjacent[posting], words[behind]))
        for posting in range(bounds[group, _ONE_BEFORE], bounds[group, _AS_IT_IS]):
            kept[count] = (np.uint64(posting) << _32) | position
            count += np.int64(_within_one_edit(adjacent[posting], befores[before]))
        for posting in range(bounds[group, _AS_IT_IS], bounds[group, _EDITS]):
            kept[count] = (np.uint64(posting) << _32) | position
            count += np.int64((adjacent[posting] ^ words[behind]) & _spread(adjacent[posting]) == _0)
        absent_behind, absent_before = ~near[behind] & _SET, ~near[before - np.uint64(NEAR_LETTERS)]
        for posting in range(bounds[group, _EDITS], bounds[group, _KINDS]):
            wanted = sets[posting, 0]
            if _bit_count(wanted & absent_behind) + _bit_count(sets[posting, 1] & absent_before) > wanted >> _SET_BITS:
                continue
            kept[count] = (np.uint64(posting) << _32) | position
            edits = np.int64(details[posting] & _BYTE)
            errors = _min_errors(adjacent[posting], words, np.int64(behind), edits)
            if errors <= edits:
                errors += _min_errors(others[posting], befores, np.int64(before), edits - errors)
            if errors <= edits < WORD_LETTERS:
                errors = _prefix_edits(adjacent[posting], words[behind], words[behind + _8], edits)
                if errors <= edits:
                    errors += _prefix_edits(others[posting], befores[before], befores[before - _8], edits - errors)
            count += np.int64(errors <= edits)
    return done, count


@_compiled
def _spread(word: Word) -> Word:
    """Set all bits of each byte that is not 0: of a word next to a gram, those of its letters."""
    high = _filled(word)
    return (high - (high >> _7)) | high


@_compiled
def _within_one_edit(adjacent: Word, observed: Word) -> Any:
    """Whether the codes, nearest first, may be equal up to one edit; false positives occur, false negatives do not.

    Up to the first difference everything is equal. From there on it is equal again after one letter substituted, two
    swapped, one inserted (the observed letters move down) or one omitted (the letters of the term move down).
    """
    known = _spread(adjacent)
    differs = (adjacent ^ observed) & known
    lowest = differs & (~differs + _1)
    rest = ~(lowest - _1)
    inserted = (adjacent ^ (observed >> _8)) & known & _ALL_BUT_LAST & rest
    left_out = ((adjacent >> _8) ^ observed) & (known >> _8) & rest
    byte = _spread(lowest)
    only = differs & byte
    not_swapped = (differs ^ (only | (only << _8))) | (((adjacent >> _8) ^ observed) & byte)
    return (inserted == _0) | (left_out == _0) | (differs == only) | (not_swapped == _0)


@_compiled
def _min_errors(adjacent: Word, words: Words, position: Number, edits: Number) -> Number:
    """Return the minimum number of edits on one side (shifted Hamming), counted up to one above the edits.

    With e edits all letters but e are where they were, moved by at most e positions; the result may be too low, never
    too high. Nothing is counted for as many edits as a word has letters, or more.
    """
    if edits >= WORD_LETTERS:
        return 0
    differ = _filled(adjacent) & _filled(adjacent ^ words[position])
    errors = 0
    while errors <= edits and _bit_count(differ) > np.uint64(errors):
        errors += 1
        differ &= _filled(adjacent ^ words[position - errors]) & _filled(adjacent ^ words[position + errors])
    return errors


@_compiled
def _prefix_edits(adjacent: Word, observed: Word, farther: Word, edits: Number) -> Number:
    """Return the minimum distance of the codes next to a gram to the text there, if it is at most ``edits``.

    Bit-parallel (Hyyrö 2003); the first letters of the text cost as much as others.
    """
    size = np.int64(_bit_count(_filled(adjacent)))
    if size == 0:
        return 0
    last = _1 << np.uint64(size - 1)
    rise, fall, diagonal, same_before = ~_0, _0, _0, _0
    score = best = size
    for position in range(size + edits):
        if position == WORD_LETTERS:
            observed = farther
        other = _filled(adjacent ^ ((observed & _BYTE) * _EACH))
        observed >>= _8
        same = (((other >> _7) ^ _EACH) * _GATHER) >> _56
        swapped = ((~diagonal & same) << _1) & same_before
        diagonal = (((same & rise) + rise) ^ rise) | same | fall | swapped
        right, left = fall | ~(diagonal | rise), diagonal & rise
        score += np.int64((right & last) != _0) - np.int64((left & last) != _0)
        best = min(best, score)
        right, left = (right << _1) | _1, left << _1
        rise, fall = left | ~(diagonal | right), right & diagonal
        same_before = same
    return best


@_compiled
def _filled(word: Word) -> Word:
    """Set the highest bit of each byte that is not 0, and no other."""
    return (((word & _LOW_BITS) + _LOW_BITS) | word) & ~_LOW_BITS


@_compiled
def _weigh(
    index: Packed,
    work: _Work,
    kept: Number,
    codes: Letters,
    starts: NDArray[np.int64],
    first: Number,
    text: Number,
    met: Number,
    rows: Number,
    hits: Rows,
) -> tuple[Number, Number, Number, Rows]:
    """Compare the kept candidates letter by letter, and report each text that ends before them."""
    details, letters, term_starts, edits = index.detail, index.letters, index.starts, index.edits
    state, candidates, terms, cells = work.state, work.kept, work.met, work.cells
    for number in range(kept):
        detail = details[candidates[number] >> _32]
        position = starts[first] + np.int64(candidates[number] & _FOUR)
        while position >= starts[text + 1]:
            rows, hits = _report(edits, work, met, text, rows, hits)
            text, met = text + 1, 0
        term = np.int64(detail >> _TERM)
        if state[term, _TEXT] != text:
            state[term, _TEXT] = text
            state[term, _DISTANCE] = edits[term] + 1
            state[term, _SPENT] = 0
            state[term, _COMPARED] = -MAX_TERM_LETTERS
            terms[met] = term
            met += 1
        wanted = state[term, _DISTANCE] - 1
        if wanted < 0:
            continue
        begin, end = starts[text], starts[text + 1] - 1
        term_begin, term_end = term_starts[term], term_starts[term + 1]
        if (detail >> _KIND) & _BYTE == np.uint64(_EDITS):
            aligned = position - np.int64((detail >> _OFFSET) & _BYTE)
            if state[term, _SPENT] == _SEARCHED_WHOLE or state[term, _COMPARED] == aligned:
                continue
            state[term, _COMPARED] = aligned
            size, margin = term_end - term_begin, np.int64(edits[term])
            state[term, _SPENT] += size + 2 * margin
            first_letter, last_letter, band = aligned - margin, min(end, aligned + size + margin), 2 * margin
            if state[term, _SPENT] > end - begin + size + 2 * margin:
                state[term, _SPENT] = _SEARCHED_WHOLE
                first_letter, last_letter, band = begin, end, end - begin
            distance = _min_distance(
                letters, term_begin, size, codes, begin, first_letter, last_letter, band, wanted, cells
            )
        else:
            distance = _adjacent_distance(letters, term_begin, term_end, codes, begin, end, detail, position)
        state[term, _DISTANCE] = min(state[term, _DISTANCE], distance)
    return text, met, rows, hits


@_compiled
def _adjacent_distance(
    letters: Letters,
    term_begin: Number,
    term_end: Number,
    codes: Letters,
    begin: Number,
    end: Number,
    detail: Word,
    position: Number,
) -> Number:
    """Return the distance where only one side of the gram has one edit at most, otherwise a large number."""
    kind, size = (detail >> _KIND) & _BYTE, np.int64((detail >> _SIZE) & _7)
    gram = term_begin + np.int64((detail >> _OFFSET) & _BYTE)
    first, last = term_begin, term_end
    if kind == np.uint64(_ONE_BEHIND):
        last = gram + size
    elif kind == np.uint64(_ONE_BEFORE):
        first = gram
    if first + position - gram < begin or last + position - gram > end:
        return MAX_TERM_LETTERS
    for number in range(first, last):
        if letters[number] != codes[number + position - gram]:
            return MAX_TERM_LETTERS
    if kind == np.uint64(_ONE_BEHIND):
        return _one_edit(letters, last, term_end - last, codes, position + size, end - position - size, 1)
    if kind == np.uint64(_ONE_BEFORE):
        return _one_edit(letters, first - 1, first - term_begin, codes, position - 1, position - begin, -1)
    return 0


@_compiled
def _one_edit(
    letters: Letters,
    term_position: Number,
    count: Number,
    codes: Letters,
    text_position: Number,
    room: Number,
    step: Number,
) -> Number:
    """Return the minimum distance (0, 1, or 2 for more) of ``count`` letters to the text, in either direction."""
    same = 0
    while same < count and same < room and letters[term_position + step * same] == codes[text_position + step * same]:
        same += 1
    if same >= count - 1:
        return count - same
    for term_skips, text_skips in ((1, 1), (0, 1), (1, 0), (2, 2)):
        a, b = same + term_skips, same + text_skips
        if count - a > room - b:
            continue
        if term_skips > 1 and (
            letters[term_position + step * same] != codes[text_position + step * (same + 1)]
            or letters[term_position + step * (same + 1)] != codes[text_position + step * same]
        ):
            continue
        while a < count and letters[term_position + step * a] == codes[text_position + step * b]:
            a += 1
            b += 1
        if a == count:
            return 1
    return 2


@_compiled
def _min_distance(
    letters: Letters,
    term: Number,
    size: Number,
    codes: Letters,
    begin: Number,
    first: Number,
    last: Number,
    band: Number,
    wanted: Number,
    cells: NDArray[np.int16],
) -> Number:
    """Return the minimum distance to a substring of ``codes[first:last]`` from ``begin``, if at most ``wanted``.

    The table of ``hits_reference`` column by column, cut off above the cells that can still lead to it (Ukkonen), and
    below the band of alignments that begin within ``band`` letters of ``first``.
    """
    band += min(0, first - begin)
    first = max(first, begin)
    beyond = wanted + 1
    older, old, new = 0, 1, 2
    for i in range(size + 3):
        cells[old, i] = min(i, beyond)
        cells[older, i] = beyond
    best, top_before, top = beyond, -2, min(wanted, size)
    for j in range(first, last):
        low = max(1, j - first + 1 - band)
        reach = min(size, max(top + 1, top_before + 2))
        if low > reach:
            break
        top_before, top = top, 0
        above = 0 if low == 1 else beyond
        cells[new, low - 1] = above
        for i in range(low, reach + 1):
            letter = letters[term + i - 1]
            cell = min(cells[old, i - 1] + np.int64(letter != codes[j]), cells[old, i] + 1, above + 1)
            if i > 1 and j > first and letter == codes[j - 1] and letters[term + i - 2] == codes[j]:
                cell = min(cell, cells[older, i - 2] + 1)
            above = min(cell, beyond)
            cells[new, i] = above
            if cell <= wanted:
                top = i
        cells[new, reach + 1] = beyond
        cells[new, reach + 2] = beyond
        if reach == size:
            best = min(best, above)
        older, old, new = old, new, older
    return best


@_compiled
def _report(
    edits: NDArray[np.int32], work: _Work, met: Number, text: Number, rows: Number, hits: Rows
) -> tuple[Number, Rows]:
    """Write the hits of one text in the order of the terms; return the number of rows now, and the array."""
    terms, state = work.met, work.state
    count = np.int64(0)
    for number in range(met):
        term = terms[number]
        if state[term, _DISTANCE] <= edits[term]:
            terms[count] = term
            count += 1
    _sort(terms, count)
    if rows + count > hits.shape[1]:
        hits = _grown(hits, rows, count)
    for number in range(count):
        term = terms[number]
        hits[0, rows], hits[1, rows], hits[2, rows] = term, text, state[term, _DISTANCE]
        rows += 1
    return rows, hits


@_compiled
def _grown(hits: Rows, rows: Number, more: Number) -> Rows:
    larger = np.empty((3, 2 * rows + more), np.int32)
    for column in range(3):
        for row in range(rows):
            larger[column, row] = hits[column, row]
    return larger


@_compiled
def _sort(values: NDArray[np.int32], count: Number) -> None:
    """Sort the first values (Shell sort): mostly a handful, and no worse than count ** 1.5 for many."""
    gap = 1
    while gap < count:
        gap = 2 * gap + 1
    while gap > 1:
        gap //= 2
        for number in range(gap, count):
            value, position = values[number], number
            while position >= gap and values[position - gap] > value:
                values[position] = values[position - gap]
                position -= gap
            values[position] = value


def _searching(compiled_in: tuple[int, ...]) -> Callable[..., tuple[int, Rows]]:
    """Return the search of all blocks, cached on disk where a writable directory for that exists.

    numba looks the cache up by the time of this file and by the closure, and reads no other file: constants of other
    modules are compiled in, so the function has them in its closure.
    """

    def search_blocks(
        index: Packed, codes: Letters, starts: NDArray[np.int64], work: _Work, hits: Rows
    ) -> tuple[Number, Rows]:
        block_letters = compiled_in[0]
        rows = first = np.int64(0)
        while first < len(starts) - 1:
            last = first + 1
            while last < len(starts) - 1 and starts[last + 1] - starts[first] <= block_letters:
                last += 1
            _pack(codes, starts[first], starts[last], work)
            visits = _find_groups(index, work, starts[last] - starts[first])
            text, met, done = first, np.int64(0), np.int64(0)
            while done < visits:
                done, kept = _sift(index, work, done, visits)
                text, met, rows, hits = _weigh(index, work, kept, codes, starts, first, text, met, rows, hits)
            rows, hits = _report(index.edits, work, met, text, rows, hits)
            first = last
        return rows, hits

    try:
        return numba.njit(nogil=True, cache=True)(search_blocks)
    except RuntimeError:
        return _compiled(search_blocks)


_NUMBERS = (
    int(value) for name, value in sorted(globals().items()) if name.isupper() and isinstance(value, np.integer | int)
)
_search = _searching((_BLOCK_LETTERS, *_NUMBERS))
