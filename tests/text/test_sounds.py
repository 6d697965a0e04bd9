from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.normalize import MAX_CHARACTERS
from ipwatch.text.romanize import sound_key
from ipwatch.text.sounds import sound_edits, sound_folded, sounds

MIXED = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "aeiouchxkstyrlAghtnソニーッンャがギｶﾞ゛ﾟé&'0135 가각ᄀ\u1161\u11a8東二々\u3099\u0301\u200b\0·ЖßＡ"
        ),
    )
)


@pytest.mark.parametrize(
    ("text", "stream"),
    [
        ("Sony ソニー 소니", "sonisonisoni"),
        ("ポケット・モンスター Pocket-Monster", "poketmonstapoketmonsta"),
        ("松本キヨシ 松本Kiyoshi", "松本kiyosi松本kiyosi"),
        ("24karats", "24karat"),
        ("so матрица ny", "so·ni"),
        ("so ждём ny", "so·ni"),
        ("ソ🎌ニ", "soni"),
        ("ѕоny", "soni"),
        ("\ud800ソ\0ニ", "soni"),
        ("", ""),
        ("!?", ""),
    ],
)
def test_stream(text: str, stream: str) -> None:
    assert sound_folded(text).text == stream
    assert sounds([text]).text(0) == stream


@pytest.mark.parametrize(
    ("text", "name", "seen"),
    [
        ("新品 ソニー 電池", "Sony", "ソニー"),
        ("for Sony, new", "ソニー", "Sony"),
        ("best coffee cup", "コヒ", "coffee"),
        ("超ｿﾆｰ製", "소니", "ｿﾆｰ"),
        ("a Big Burger menu", "ビッグバーガー", "Big Burger"),
        ("The S0NYs", "ソニ", "S0NY"),
    ],
)
def test_a_name_is_heard_where_it_stands(text: str, name: str, seen: str) -> None:
    heard = sound_folded(text)
    key = sound_key(name)
    start = heard.text.index(key)
    first, last = heard.span(start, start + len(key))
    assert text[first:last] == seen


@given(st.lists(MIXED, max_size=5))
def test_one_by_one_and_all_at_once_are_equal(texts: list[str]) -> None:
    together = sounds(texts)
    assert len(together) == len(texts)
    for at, text in enumerate(texts):
        alone = sound_folded(text)
        assert together.text(at) == alone.text
        assert len(alone.offsets) == len(alone.text)
        assert list(alone.offsets) == sorted(alone.offsets)
        if alone.text:
            first, last = alone.span(0, len(alone.text))
            assert 0 <= first < last <= len(text)


def test_no_texts() -> None:
    assert len(sounds([])) == 0


@pytest.mark.parametrize("hostile", ["a\u0301" * 10_000, "\u0301" * 20_000, "ﾞ" * 20_000, "x" * 20_000, "ｶﾞ" * 10_000])
def test_floods_take_bounded_time(hostile: str) -> None:
    assert sounds([hostile]).text(0) == sound_folded(hostile).text


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="20001 characters"):
        sounds(["ok", "a" * (MAX_CHARACTERS + 1)])
    with pytest.raises(ValueError, match="20001 characters"):
        sound_folded("a" * (MAX_CHARACTERS + 1))


def test_allowed_edits() -> None:
    assert [sound_edits(length) for length in (0, 5, 7, 8, 13, 14, 19, 20)] == [0, 0, 0, 1, 1, 2, 2, 3]
