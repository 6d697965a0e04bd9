from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.phonetics.kana import consonant_of, morae, romaji, vowel_of


@pytest.mark.parametrize(
    ("kana", "beats"),
    [
        ("シャッター", ("シャ", "ッ", "タ", "ー")),
        ("きょうと", ("キョ", "ウ", "ト")),
        ("ｿﾆｰ", ("ソ", "ニ", "ー")),
        ("ティッシュ", ("ティ", "ッ", "シュ")),
        ("A-ン・b", ("ン",)),
        ("", ()),
    ],
)
def test_morae(kana: str, beats: tuple[str, ...]) -> None:
    assert morae(kana) == beats


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("まっちゃ", "matcha"),
        ("トーキョー", "tookyoo"),
        ("イマバリタオル", "imabaritaoru"),
        ("シャネル", "shaneru"),
        ("ジュンイチ", "junichi"),
        ("ファミリー", "famirii"),
        ("ウィーン", "wiin"),
        ("ヴァン", "van"),
        ("ティー", "tii"),
        ("ッ", ""),
        ("ー", ""),
        ("ーー", ""),
        ("ンーー", "n"),
        ("ッーア", "a"),
        ("アーー", "aaa"),
    ],
)
def test_romaji_is_hepburn(kana: str, latin: str) -> None:
    assert romaji(kana) == latin


@given(st.text(alphabet=st.characters(min_codepoint=0x30A1, max_codepoint=0x30FF), max_size=20))
def test_any_katakana_can_be_read(text: str) -> None:
    assert romaji(text).isascii()
    for mora in morae(text):
        assert vowel_of(mora) in {None, *"aiueo"}
        assert consonant_of(mora) == "" or consonant_of(mora).isalpha()
