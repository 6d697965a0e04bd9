from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.kana import consonant_of, morae, romaji, vowel_of
from ipwatch.text.reading import readings_of
from ipwatch.text.romanize import sound_key


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
    ],
)
def test_romaji_is_hepburn(kana: str, latin: str) -> None:
    assert romaji(kana) == latin


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("ソニー", "Sony"),
        ("ニッサン", "Nissan"),
        ("トヨタ", "TOYOTA"),
        ("ニンテンドー", "Nintendo"),
        ("パナソニック", "Panasonic"),
        ("シャープ", "Sharp"),
        ("キッコーマン", "Kikkoman"),
        ("キョウセラ", "Kyocera"),
        ("ポケットモンスター", "Pocket Monster"),
        ("イマバリタオル", "imabari taoru"),
        ("とうきょう", "Tōkyō"),
        ("ノリタケ", "Noritake"),
        ("ヤマハ", "YAMAHA"),
    ],
)
def test_a_name_has_one_sound_key_in_kana_and_latin(kana: str, latin: str) -> None:
    assert sound_key(kana) == sound_key(latin)


@pytest.mark.parametrize(("a", "b"), [("ソニー", "サンヨー"), ("ライオン", "Lemon"), ("カシオ", "Citizen")])
def test_other_names_have_other_keys(a: str, b: str) -> None:
    assert sound_key(a) != sound_key(b)


@pytest.mark.parametrize("text", ["", "今治", "소니", "!!", "🎌"])
def test_what_is_not_spelled_in_sounds_has_no_key(text: str) -> None:
    assert sound_key(text) == ""


@given(st.text(alphabet=st.characters(min_codepoint=0x30A1, max_codepoint=0x30FF), max_size=20))
def test_any_katakana_can_be_read(text: str) -> None:
    assert romaji(text).isascii()
    for mora in morae(text):
        assert vowel_of(mora) in {None, *"aiueo"}
        assert consonant_of(mora) == "" or consonant_of(mora).isalpha()


def test_readings_are_declared_or_stand_in_kana() -> None:
    assert readings_of("今治タオル", ["いまばりたおる"]) == ("イマバリタオル",)
    assert readings_of("ポケモン POKEMON") == ("ポケモン",)
    assert readings_of("ソニー・ミュージック") == ("ソニーミュージック",)
    assert readings_of("今治タオル") == ()  # タオル is a piece of it, not its reading
    assert readings_of("花王") == ()
    assert readings_of("カ") == ()
