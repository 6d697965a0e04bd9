from __future__ import annotations

import random
from functools import cache, lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from ipwatch.matching.term_index import Hits, TermIndex, allowed_edits, hits_reference
from ipwatch.matching.term_index.index import Engine
from ipwatch.matching.term_index.letters import letter_codes
from ipwatch.text.folding.packed import FoldedTexts

PAIRS = 500_000
ENGINES: tuple[Engine, ...] = ("numpy", "numba")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "numba":
        pytest.importorskip("numba", reason="the extra `speed` is not installed")
    chosen: Engine = request.param
    return chosen


def rows(hits: Hits) -> list[tuple[int, int, int]]:
    return list(zip(hits.term.tolist(), hits.text.tolist(), hits.distance.tolist(), strict=True))


def search(
    engine: Engine, terms: list[str], edits: list[int], texts: list[str], sample: list[str] | None = None
) -> list[tuple[int, int, int]]:
    index = TermIndex(engine=engine, sample=None if sample is None else FoldedTexts.of(sample))
    index.add(terms, edits)
    return rows(index.search(FoldedTexts.of(texts)))


def wanted(terms: list[str], edits: list[int], texts: list[str]) -> list[tuple[int, int, int]]:
    return _brute_force(tuple(terms), tuple(edits), tuple(texts))


