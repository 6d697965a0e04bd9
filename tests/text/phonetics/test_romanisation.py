from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.phonetics.kana import ROWS, morae
from ipwatch.text.phonetics.korean import hangul
from ipwatch.text.phonetics.romanisation import (
    MAX_MORAE,
    Romanisation,
    hidden_long_vowels,
    kana_spellings,
    katakana,
    latin,
    spellings,
)

KANA = "".join(ROWS.values()).replace("ヂ", "").replace("ヅ", "") + "ヤユヨワ"
CONTRACTED = [head + small for head in "キギシジチニヒビピミリ" for small in "ャュョ"]

geminate = st.sampled_from([*"カキクケコサスセソタテトパピプペポ", "シ", "チ", "ツ"])
words = st.lists(
    st.one_of(
        st.sampled_from([*KANA, *CONTRACTED]),
        st.sampled_from([*KANA, *CONTRACTED]).map(lambda mora: mora + "ン"),
        geminate.map(lambda mora: "ア" + "ッ" + mora),
        st.sampled_from("カサタハマ").map(lambda mora: mora + "ー"),
    ),
    min_size=1,
    max_size=8,
).map("".join)


@pytest.mark.parametrize(
    ("kana", "hepburn", "kunrei", "wapuro"),
    [
        ("コウベ", "kōbe", "kôbe", "koube"),
        ("トーキョー", "tōkyō", "tôkyô", "to-kyo-"),
        ("シンイチ", "shin'ichi", "sin'iti", "shin'ichi"),
        ("マッチャ", "matcha", "mattya", "maccha"),
        ("オオサカ", "ōsaka", "ôsaka", "oosaka"),
        ("ヂヅヲ", "jizuo", "zizuo", "diduwo"),
        ("ニイガタ", "niigata", "niigata", "niigata"),
        ("フジサン", "fujisan", "huzisan", "fujisan"),
        ("きょうと", "kyōto", "kyôto", "kyouto"),
        ("ファン", "fan", "fan", "fan"),
        ("", "", "", ""),
    ],
)
def test_three_systems(kana: str, hepburn: str, kunrei: str, wapuro: str) -> None:
    systems = (Romanisation.HEPBURN, Romanisation.KUNREI, Romanisation.WAPURO)
    assert [latin(kana, system) for system in systems] == [hepburn, kunrei, wapuro]


@given(words)
def test_wapuro_gives_the_kana_back(kana: str) -> None:
    assert katakana(latin(kana, Romanisation.WAPURO), Romanisation.WAPURO) == "".join(morae(kana))


@given(words, st.sampled_from([Romanisation.HEPBURN, Romanisation.KUNREI]))
def test_the_other_systems_give_kana_of_the_same_spelling(kana: str, system: Romanisation) -> None:
    spelled = latin(kana, system)
    back = katakana(spelled, system)
    assert back is not None
    assert latin(back, system) == spelled


@given(words, st.sampled_from([Romanisation.HEPBURN, Romanisation.KUNREI]))
def test_hepburn_and_kunrei_are_read_side_by_side(kana: str, system: Romanisation) -> None:
    assert katakana(latin(kana, system)) == katakana(latin(kana, system), system)


@given(st.text(max_size=40), st.sampled_from([None, *Romanisation]))
def test_any_text_is_kana_or_none(text: str, system: Romanisation | None) -> None:
    read = katakana(text, system)
    assert read is None or "".join(morae(read)) == read


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("TOYOTA", "トヨタ"),
        ("Shimbashi", "シンバシ"),
        ("Mitutoyo", "ミツトヨ"),
        ("Kimetsu-no-Yaiba", "キメツノヤイバ"),
        ("Kōbe", "コーベ"),
        ("Ｎａｒｕｔｏ", "ナルト"),
        ("Kappa", "カッパ"),
        ("Jun'ichi", "ジュンイチ"),
    ],
)
def test_latin_letters_that_are_clearly_japanese(text: str, kana: str) -> None:
    assert katakana(text) == kana


