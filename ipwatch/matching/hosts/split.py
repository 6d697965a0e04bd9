"""Compounds: segmentation of a label into words, with a mark in it and without.

The cost of a segmentation is the negative decimal logarithm of its probability under a unigram model of words (Norvig,
"Natural Language Corpus Data", 2009): the difference of two costs is how many powers of ten likelier the cheaper one
is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.lexicon.roles import words

MAX_WORD = 20
"""Maximum length of a word that is looked up."""

_ZIPF_OF_CERTAINTY = 9.0
"""Zipf value of a word with probability 1: the scale counts occurrences in a thousand million words."""

ADDED = 2.2
"""Cost of a word that is often added to marks, next to a mark: about one in 160, as the list is long."""

ADDED_SHORT = 2.8
"""The same for words of one or two letters, which any letters contain by chance."""

OTHER_WORD = 5.0
"""Cost of a common personal name or a word in another language than English or Japanese: a Zipf value of 4."""

REPEATED = 1.5
"""Cost of the mark occurring in the label once more, or of one of its goods."""

_SHORT = 2
_SHORT_INSIDE = 1.2
"""Added cost of a word of one or two letters with letters on both sides: any letters contain one by chance."""

_DIGITS = 1.4
_A_DIGIT = 0.3
_LATIN_LETTER = 1.2
"""Near to log10(26): a name in Latin letters is a little less than random."""

_OTHER_LETTER = 2.0
_LATIN_INITIAL = 4.0
_OTHER_INITIAL = 1.5
"""Initial cost of letters that are no word, lower in scripts without spaces."""

_NONE = float("inf")
_PREFIX = 4
_HOST_WORDS = ("trade", "holder", "holder_and_trade", "small", "pursuit", "number", "place")


@functools.cache
def added_words() -> frozenset[str]:
    """Return the words that are often added to marks."""
    return frozenset(words("host_words", *_HOST_WORDS))


def _lines(path: Traversable) -> Iterator[str]:
    return (line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))


def word_cost(word: str) -> float | None:
    """Return the cost of an ordinary word or a common personal name, ``None`` for anything else."""
    cost = _costs(word)[0]
    return None if cost == _NONE else cost


@dataclass(frozen=True, slots=True)
class _Latin:
    """The words in lower-case Latin letters with their costs, alone and next to a mark, and their prefixes."""

    costs: Mapping[str, tuple[float, float]]
    prefixes: frozenset[str]


@functools.cache
def _latin() -> _Latin:
    # Read here because ``commonness`` folds and searches on each call, and a label has a hundred pieces to look up.
    listed = _lines(files("ipwatch.text.lexicon") / "tables" / "words_en.txt")
    tenths = (line.split("\t") for line in listed)
    ordinary = {word: _ZIPF_OF_CERTAINTY - int(value) / 10 for word, value in tenths}
    for word in frozenset(words("personal_name", "given", "family")) | added_words():
        ordinary.setdefault(word, OTHER_WORD)
    costs = {word: (cost, min(cost, _adjacent_cost(word))) for word, cost in ordinary.items()}
    return _Latin(costs, frozenset(word[:_PREFIX] for word in costs))


def _adjacent_cost(word: str) -> float:
    if word not in added_words():
        return _NONE
    return ADDED_SHORT if len(word) <= _SHORT else ADDED


def _costs(word: str) -> tuple[float, float]:
    """Return the cost of a word alone and next to a mark."""
    return _latin().costs.get(word, (_NONE, _NONE)) if word.isascii() else _other_costs(word)


@functools.lru_cache(maxsize=1 << 16)
def _other_costs(word: str) -> tuple[float, float]:
    value = commonness(word)
    other = OTHER_WORD if word in added_words() else _NONE
    ordinary = _ZIPF_OF_CERTAINTY - value if value > 0 else other
    return ordinary, min(ordinary, _adjacent_cost(word))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a segmented label; ``is_word`` is false for letters that are no word."""

    text: str
    is_word: bool


_Word = tuple[int, float, float]
"""End of a word, its cost alone, and its cost next to a mark."""


