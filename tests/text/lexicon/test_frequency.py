from __future__ import annotations

import time
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.lexicon.frequency import commonness


@pytest.mark.parametrize("word", ["the", "one", "song", "songs", "running", "canonical", "Lions", "ＢＲＯＴＨＥＲ"])
def test_english_words_and_their_inflections_are_common(word: str) -> None:
    assert commonness(word) >= 3.0


@pytest.mark.parametrize("word", ["音楽", "タオル", "たおる", "ﾀｵﾙ", "キリン", "学生", "これ"])
def test_japanese_words_are_common_in_either_kana(word: str) -> None:
    assert commonness(word) >= 2.0


@pytest.mark.parametrize(
    "word",
    [
        "",
        "a",
        "Sony",
        "toyota",
        "nikon",
        "seiko",
        "muji",
        "ソニー",
        "花王",
        "日産",
        "이것",
        "s0ng",
        "song ",
        "x" * 10_000,
    ],
)
def test_names_and_what_is_no_word_are_not(word: str) -> None:
    assert commonness(word) == 0.0


def test_the_commoner_word_has_the_higher_value() -> None:
    assert commonness("one") > commonness("song") > commonness("canonical") > commonness("stallion") > 0


@given(st.text(max_size=60))
def test_any_text_has_a_value(word: str) -> None:
    assert 0.0 <= commonness(word) < 8.0


def test_a_lone_surrogate_is_no_word() -> None:
    assert commonness("\ud800song") == 0.0


@pytest.mark.parametrize("name", ["words_en.txt", "words_ja.txt"])
def test_lists_are_sorted_small_and_say_where_they_come_from(name: str) -> None:
    text = (files("ipwatch.text.lexicon") / "tables" / name).read_text(encoding="utf-8")
    header, rows = ([line for line in text.splitlines() if line.startswith("#") is wanted] for wanted in (True, False))
    assert rows == sorted(set(rows))
    assert len(text.encode()) < 1_000_000
    assert "Source" in " ".join(header)
    assert "Licence" in " ".join(header)
    assert (files("ipwatch.text.lexicon") / "tables" / name.replace(".txt", ".LICENSE")).is_file()


def test_a_word_is_looked_up_quickly() -> None:
    commonness("song")
    words = [f"word{number}" for number in range(20_000)]
    began = time.process_time()
    for word in words:
        commonness(word)
    assert time.process_time() - began < 2.0
