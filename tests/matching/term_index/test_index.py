from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.term_index import Hits, TermIndex, allowed_edits, hits_reference, letters, packed, postings
from ipwatch.matching.term_index import index as index_module
from ipwatch.text.folding.packed import FoldedTexts

TEXTS = FoldedTexts.of(["abcde", "", "abxde", "cdab", "bacdeabcd", "ddddd"])
WORD = st.text(alphabet="abcd", min_size=1, max_size=9)
STEP = st.one_of(st.lists(WORD, max_size=5), st.sets(st.integers(0, 40), max_size=8))


def rows(hits: Hits) -> list[tuple[int, int, int]]:
    return list(zip(hits.term.tolist(), hits.text.tolist(), hits.distance.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, max_size=8))
def test_any_order_of_adding_and_removing_finds_what_brute_force_finds(steps: list[list[str] | set[int]]) -> None:
    index = TermIndex(engine="numpy")
    there: dict[int, str] = {}
    for step in steps:
        if isinstance(step, list):
            there.update(zip(index.add(step, [len(term) // 4 for term in step]), step, strict=True))
        else:
            gone = step & there.keys()
            index.remove(gone)
            for term in gone:
                del there[term]
        assert len(index) == len(there)
        ids = list(there)
        terms = [there[term] for term in ids]
        right = rows(hits_reference(terms, [len(term) // 4 for term in terms], TEXTS))
        assert rows(index.search(TEXTS)) == [(ids[term], text, distance) for term, text, distance in right]


def test_ids_rise_and_are_never_given_again() -> None:
    index = TermIndex(engine="numpy")
    assert index.add(["abc", "abc"], [0, 0]) == range(2)
    index.remove([0, 1])
    assert index.add(["abc"], [0]) == range(2, 3)
    assert index.add([], []) == range(3, 3)
    assert rows(index.search(FoldedTexts.of(["xabcx"]))) == [(2, 0, 0)]


def test_what_is_not_there_cannot_be_removed() -> None:
    index = TermIndex(engine="numpy")
    index.add(["abc", "abd"], [0, 0])
    with pytest.raises(KeyError, match="7"):
        index.remove([0, 7])
    assert len(index) == 2
    index.remove([0])
    with pytest.raises(KeyError, match="0"):
        index.remove([0])


def test_terms_that_were_added_one_by_one_lie_in_few_segments() -> None:
    index = TermIndex(engine="numpy")
    chance = random.Random(1)  # noqa: S311 - the same terms on every run
    terms = ["".join(chance.choices("abcdefgh", k=6)) for _ in range(700)]
    for term in terms:
        index.add([term], [1])
    assert len(index._segments) <= 6
    index.remove(range(0, 700, 2))
    index.remove(range(1, 600, 2))
    assert sum(len(segment.terms) for segment in index._segments) <= 2 * len(index)
    kept = list(range(601, 700, 2))
    right = rows(hits_reference([terms[term] for term in kept], [1] * len(kept), TEXTS))
    assert rows(index.search(TEXTS)) == [(kept[term], text, distance) for term, text, distance in right]


def test_an_added_term_costs_no_rebuild() -> None:
    chance = random.Random(2)  # noqa: S311 - the same terms on every run
    terms = ["".join(chance.choices("abcdefghijklmnopqrst", k=chance.randint(5, 12))) for _ in range(20_000)]
    index = TermIndex(engine="numpy")
    began = time.process_time()
    index.add(terms, [allowed_edits(len(term)) for term in terms])
    built = time.process_time() - began
    began = time.process_time()
    for _ in range(5):
        index.remove(index.add(["abcdefgh"], [1]))
    assert time.process_time() - began < built


def test_nothing_is_found_where_nothing_is() -> None:
    index = TermIndex(engine="numpy")
    assert rows(index.search(TEXTS)) == []
    index.add(["zzzzz", "z"], [1, 0])
    assert rows(index.search(TEXTS)) == []
    assert rows(index.search(FoldedTexts.of([]))) == []
    assert rows(index.search(FoldedTexts.of(["", ""]))) == []
    assert index.search(TEXTS).distance.dtype == np.int16


def test_the_compiled_engine_finds_nothing_where_nothing_is() -> None:
    pytest.importorskip("numba", reason="the extra `speed` is not installed")
    index = TermIndex(engine="numba")
    index.add(["zzzzz", "z"], [1, 0])
    for texts in (TEXTS, FoldedTexts.of([]), FoldedTexts.of(["", ""])):
        assert rows(index.search(texts)) == []


@pytest.mark.parametrize(
    ("terms", "edits", "reason"),
    [
        ([""], [0], "letters, not 0"),
        (["a" * 201], [0], "letters, not 201"),
        (["ab\0c"], [0], "no NUL"),
        (["abc"], [3], "3 edits for a term of 3"),
        (["abc"], [-1], "-1 edits"),
        (["abc", "abd"], [0], "2 terms with 1"),
    ],
)
def test_a_term_that_cannot_be_searched_is_refused(terms: list[str], edits: list[int], reason: str) -> None:
    index = TermIndex(engine="numpy")
    with pytest.raises(ValueError, match=reason):
        index.add(terms, edits)
    with pytest.raises(ValueError, match=reason):
        hits_reference(terms, edits, TEXTS)
    assert len(index) == 0


@pytest.mark.parametrize(
    ("codes", "starts"),
    [([97, 0], [0, 3]), ([97, 0], [0, 1]), ([97, 98], [0, 2]), ([97, 0], [1, 2]), ([97, 0], [0, 0, 2]), ([], [])],
)
def test_texts_whose_starts_do_not_fit_are_refused(codes: list[int], starts: list[int]) -> None:
    texts = FoldedTexts(np.array(codes, np.uint32), np.array(starts, np.int64))
    index = TermIndex(engine="numpy")
    index.add(["a"], [0])
    with pytest.raises(ValueError, match="text"):
        index.search(texts)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="auto, numpy or numba"):
        TermIndex(engine="cuda")  # type: ignore[arg-type] # what a caller may write


@pytest.mark.parametrize(
    ("length", "similarity", "edits"),
    [
        (1, 0.8, 0),
        (4, 0.5, 0),
        (5, 0.8, 1),
        (9, 0.8, 1),
        (10, 0.8, 2),
        (25, 0.8, 5),
        (15, 0.85, 2),
        (5, 1.0, 0),
        (8, 0.75, 2),
    ],
)
def test_a_fifth_of_the_letters_may_be_edited(length: int, similarity: float, edits: int) -> None:
    assert allowed_edits(length, similarity) == edits


@pytest.mark.parametrize(("length", "similarity"), [(0, 0.8), (5, 0.0), (5, 1.01), (5, float("nan"))])
def test_no_edits_are_allowed_for_what_is_no_term(length: int, similarity: float) -> None:
    with pytest.raises(ValueError, match=r"letters|similarity"):
        allowed_edits(length, similarity)


def test_the_least_similarity_still_leaves_a_letter() -> None:
    assert allowed_edits(200, 1e-12) == 199


def test_little_text_is_searched_without_loading_numba_and_much_text_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="the extra `speed` is not installed")
    taken: list[str] = []

    def noted(name: str) -> Callable[[], object]:
        engine = getattr(index_module, name)

        def take() -> object:
            taken.append(name)
            return engine()

        return take

    for name in ("_numpy", "_numba"):
        monkeypatch.setattr(index_module, name, noted(name))
    monkeypatch.setattr(index_module, "COMPILED_FROM", 2 * len(TEXTS.codes))
    index = TermIndex()
    index.add(["abcde", "cdab"], [1, 0])
    first, second = rows(index.search(TEXTS)), rows(index.search(TEXTS))
    assert taken == ["_numpy", "_numba"]
    assert first == second == rows(hits_reference(["abcde", "cdab"], [1, 0], TEXTS))


def test_a_search_of_little_text_loads_no_numba() -> None:
    code = (
        "import sys; from ipwatch.matching.term_index import TermIndex; "
        "from ipwatch.text.folding.packed import FoldedTexts; "
        "index = TermIndex(); index.add(['sonys'], [1]); "
        "assert len(index.search(FoldedTexts.of(['xsonys'])).term) == 1; assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - the test's own code


def test_code_kept_on_disk_is_distinguished_by_the_numbers_compiled_into_it() -> None:
    pytest.importorskip("numba", reason="the extra `speed` is not installed")
    from ipwatch.matching.term_index import compiled  # noqa: PLC0415 - numba may be missing

    search: Any = compiled._search
    (kept_by,) = (cell.cell_contents for cell in search.py_func.__closure__)
    assert {
        *(packed.BLOOM_FACTOR, packed.SLOT_FACTOR, packed.GROUP_MASK, packed.LONGER_3, packed.LONGER_4),
        *(letters.HIGH_BYTE_FACTOR, letters.NEAR_LETTERS, letters.SET_BITS, letters.WORD_LETTERS),
        *(postings.TERM_SHIFT, postings.KIND_SHIFT, postings.SIZE_SHIFT, postings.OFFSET_SHIFT, *postings.Compare),
    } <= set(kept_by)
