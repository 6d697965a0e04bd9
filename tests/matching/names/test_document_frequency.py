from __future__ import annotations

import pytest

from ipwatch.matching.names.document_frequency import SurfaceCounts


def test_documents_are_counted_once_each() -> None:
    counts = SurfaceCounts()
    counts.add(10, [["a", "a", "b"], ["a"]])
    counts.add(5, [])
    assert (counts.count("a"), counts.count("b"), counts.count("c"), counts.total) == (2, 1, 0, 15)
    assert dict(counts.items()) == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("documents", "total", "frequency"),
    [(1, 100_000, 0.0), (11, 100_000, 0.0), (101, 100_000, 1.0), (1_001, 100_000, 2.0), (90_000, 100_000, 2.0)],
)
def test_a_word_is_what_stands_in_hundreds_of_documents(documents: int, total: int, frequency: float) -> None:
    assert SurfaceCounts({"a": documents}, total).frequency("a") == pytest.approx(frequency)


@pytest.mark.parametrize(("documents", "total"), [(0, 0), (2, 2), (50, 60), (9_999, 9_999)])
def test_a_small_crawl_makes_no_words(documents: int, total: int) -> None:
    counts = SurfaceCounts({"a": documents} if documents else {}, total)
    assert counts.frequency("a") == 0.0


def test_words_are_known_from_ten_thousand_documents_on() -> None:
    counts = SurfaceCounts({"a": 11}, 9_999)
    assert counts.frequency("a") == 0.0
    counts.add(1, [])
    assert counts.frequency("a") == pytest.approx(1.0)


def test_what_was_counted_can_be_stored_and_given_back() -> None:
    counts = SurfaceCounts()
    counts.add(20_000, [["a"]] * 50)
    again = SurfaceCounts(dict(counts.items()), counts.total)
    assert again.frequency("a") == counts.frequency("a") > 0.0


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="document count"):
        SurfaceCounts({"a": 0}, 1)
    with pytest.raises(ValueError, match="number of documents"):
        SurfaceCounts().add(-1, [])
