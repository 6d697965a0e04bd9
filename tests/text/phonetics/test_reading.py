from __future__ import annotations

import importlib.util
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.errors import ConfigError
from ipwatch.text.phonetics import reading
from ipwatch.text.phonetics.kana import morae
from ipwatch.text.phonetics.reading import MAX_PROPOSALS, MAX_READ, propose_readings, readings_of

analysed = pytest.mark.skipif(
    importlib.util.find_spec("sudachipy") is None, reason="the extra 'reading' is not installed"
)


def test_readings_are_declared_or_stand_in_kana() -> None:
    assert readings_of("鶴見織", ["つるみおり"]) == ("ツルミオリ",)
    assert readings_of("ポケモン") == readings_of("【ぽけもん】!") == ("ポケモン",)
    assert readings_of("花王") == ()
    assert readings_of("カ") == ()
    assert readings_of("ソニー・ミュージック") == ("ソニーミュージック",)
    assert readings_of("ノリマ　カワ") == ("ノリマカワ",)  # one name in two words
    assert readings_of("トム&ジェリー") == ("トムアンドジェリー",)


@pytest.mark.parametrize(
    "text",
    ["SONY ヘッドホン", "博多 ラーメン", "リオン SPECIAL", "鶴見タオル", "ポケモン 2", "㈱ノリマ", "&", "소니 ソニー"],
)
def test_what_leaves_a_letter_unread_has_no_reading(text: str) -> None:
    assert readings_of(text) == ()
    assert readings_of(text, ["ノリマ"]) == ("ノリマ",)


@pytest.mark.parametrize("text", ["シャ○ル", "モ*ーナ", "ノリ〇カワ"])
def test_a_masked_name_is_not_read_without_its_masked_letter(text: str) -> None:
    assert readings_of(text) == ()
    assert readings_of("ポケモン×ユニクロ") == ("ポケモンユニクロ",)  # two names, and nothing masked


@analysed
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("花火", "ハナビ"),
        ("東京タワー", "トウキョウタワー"),
        ("日本酒", "ニホンシュ"),
        ("博多織", "ハカタオリ"),
        ("つる屋", "ツルヤ"),
        ("Ａ１", "エーイチ"),
    ],
)
def test_an_analyser_proposes_readings(text: str, expected: str) -> None:
    proposals = propose_readings(text)
    assert expected in {proposal.reading for proposal in proposals}
    assert all("SudachiPy" in proposal.analyser and proposal.basis for proposal in proposals)


@analysed
def test_several_readings_are_proposed_where_the_dictionary_knows_them() -> None:
    assert {"ニホンドウ", "ニッポンドウ"} <= {proposal.reading for proposal in propose_readings("日本堂")}


@analysed
@pytest.mark.parametrize("text", ["", " ", "🎌", "소니", "\ud800", "\0", "zqxw", "・"])
def test_what_the_analyser_cannot_read_has_no_proposal(text: str) -> None:
    assert propose_readings(text) == ()


@analysed
@settings(max_examples=60, deadline=None)
@given(st.text(max_size=MAX_READ))
def test_proposals_are_kana_distinct_and_few(text: str) -> None:
    readings = [proposal.reading for proposal in propose_readings(text)]
    assert len(set(readings)) == len(readings) <= MAX_PROPOSALS
    assert all(len(morae(each)) >= 2 for each in readings)


def test_a_long_text_is_refused() -> None:
    with pytest.raises(ValueError, match="no name"):
        propose_readings("鶴" * (MAX_READ + 1))


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> ModuleSpec | None:
        return None if name == "sudachipy" else importlib.util.find_spec(name)

    find: Callable[[str], ModuleSpec | None] = nothing
    monkeypatch.setattr(reading, "find_spec", find)
    with pytest.raises(ConfigError, match=r"ipwatch\[reading\]"):
        propose_readings("花火")
