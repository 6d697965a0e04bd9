from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.names.phonetic_index import (
    MAX_RUNS,
    PhoneticMatch,
    SoundIndex,
    phonetic_reference,
    spoken_variant,
)
from ipwatch.matching.variants import Variant, variant_of
from ipwatch.text.folding.skeleton import MAX_CHARACTERS
from ipwatch.text.phonetics.phonetic_runs import near_in_sound, placed_runs, sound_skeleton

SPOKEN = (
    "Sony ソニー 소니 Uniqlo ユニクロ unikuro Apple アップル アプル candy Levi's リーバイス キャンディ ハウス house の"
)
WORDS = st.sampled_from([*SPOKEN.split(), "製", "12", "・", "матрица", "T&S", "ティー", "アンド", "エス"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from(["", " "])), max_size=8).map(
    lambda several: "".join(f"{word}{gap}" for word, gap in several)
)
LETTERS = st.text(alphabet="sonikrpaソニクロアプル소니 ", min_size=2, max_size=8)


def variants_from(names: list[str]) -> list[Variant]:
    return [variant for name in names if (variant := variant_of(name)) is not None]


def order(numbered: tuple[int, PhoneticMatch]) -> tuple[int, int, int, int]:
    text, match = numbered
    return text, match.variant, match.first, match.last


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(TEXTS, LETTERS), max_size=6), st.lists(st.one_of(TEXTS, LETTERS), max_size=6))
def test_the_index_finds_what_comparing_every_window_finds(names: list[str], texts: list[str]) -> None:
    variants = variants_from(names)
    assert sorted(SoundIndex(variants).find(texts), key=order) == sorted(phonetic_reference(variants, texts), key=order)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ksrna", min_size=3, max_size=7), st.data())
def test_every_skeleton_within_one_edit_is_found(name: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from(["", "k", "t", "a", name[index] * 2, name[index : index + 2][::-1]]))
    other = name[:index] + letter + name[index + 1 :]
    kana = "".join({"k": "ク", "s": "ス", "r": "ル", "n": "ン", "a": "ア"}[char] for char in name)
    variants = variants_from([kana])
    assert sorted(SoundIndex(variants).find([other]), key=order) == sorted(
        phonetic_reference(variants, [other]), key=order
    )


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("ユニクロ", "new Uniqlo shirt"),
        ("Uniqlo", "新品 ユニクロ シャツ"),
        ("Uniqlo", "ユニクロのシャツ"),
        ("アップル", "an Apple a day"),
        ("Apple", "アップル製 ケース"),
        ("キャンディハウス", "my CANDY HOUSE lock"),
        ("CANDY HOUSE", "新品 キャンディ・ハウス"),
        ("リーバイス", "used Levi's 501"),
        ("GATSBY", "ギャツビー ワックス"),
        ("소니", "the Sony tower"),
        ("ソニー", "소니 헤드폰"),
    ],
)
def test_a_name_matches_its_sound_in_another_script(mark: str, title: str) -> None:
    assert list(SoundIndex(variants_from([mark])).find([title]))


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Braun", "brown shoes"),
        ("ソニー", "そにい"),
        ("ドリヤ", "new Midoriyama bag"),
        ("アレス", "カラー レザー"),
        ("ソニー", "so матрица ny"),
        ("J SPORTS", "スポーツ ウェア"),
        ("Three F", "スリー サイズ"),
        ("日本 Sony", "ソニー"),
        ("12", "ジュウニ"),
    ],
)
def test_one_script_parts_of_words_and_of_names_do_not_match(mark: str, title: str) -> None:
    assert not list(SoundIndex(variants_from([mark])).find([title]))


def test_a_form_of_several_scripts_or_too_long_is_not_spoken() -> None:
    assert spoken_variant("Tカード") is None
    assert spoken_variant("カタナ" * 60) is None
    assert not list(SoundIndex([variant_of("カ" * 200), None]).find(["ka " * 300, "ka" * 200]))


def test_a_mark_with_many_variants_and_a_hostile_title_take_bounded_time() -> None:
    variants = variants_from(
        [f"{word}{number}".translate(KANA) for word in ("カメラ", "ソニー") for number in range(2_000)]
    )
    hostile = ["sony " * 400, "ソ" * 5_000, "a" * 5_000, "\ud800" * 99, "\0sony\0", "소" * 5_000, ""]
    matches = list(SoundIndex(variants).find(hostile))
    assert all(match.last - match.first <= MAX_RUNS for _, match in matches)


KANA = str.maketrans("0123456789", "アイウエオカキクケコ")


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        list(SoundIndex(variants_from(["sony"])).find(["a" * (MAX_CHARACTERS + 1)]))


@pytest.mark.parametrize("text", ["", "製品 12"])
def test_without_forms_or_words_nothing_matches(text: str) -> None:
    assert not list(SoundIndex([]).find([text]))
    assert not list(SoundIndex(variants_from(["sony"])).find([text]))


def test_near_keys_share_their_consonants() -> None:
    assert near_in_sound("ynikro", "unikro")
    assert not near_in_sound("k", "k")
    assert not near_in_sound("kat", "sok")
    assert sound_skeleton("ynikro") == "ankr"
    assert not near_in_sound("a" * 70, "a" * 70)
    assert len(placed_runs("Sony ソニー")) == 2