@lru_cache(maxsize=8)
def _brute_force(terms: tuple[str, ...], edits: tuple[int, ...], texts: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """Return what is right; both engines are held to it, so it is worked out once."""
    return rows(hits_reference(terms, edits, FoldedTexts.of(texts)))


def colliding(count: int) -> str:
    """Letters that share one code, so that words of codes cannot distinguish them."""
    letters = np.arange(0x3400, 0x9FFF, dtype=np.uint32)
    same = letters[letter_codes(letters) == letter_codes(letters[:1])[0]]
    return "".join(map(chr, same[:count].tolist()))


ALPHABETS = ("ab", "abc", "abcdef", "aイ漢\U0001f600", "\ud800\udfff\u0001z", colliding(2), colliding(3) + "ab")


def spoiled(chance: random.Random, letters: str, alphabet: str) -> str:
    text = list(letters)
    for _ in range(chance.randint(0, 4)):
        if len(text) < 2:
            break
        index = chance.randrange(len(text) - 1)
        way = chance.randrange(5)
        if way < 2:
            text[index], text[index + 1] = text[index + 1], text[index]
        elif way == 2:
            text[index] = chance.choice(alphabet)
        elif way == 3:
            del text[index]
        else:
            text.insert(index, chance.choice(alphabet))
    return "".join(text)


@cache
def worlds(pairs: int) -> list[tuple[list[str], list[int], list[str], list[tuple[int, int, int]]]]:
    """Return terms, edits, texts and what brute force finds, with more pairs than asked for in all.

    Most texts hold a term with edits, two fifths of them swaps, so that every cut is met by some.
    """
    chance = random.Random(20261122)  # noqa: S311 - the same pairs on every run
    made: list[tuple[list[str], list[int], list[str], list[tuple[int, int, int]]]] = []
    while sum(len(world[0]) * len(world[2]) for world in made) < pairs:
        alphabet = chance.choice(ALPHABETS)
        max_length = chance.choice((6, 10, 15, 30))
        terms = ["".join(chance.choices(alphabet, k=chance.randint(1, max_length))) for _ in range(230)]
        terms += terms[:5]
        edits = [min(len(term) - 1, chance.choice((0, 1, 1, 2, 3, chance.randint(0, 8)))) for term in terms]
        texts = ["", *alphabet]
        for _ in range(230):
            plain = "".join(chance.choices(alphabet, k=chance.choice((0, 3, 10, 30))))
            index = chance.randint(0, len(plain))
            texts.append(plain[:index] + spoiled(chance, chance.choice(terms), alphabet) + plain[index:])
        made.append((terms, edits, texts, wanted(terms, edits, texts)))
    return made


def test_the_index_finds_what_brute_force_finds_on_half_a_million_pairs(engine: Engine) -> None:
    hits = 0
    for number, (terms, edits, texts, right) in enumerate(worlds(PAIRS)):
        assert search(engine, terms, edits, texts, texts if number % 2 else None) == right
        hits += len(right)
    assert hits > PAIRS / 20


def test_long_terms_with_many_edits_are_found(engine: Engine) -> None:
    chance = random.Random(7)  # noqa: S311 - the same terms on every run
    for alphabet in ("ab", "abcdefghijkl", colliding(3)):
        terms = ["".join(chance.choices(alphabet, k=chance.randint(31, 200))) for _ in range(8)]
        edits = [chance.choice((0, 1, 2, 5, len(term) // 5, len(term) // 2, len(term) - 1)) for term in terms]
        texts = [spoiled(chance, term, alphabet) for term in terms for _ in range(2)]
        texts += ["".join(chance.choices(alphabet, k=chance.randint(0, 250))) for _ in range(5)]
        assert search(engine, terms, edits, texts) == wanted(terms, edits, texts)


def test_every_swap_in_a_term_is_one_edit(engine: Engine) -> None:
    for term in ("abcde", "abcdefghij", "abcdefghijklmnopqrstuvwxyz"):
        for edits in range(1, min(len(term), 9)):
            texts = [
                f"qq{term[:index]}{term[index + 1]}{term[index]}{term[index + 2 :]}qq" for index in range(len(term) - 1)
            ]
            assert search(engine, [term], [edits], texts) == [(0, number, 1) for number in range(len(texts))]


def test_swaps_at_several_places_at_once_are_found(engine: Engine) -> None:
    term = "abcdefghijklmnopqr"
    for first in range(len(term) - 3):
        for second in range(first + 2, len(term) - 1):
            text = list(term)
            for index in (first, second):
                text[index], text[index + 1] = text[index + 1], text[index]
            for edits in (2, 3, 4):
                assert search(engine, [term], [edits], ["".join(text)]) == [(0, 0, 2)]


def test_a_text_never_borrows_letters_from_its_neighbours(engine: Engine) -> None:
    terms, edits = ["abcdefgh", "abcdefghijkl", "ab"], [1, 2, 0]
    texts = ["abcd", "efgh", "abcdefghij", "kl", "", "a", "b", "xabcdefg", "hijkl"]
    assert search(engine, terms, edits, texts) == wanted(terms, edits, texts)


def test_a_long_text_among_short_ones_is_searched_whole(engine: Engine) -> None:
    chance = random.Random(3)  # noqa: S311 - the same texts on every run
    long = "".join(chance.choices("abcdefghij", k=9_000))
    terms = [long[:12], long[4090:4104], long[-11:], long[8000:8003]]
    edits = [allowed_edits(len(term)) for term in terms]
    texts = ["abc", long, "", long[:100], *(["abcabc"] * 300)]
    assert search(engine, terms, edits, texts) == wanted(terms, edits, texts)


def test_repeating_letters_do_not_hold_up_a_search(engine: Engine) -> None:
    terms = ["a" * 200, "a" * 60 + "b", "ab" * 40, "aab" * 20, "ba" * 6]
    edits = [40, 12, 16, 12, 2]
    texts = ["a" * 900, "ab" * 450, "aabab" * 180, "ba" * 300]
    assert search(engine, terms, edits, texts) == wanted(terms, edits, texts)


def test_ten_thousand_equal_terms_are_all_found(engine: Engine) -> None:
    hits = search(engine, ["abcde"] * 10_000, [1] * 10_000, ["xabde", "abcd" * 50, "q"])
    assert hits == [(term, text, 1) for text in (0, 1) for term in range(10_000)]


WORDS = st.text(alphabet="abcイ", min_size=1, max_size=14)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WORDS, st.integers(0, 4)), max_size=6), st.lists(st.text("abcイ", max_size=24), max_size=6))
def test_the_numpy_engine_agrees_with_brute_force(pairs: list[tuple[str, int]], texts: list[str]) -> None:
    terms = [term for term, _ in pairs]
    edits = [min(allowed, len(term) - 1) for term, allowed in pairs]
    assert search("numpy", terms, edits, texts) == wanted(terms, edits, texts)


@settings(max_examples=150, deadline=None)
@given(WORDS, st.text("abcイ", max_size=12))
def test_brute_force_is_the_least_osa_distance_of_all_windows(term: str, text: str) -> None:
    windows = [text[first:last] for first in range(len(text) + 1) for last in range(first, len(text) + 1)]
    distance = min(OSA.distance(term, window) for window in windows)
    expected = [(0, 0, distance)] if distance < len(term) else []
    assert wanted([term], [len(term) - 1], [text]) == expected