@pytest.mark.parametrize(
    "text", ["", " ", "Sony", "Canon", "hello", "Zelda", "\u0304", "ー", "ソニー", "花王", "-", "tt"]
)
def test_latin_letters_that_are_not(text: str) -> None:
    assert katakana(text) is None


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("コウベ", {"kobe", "koube", "koobe", "kohbe"}),
        ("ナンブ", {"nanbu", "nambu"}),
        ("ツジリ", {"tsujiri", "tuziri"}),
        ("ソニー", {"soni", "sonii"}),
        ("トーキョー", {"tokyo", "toukyou", "tookyoo", "tohkyoh"}),
        ("", set()),
    ],
)
def test_spellings_in_use(kana: str, expected: set[str]) -> None:
    assert set(spellings(kana)) == expected


@given(words)
def test_spellings_are_bounded_distinct_and_begin_with_hepburn(kana: str) -> None:
    variants = spellings(kana)
    assert len(variants) == len(set(variants)) <= 11
    assert all(spelling.isascii() for spelling in variants)
    assert skeleton(latin(kana)).text in {skeleton(spelling).text for spelling in variants}


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("シセイドウ", ("シセイドウ", "シセイドー", "シセードー")),
        ("ソニー", ("ソニー", "ソニイ")),
        ("トーキョー", ("トーキョー", "トオキョオ", "トウキョウ")),
        ("タオル", ("タオル",)),
        ("", ()),
    ],
)
def test_kana_spell_long_vowels_in_several_ways(kana: str, expected: tuple[str, ...]) -> None:
    assert kana_spellings(kana) == expected


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("コギョ", ("コギョ", "コギョウ", "コウギョウ")),
        ("キュシュ", ("キュシュ", "キュウシュウ")),
        ("サトヨ", ("サトヨ", "サトヨウ", "サトウヨウ")),
        ("ホンダ", ("ホンダ",)),
        ("コウベ", ("コウベ",)),
        ("", ()),
    ],
)
def test_latin_letters_may_hide_long_vowels(kana: str, expected: tuple[str, ...]) -> None:
    assert hidden_long_vowels(kana) == expected


@pytest.mark.parametrize(
    ("kana", "official", "in_use"),
    [
        ("トヨタ", "도요타", "토요타"),
        ("トウキョウ", "도쿄", "도우쿄우"),
        ("カシオ", "가시오", "카시오"),
        ("ツジリ", "쓰지리", "츠지리"),
        ("カツヤ", "가쓰야", "카쯔야"),
        ("ホッカイドウ", "홋카이도", "홋카이도우"),
        ("ニンテンドー", "닌텐도", None),
        ("ソニー", "소니", None),
        ("ニイガタ", "니가타", "니이가타"),
        ("チバ", "지바", "치바"),
    ],
)
def test_hangul_by_the_korean_rules(kana: str, official: str, in_use: str | None) -> None:
    variants = hangul(kana)
    assert variants[0] == official
    assert variants[1:] == () if in_use is None else in_use in variants
    assert len(variants) == len(set(variants)) <= 12


@pytest.mark.parametrize("kana", ["", "花王", "クァ", "ッ", "ン", "ー", "ア" * (MAX_MORAE + 1)])
def test_what_has_no_korean_spelling(kana: str) -> None:
    assert hangul(kana) == ()


@given(st.text(alphabet=st.characters(min_codepoint=0x30A1, max_codepoint=0x30FF), max_size=70))
def test_any_katakana_is_transcribed_within_bounds(text: str) -> None:
    assert len(spellings(text)) <= 11
    assert len(hangul(text)) <= 12
    assert len(kana_spellings(text)) <= 5
    assert len(hidden_long_vowels(text)) <= 4
    for system in Romanisation:
        latin(text, system)
