"""What a title calls its goods, as nouns that are the same in every language of the marketplaces."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cache

from ipwatch.text.folding.skeleton import plain
from ipwatch.text.lexicon.roles import phrases

COLOUR = "colour_"
"""What the names of colours begin with: goods of every colour are the same goods."""

_MAX_WORDS = 5
_SPACED = "a-z0-9à-ɏа-я"
_JOINED = rf"[^\W\d_{_SPACED}]"
_RUN = re.compile(
    rf"(?P<thai>[฀-๿]+)|(?P<spaced>(?:[{_SPACED}]+(?![{_SPACED}]|{_JOINED})(?:[ '\-](?=[{_SPACED}]))?)+)|[^\W_]+"
)
"""Runs of Thai, of words of languages that write spaces, and of all other letters, with the Latin ones in them."""

_JOINS = re.compile(r"[ '\-]")
_SCRIPT = re.compile(rf"[ぁ-ゖ]+|[ァ-ヺー]+|[一-鿿々]+|[가-힣]+|[{_SPACED}]+|.")


def goods_nouns(folded: str) -> tuple[tuple[str, ...], str]:
    """Return the nouns of a text folded by ``plain``, and the text with spaces where they stand.

    The longest word counts. Words of languages that write spaces are matched whole or in a regular plural. In other
    runs of letters a word is one where it ends the run, a part of it in one script, or what another noun ends (タオル
    in バスタオルセット, not in タオルケット): these languages put what a thing is at the end. Thai puts it first.
    """
    nouns: dict[str, None] = {}
    rest = list(folded)
    for run in _RUN.finditer(folded):
        spans = _whole_words if run["spaced"] else _first if run["thai"] else _last
        for noun, start, end in spans(run.group()):
            nouns[noun] = None
            rest[run.start() + start : run.start() + end] = " " * (end - start)
    return tuple(nouns), "".join(rest)


def _whole_words(run: str) -> Iterator[tuple[str, int, int]]:
    words = [match.span() for match in re.finditer(rf"[{_SPACED}]+", run)]
    index = 0
    while index < len(words):
        for count in range(min(_MAX_WORDS, len(words) - index), 0, -1):
            start, end = words[index][0], words[index + count - 1][1]
            if noun := _of_word(_JOINS.sub(" ", run[start:end])):
                yield noun, start, end
                index += count
                break
        else:
            index += 1


def _of_word(word: str) -> str | None:
    known = _nouns()
    singular = word.removesuffix("es") if re.search(r"(?:[sxz]|[cs]h)es$", word) else word.removesuffix("s")
    return known.get(word) or known.get(singular)


def _last(run: str) -> Iterator[tuple[str, int, int]]:
    known, max_letters = _nouns(), _max_letters()
    edges = [0, *(match.end() for match in _SCRIPT.finditer(run))]
    end = len(run)
    while end > 0:
        start = next((each for each in range(max(0, end - max_letters), end) if run[each:end] in known), None)
        if start is not None:
            yield known[run[start:end]], start, end
        end = start if start is not None else edges[bisect_left(edges, end) - 1]


def _first(run: str) -> Iterator[tuple[str, int, int]]:
    known, start = _nouns(), 0
    while (end := next((each for each in range(len(run), start, -1) if run[start:each] in known), None)) is not None:
        yield known[run[start:end]], start, end
        start = end


@cache
def _nouns() -> Mapping[str, str]:
    return {_JOINS.sub(" ", plain(phrase)): noun for noun, phrase in phrases("goods_noun")}


@cache
def _max_letters() -> int:
    return max(map(len, _nouns()))
