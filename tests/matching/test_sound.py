from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.matching.forms import SeenText, form_of
from ipwatch.matching.sound import SIMILAR, SoundIndex, compare_readings, reading_signal

KATAKANA = st.text(alphabet="アイカガサザタダナハバパマラワンッーシャ", min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("a", "b", "term"),
    [
        ("スチッパー", "スキッパー", "sound_vowel"),
        ("バンコシン", "バンコミン", "sound_vowel"),
        ("ヘトロン", "ペトロン", "sound_voicing"),
        ("クレカ", "グレカ", "sound_voicing"),
        ("サンシール", "サンジール", "sound_voicing"),
        ("レーマン", "レマン", "sound_length"),
        ("コロネート", "コロネット", "sound_length"),
        ("ソニー", "ソニー", "sound_same"),
    ],
)
def test_published_examples_are_similar_for_the_published_reason(a: str, b: str, term: str) -> None:
    found = compare_readings(a, b)
    assert found.similarity >= SIMILAR
    assert found.term == term


@pytest.mark.parametrize(
    ("a", "b"), [("アサヒ", "キリン"), ("ソニー", "トヨタ"), ("カシオ", "カネカ"), ("サントリー", "サンヨー")]
)
def test_other_names_do_not_sound_alike(a: str, b: str) -> None:
    found = compare_readings(a, b)
    assert found.similarity < SIMILAR
    assert found.term == "sound_different"


@given(KATAKANA, KATAKANA)
def test_sound_is_symmetric_and_bounded(a: str, b: str) -> None:
    forth, back = compare_readings(a, b).similarity, compare_readings(b, a).similarity
    assert forth == pytest.approx(back)
    assert 0.0 <= forth <= 1.0
    assert compare_readings(a, a).similarity == 1.0


@given(KATAKANA, KATAKANA)
def test_the_floor_drops_only_what_is_under_it(a: str, b: str) -> None:
    free, floored = reading_signal([a], [b], None), reading_signal([a], [b], None, floor=SIMILAR)
    assert free is not None
    similar = compare_readings(a, b).similarity >= SIMILAR
    assert (floored is not None) == similar
    if floored is not None:
        assert floored == free


def test_a_reading_without_kana_is_refused_and_long_ones_are_cut() -> None:
    with pytest.raises(ValueError, match="kana"):
        compare_readings("SONY", "ソニー")
    assert compare_readings("ア" * 10_000, "ア" * 9_000).similarity == 1.0


@pytest.mark.parametrize(
    ("mark", "title", "surface"),
    [
        ("ソニー", "new sony radio", "sony"),
        ("Panasonic", "新品 パナソニック 電池", "パナソニック"),
        ("ポケットモンスター", "pocket monster card", "pocket monster"),
        ("イマバリタオル", "Imabari taoru 3p", "Imabari taoru"),
        ("ニッサン", "ｎｉｓｓａｎ", "ｎｉｓｓａｎ"),
    ],
)
def test_names_are_found_by_sound_in_the_other_script(mark: str, title: str, surface: str) -> None:
    form = form_of(mark)
    assert form is not None
    places = SoundIndex([form]).find(SeenText.of("title", title))
    assert title[slice(*places[0])] == surface


@pytest.mark.parametrize(("mark", "title"), [("キャノン", "I can on Sunday"), ("今治", "imabari"), ("ソニー", "sonic")])
def test_names_are_not_found_by_sound_in_other_words(mark: str, title: str) -> None:
    form = form_of(mark)
    assert form is not None
    assert SoundIndex([form]).find(SeenText.of("title", title)) == {}
