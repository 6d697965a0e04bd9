from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.phonetics.phonetic_key import RUNS, is_spelled, keys_of, sound_fold, sound_key

RUN = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14),
    st.text(
        "ァアィイカガキクグコサシスソタチッツティトナニヌノヒファフホマミムメャュョラリルロワンヴーェォ",
        min_size=1,
        max_size=10,
    ),
    st.text("가각강남벅스커피뷁값유니클로소", min_size=1, max_size=8),
)


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("ソニー", "Sony", "소니", "SONY", "ｿﾆｰ", "そにー", "S0NY"), "soni"),
        (("ライフ", "Life"), "raih"),
        (("コーヒー", "kohii", "KOHI"), "kohi"),
        (("スターバックス", "Starbucks", "스타벅스"), "stabaks"),
        (("カフェ", "café"), "kahe"),
        (("フェニックス", "Phenix"), "heniks"),
        (("ヴィラ", "villa", "vila"), "bira"),
        (("アンド", "&", "and"), "and"),
    ],
)
def test_a_name_has_one_key_in_every_script(names: tuple[str, ...], key: str) -> None:
    assert {name: sound_key(name) for name in names} == dict.fromkeys(names, key)


@pytest.mark.parametrize(("a", "b"), [("ソニー", "サンヨー"), ("ライオン", "Lemon"), ("코리아", "Korona")])
def test_other_names_have_other_keys(a: str, b: str) -> None:
    assert sound_key(a) != sound_key(b)


@pytest.mark.parametrize("text", ["", "今治", "!!", "🎌", "Ждать", "12", "\ud800", "\0", "\u0301"])
def test_what_is_not_spelled_in_sounds_has_no_key(text: str) -> None:
    assert sound_key(text) == ""


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Levi's", "levis"),
        ("b2b 4x4 MP3", "b2b 4x4 mp3"),
        ("R3D w1ne", "r3d wine"),
        ("ｶﾞｰ\u200bﾙ", "ガール"),
        ("東京１", "東京1"),
        ("да", "··"),
        ("ѕоny", "sony"),
        ("a\u0301", "a"),
        ("Æon", "aeon"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert sound_fold(text) == folded


@given(st.lists(RUN, max_size=6))
def test_many_runs_have_the_keys_they_have_alone(runs: list[str]) -> None:
    keys = keys_of(runs)
    assert keys == [keys_of([run])[0] for run in runs]
    assert all(key == "" or (key.isascii() and key.islower() and key.isalpha()) for key in keys)


@given(st.text())
def test_runs_cover_what_is_pronounced(text: str) -> None:
    folded = sound_fold(text)
    assert "".join(RUNS.findall(folded)) == folded.replace(" ", "")
    assert sound_key(text) == "".join(keys_of(run for run in RUNS.findall(folded) if is_spelled(run)))


@given(st.integers(1, 4))
def test_a_long_run_is_keyed_in_time(size: int) -> None:
    assert set(sound_key("sonyx" * 1000 * size)) == set("soniks")
