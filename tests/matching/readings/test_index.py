from __future__ import annotations

import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from ipwatch.matching.readings import ReadingHits, compare_readings, similar_readings, similar_readings_reference
from ipwatch.matching.readings.near_pairs import near_pairs

FEW_BEATS = st.text(alphabet="カガコサシーッンイ", min_size=1, max_size=7).filter(lambda text: text[0] not in "ーッ")
NAMES = st.lists(
    st.builds(
        lambda name, ending: name + ending,
        FEW_BEATS,
        st.sampled_from(["", "", "ショウジ", "ケンセツ", "ホールディングス"]),
    ),
    max_size=8,
)
BEATS = "アイウエオカガキギクグケコサシジスセソタチツテトナニノハバパヒフホマミムモラリルロンーッ"


def rows(hits: ReadingHits) -> list[tuple[int, int, float]]:
    return list(zip(hits.watched.tolist(), hits.observed.tolist(), hits.similarity.tolist(), strict=True))


@given(NAMES, NAMES, st.sampled_from([0.01, 0.5, 0.7, 0.8, 0.9, 1.0]))
def test_the_bulk_search_finds_what_comparing_every_pair_finds(
    watched: list[str], observed: list[str], floor: float
) -> None:
    assert rows(similar_readings(watched, observed, floor)) == rows(
        similar_readings_reference(watched, observed, floor)
    )


def test_the_bulk_search_is_lossless_on_many_invented_readings() -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same readings on every run
    names = [
        "".join(chance.choices("アカサー" if number % 2 else BEATS, k=chance.randint(1, 9))) for number in range(220)
    ]
    names = [name for name in names if name.strip("ー")]
    assert rows(similar_readings(names, names, 0.8)) == rows(similar_readings_reference(names, names, 0.8))


def test_a_reading_is_found_for_everyone_who_has_it() -> None:
    hits = similar_readings(["ソラミ", "ヌノメ", "ソラミ"], ["ヌノメ", "ソラミ", "ソラミ"], 0.8)
    assert [(watched, observed) for watched, observed, _ in rows(hits)] == [(1, 0), (0, 1), (2, 1), (0, 2), (2, 2)]
    assert len(similar_readings([], ["ソラミ"], 0.8)) == 0


@pytest.mark.parametrize("floor", [0.0, -1.0, 1.1])
def test_a_floor_out_of_range_is_refused(floor: float) -> None:
    with pytest.raises(ValueError, match="floor"):
        similar_readings(["ソラミ"], ["ソラミ"], floor)


def test_a_reading_without_kana_is_refused() -> None:
    with pytest.raises(ValueError, match="kana"):
        similar_readings(["sorami"], ["ソラミ"], 0.8)


def test_very_long_readings_and_rare_beats_are_compared_in_bounded_time() -> None:
    long = ["ソラミ" * 5_000, "ヌノメ" * 5_000, "ァ" * 20_000]
    began = time.process_time()
    assert [(i, j) for i, j, _ in rows(similar_readings(long, long, 0.8))] == [(0, 0), (1, 1), (2, 2)]
    assert time.process_time() - began < 5.0


def test_every_mora_there_is_may_stand_in_the_readings() -> None:
    every = [
        first + small for first in map(chr, range(ord("ァ"), ord("ヺ") + 1)) for small in ("", *"ァィゥェォャュョヮ")
    ]
    began = time.process_time()
    hits = similar_readings(every, every, 1.0)
    assert set(range(len(every))) <= set(hits.watched.tolist())
    assert time.process_time() - began < 20.0


@given(
    st.lists(st.text(alphabet="ab", max_size=6), max_size=9),
    st.lists(st.text(alphabet="ab", max_size=6), max_size=9),
    st.integers(0, 3),
)
def test_near_pairs_are_all_pairs_within_the_edits(left: list[str], right: list[str], edits: int) -> None:
    batches = list(near_pairs(left, right, lambda _left, _right: edits))
    pairs = sorted(map(tuple, np.concatenate(batches).tolist())) if batches else []
    expected = [(i, j) for i, a in enumerate(left) for j, b in enumerate(right) if OSA.distance(a, b) <= edits]
    assert pairs == expected


def test_more_edits_than_a_byte_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="254"):
        list(near_pairs(["a"], ["b"], lambda _left, _right: 255))


def test_one_comparison_takes_little_time() -> None:
    began = time.process_time()
    for number in range(200):
        compare_readings("カネトヨショウジ" + "アイウエオ"[number % 5], "カナトヨシジョウ")
    assert time.process_time() - began < 2.0