class Segmentation:
    """The cheapest segmentations of a label: ``ordinary`` is the cost of the whole label without a mark.

    ``upto[i]`` is the cost of the label before ``i``, ``beyond[i]`` that of the label from ``i`` on, both next to a
    mark whose ``own`` words, its name and its goods, are expected too.
    """

    def __init__(self, label: str, own: frozenset[str] = frozenset()) -> None:
        self._label = label
        self._own = own
        self._words = [list(_words_from(label, start, own)) for start in range(len(label))]
        self.ordinary = _forwards(label, self._words, adjacent=False)[0][-1]
        self.upto, self._backpointers = _forwards(label, self._words, adjacent=True)
        self.beyond = self._backwards()

    def _backwards(self) -> list[float]:
        beyond = [0.0] * (len(self._label) + 1)
        lowest_unknown = _NONE
        for index in range(len(self._label) - 1, -1, -1):
            initial, letter = _letter_costs(self._label[index])
            if not self._label[index].isalnum():
                beyond[index], lowest_unknown = beyond[index + 1], _NONE
                continue
            lowest_unknown = min(lowest_unknown, beyond[index + 1]) + letter
            words = (cost + beyond[end] for end, _, cost in self._words[index])
            beyond[index] = min(lowest_unknown + initial, *words) if self._words[index] else lowest_unknown + initial
        return beyond

    def pieces(self, start: int, end: int) -> tuple[Piece, ...]:
        """Return the pieces of the cheapest segmentation of the range next to a mark, without separators."""
        part = Segmentation(self._label[start:end], self._own)
        pieces: list[Piece] = []
        stop = end - start
        while stop > 0:
            first, is_word = part._backpointers[stop]
            text = part._label[first:stop]
            if text.isalnum():
                pieces.append(Piece(text, is_word))
            stop = first
        return tuple(reversed(pieces))


def _words_from(label: str, start: int, own: frozenset[str]) -> Iterator[_Word]:
    """Yield the words and numbers that begin at index ``start``."""
    if label[start].isdigit():
        if start == 0 or not label[start - 1].isdigit():
            end = next((index for index in range(start, len(label)) if not label[index].isdigit()), len(label))
            cost = _DIGITS + _A_DIGIT * (end - start)
            yield end, cost, cost
        return
    head = label[start : start + _PREFIX]
    stop = min(len(label), start + MAX_WORD)
    if head.isascii() and head not in _latin().prefixes and not own:
        stop = min(stop, start + _PREFIX - 1)
    within = start > 0 and label[start - 1].isalpha()
    for end in range(start + 1, stop + 1):
        if not label[end - 1].isalpha():
            return
        word = label[start:end]
        ordinary, adjacent = _costs(word)
        if word in own:
            adjacent = REPEATED
        if adjacent == _NONE:
            continue
        short = within and end - start <= _SHORT and word.isascii() and label[end : end + 1].isalpha()
        added = _SHORT_INSIDE if short else 0.0
        yield end, ordinary + added, adjacent + added


def _forwards(
    label: str, words: Sequence[Sequence[_Word]], *, adjacent: bool
) -> tuple[list[float], list[tuple[int, bool]]]:
    """Return for each index the lowest cost up to it, the start of its last piece, and whether that is a word."""
    cost = [0.0] + [_NONE] * len(label)
    backpointers = [(0, False)] * (len(label) + 1)
    lowest_unknown, unknown_start = _NONE, 0
    for index, char in enumerate(label):
        if not char.isalnum():
            cost[index + 1], backpointers[index + 1], lowest_unknown = cost[index], (index, False), _NONE
            continue
        initial, letter = _letter_costs(char)
        if cost[index] + initial < lowest_unknown:
            lowest_unknown, unknown_start = cost[index] + initial, index
        lowest_unknown += letter
        if lowest_unknown < cost[index + 1]:
            cost[index + 1], backpointers[index + 1] = lowest_unknown, (unknown_start, False)
        for end, ordinary, adjacent_cost in words[index]:
            reached = cost[index] + (adjacent_cost if adjacent else ordinary)
            if reached <= cost[end]:
                cost[end], backpointers[end] = reached, (index, True)
    return cost, backpointers


def _letter_costs(char: str) -> tuple[float, float]:
    return (_LATIN_INITIAL, _LATIN_LETTER) if char.isascii() else (_OTHER_INITIAL, _OTHER_LETTER)
