from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.folding.skeleton import MAX_CHARACTERS
from ipwatch.text.phonetics.notation import NameScript
from ipwatch.text.phonetics.phonetic_key import sound_key
from ipwatch.text.phonetics.phonetic_runs import (
    consonants,
    near_in_sound,
    placed_runs,
    sound_runs,
    sound_skeleton,
    sound_stream,
)

MIXED = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "aeiouchxkstyrlAghtnソニーッンャがギｶﾞ゛ﾟé&'0135 가각ᄀ\u1161\u11a8東二々\u3099\u0301\u200b\0·ЖßＡ"
        ),
    )
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Sony ソニー 소니", ["soni", "soni", "soni"]),
        ("ポケット・モンスター Pocket-Monster", ["poket", "monsta", "poket", "monsta"]),
        ("松本キヨシ", ["", "", "kiyosi"]),
        ("ユニクロの服", ["ynikro", "no", ""]),
        ("so матрица ny", ["so", "", "ni"]),
        ("ソ🎌ニ", ["so", "ni"]),
        ("ѕоny", ["soni"]),
        ("S0NY", ["soni"]),
        ("24karats", ["", "", "karat"]),
        ("", []),
        ("!? ー", []),
    ],
)
def test_runs(text: str, keys: list[str]) -> None:
    assert [run.key for run in sound_runs([text])[0]] == keys


@pytest.mark.parametrize(
    ("text", "stream"),
    [
        ("Sony ソニー 소니", "sonisonisoni"),
        ("松本キヨシ 松本Kiyoshi", "松本kiyosi松本kiyosi"),
        ("24karats", "24karat"),
        ("so матрица ny", "so·ni"),
        ("\ud800ソ\0ニ", "soni"),
        ("", ""),
    ],
)
def test_stream(text: str, stream: str) -> None:
    assert sound_stream(text) == stream


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("新品 ソニー 電池", "ソニー"),
        ("for Levi's, new", "Levi's"),
        ("超ｿﾆｰ製", "ｿﾆｰ"),
        ("ソニーの箱", "ソニー"),
        ("The S0NYs", "S0NYs"),
        ("Café", "Café"),
        ("Cafe\u0301 x", "Cafe\u0301"),
    ],
)
def test_a_run_is_where_it_is_written(text: str, written: str) -> None:
    key = sound_key(written)
    placed = next(candidate for candidate in placed_runs(text) if candidate.run.key == key)
    assert text[placed.start : placed.end] == written


@given(st.lists(MIXED, max_size=5))
def test_one_by_one_and_all_at_once_are_equal(texts: list[str]) -> None:
    for text, runs in zip(texts, sound_runs(texts), strict=True):
        placed = placed_runs(text)
        assert [placed_run.run for placed_run in placed] == runs
        assert [(placed_run.start, placed_run.end) for placed_run in placed] == sorted(
            (placed_run.start, placed_run.end) for placed_run in placed
        )
        assert all(0 <= placed_run.start < placed_run.end <= len(text) for placed_run in placed)
        assert all((run.script is None) == (not run.key) for run in runs)


def test_scripts() -> None:
    scripts = [run.script for run in sound_runs(["Sony ソニー そに 소니 製 1"])[0]]
    assert scripts == [NameScript.LATIN, NameScript.KANA, NameScript.KANA, NameScript.HANGUL, None, None]


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("ynikro", "unikro", True),
        ("gatbi", "gyatbi", True),
        ("apr", "apr", True),
        ("kat", "kitosi", False),
        ("sak", "sap", False),
        ("kandihs", "kyandihaus", True),
        ("k", "k", False),
        ("k" * 65, "k" * 65, False),
        ("", "", False),
    ],
)
def test_near_in_sound(left: str, right: str, *, near: bool) -> None:
    assert near_in_sound(left, right) is near_in_sound(right, left) is near


def test_a_skeleton_keeps_consonants_and_whether_a_vowel_opens() -> None:
    assert (consonants("ynikro"), sound_skeleton("ynikro"), sound_skeleton("gatbi"), sound_skeleton("")) == (
        "nkr",
        "ankr",
        "ktb",
        "",
    )


def test_no_texts() -> None:
    assert sound_runs([]) == []


@pytest.mark.parametrize("hostile", ["a\u0301" * 10_000, "\u0301" * 20_000, "ﾞ" * 20_000, "x" * 20_000, "ｶﾞ" * 10_000])
def test_floods_take_bounded_time(hostile: str) -> None:
    assert [placed_run.run for placed_run in placed_runs(hostile)] == sound_runs([hostile])[0]


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="20001 characters"):
        sound_runs(["ok", "a" * (MAX_CHARACTERS + 1)])
    with pytest.raises(ValueError, match="20001 characters"):
        placed_runs("a" * (MAX_CHARACTERS + 1))
