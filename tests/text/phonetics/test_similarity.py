from __future__ import annotations

from functools import partial
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.data.spelling_pool import SpellingPool, TargetPool
from ipwatch.matching.score import SIMILARITY, SPELLING_WEIGHTS
from ipwatch.text.phonetics import similarity
from ipwatch.text.phonetics.hangul import FINAL_SOUNDS, INITIALS, VOWELS
from ipwatch.text.phonetics.notation import MAX_SOUNDS, NameScript, Way, spelled_name, spellings
from ipwatch.text.phonetics.similarity import SimilarityWeights, transducer
from ipwatch.text.phonetics.transducer import SOURCE, TARGET, UNSEEN, read_transducer

spelling_similarity = partial(similarity.spelling_similarity, weights=SPELLING_WEIGHTS)
MIN_SIMILARITY = SIMILARITY["minimum_filed"]
NAMES = [
    "ミドリヤマ",
    "Midoriyama",
    "ブルーバタフライ",
    "Blue Butterfly",
    "실버 스푼",
    "Silver Spoon",
    "シルバースプーン",
    "Quick & Fox",
    "東京",
    "",
    "a",
]
NAME = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyz &é0", max_size=20),
    st.text("アイウカキクサシスッタトナニノフホマミラリルロンー・ャュ", max_size=12),
    st.text("가나다벅스니클로 실버", max_size=8),
)
SOUNDS = {
    NameScript.KANA: set("abcdefghijklmnopqrstuvwxyz-N"),
    NameScript.HANGUL: set(INITIALS) | set(VOWELS) | set(FINAL_SOUNDS),
    NameScript.LATIN: set("abcdefghijklmnopqrstuvwxyz0123456789"),
}
DIRECTIONS = [
    (NameScript.KANA, NameScript.LATIN),
    (NameScript.HANGUL, NameScript.LATIN),
    (NameScript.HANGUL, NameScript.KANA),
]


@pytest.mark.parametrize(
    ("name", "script", "sounds"),
    [
        ("シャッター", NameScript.KANA, "shaqta-"),
        ("クォーツ・ウォッチ", NameScript.KANA, "kwo-tsuwoqchi"),
        ("カブシキガイシャ　ミナト", NameScript.KANA, "minato"),
        ("Café du Port Co., Ltd.", NameScript.LATIN, "cafeduport"),
        ("R&D", NameScript.LATIN, "randd"),
        ("Co", NameScript.LATIN, "co"),
        ("주식회사 벅스", NameScript.HANGUL, "ㅂㅓKㅅㅡ"),
    ],
)
def test_notation(name: str, script: NameScript, sounds: str) -> None:
    assert spelled_name(name) == (script, sounds)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ミドリヤマ", "Midoriyama"),
        ("ブルーバタフライ", "Blue Butterfly"),
        ("シルバースプーン", "Silver Spoon"),
        ("クイックフォックス", "Quick Fox"),
        ("ティーアンドシー", "Tea & Sea"),
        ("ベラチッタ", "Bella Citta"),
        ("ファーストレディー", "First Lady"),
        ("ヴァイオレットナイト", "Violet Knight"),
        ("실버 스푼", "Silver Spoon"),
        ("블루 버터플라이", "Blue Butterfly"),
        ("미도리야마", "Midoriyama"),
        ("미도리야마", "ミドリヤマ"),
        ("골든 타이거", "Golden Tiger"),
    ],
)
def test_one_name_in_two_scripts(a: str, b: str) -> None:
    assert spelling_similarity(a, b) >= MIN_SIMILARITY
    assert spelling_similarity(b, a) == spelling_similarity(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ミドリヤマ", "Blue Butterfly"),
        ("シルバースプーン", "Golden Fork"),
        ("실버 스푼", "Golden Fork"),
        ("미도리야마", "シルバースプーン"),
        ("ミドリヤマ", "Mid"),
        ("アイ", "Blue Butterfly International"),
        ("東京", "Tokyo"),
        ("", "Tokyo"),
        ("!?", "トーキョー"),
    ],
)
def test_other_names(a: str, b: str) -> None:
    assert spelling_similarity(a, b) < 0.3


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ミドリヤマ", "Midoriyama Japan Co., Ltd."),
        ("ミドリヤマ（公式）", "Midoriyama"),
        ("カブシキガイシャミドリヤマ", "Midoriyama Holdings"),
        ("ザ・ブルーバタフライ", "Blue Butterfly"),
        ("バタフライ・ブルー", "Blue Butterfly"),
        ("실버 스푼 코리아", "Silver Spoon"),
    ],
)
def test_generic_words_and_the_order_of_two_words_count_little(a: str, b: str) -> None:
    assert MIN_SIMILARITY <= spelling_similarity(a, b) < 1.0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ブルーバタフライ", "Blue"),
        ("ブルー・バタフライ", "Blue Mountain"),
        ("シルバースプーン", "Silver Fork"),
        ("ミドリヤマ", "Midoriyama Music School"),
        ("실버 스푼", "Silver"),
    ],
)
def test_a_part_in_common_is_not_the_name(a: str, b: str) -> None:
    assert spelling_similarity(a, b) < MIN_SIMILARITY


@pytest.mark.parametrize(
    ("spelled_out", "letters"), [("エムケーディー", "MKD"), ("スリーディーエックス", "3DX"), ("에스티", "S.T.")]
)
def test_letters_called_one_by_one_are_those_letters(spelled_out: str, letters: str) -> None:
    assert spelling_similarity(spelled_out, letters) == 1.0
    assert spelling_similarity(spelled_out, f"{letters}Q") < 1.0


def test_the_ways_to_compare_a_name() -> None:
    ways = spellings("The Blue Butterfly (Tokyo)")
    assert [(way.sounds, way.way) for way in ways] == [
        ("thebluebutterflytokyo", Way.WHOLE),
        ("bluebutterfly", Way.WITHOUT_GENERIC),
        ("butterflyblue", Way.SWAPPED),
    ]
    assert [way.sounds for way in spellings("Minato")] == ["minato"]
    assert [way.sounds for way in spellings("?!")] == [""]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Minato", "Minato (Tokyo)", 0.5),
        ("Minato (Tokyo)", "Minato (Osaka)", 0.25),
        ("Blue Butterfly", "Butterfly Blue", 0.2),
        ("Minato", "minato", 1.0),
    ],
)
def test_each_way_but_the_whole_name_has_its_factor(a: str, b: str, expected: float) -> None:
    weights = SimilarityWeights(without_generic=0.5, words_swapped=0.2, tables=1.0)
    assert similarity.spelling_similarity(a, b, weights) == pytest.approx(max(expected, whole_name_similarity(a, b)))


def whole_name_similarity(a: str, b: str) -> float:
    """The similarity of the whole names alone."""
    return similarity.spelling_similarity(a, b, SimilarityWeights(without_generic=0.0, words_swapped=0.0, tables=1.0))


def test_one_script_is_compared_by_edits() -> None:
    assert spelling_similarity("Midoriyama", "MIDORI YAMA") == 1.0
    assert spelling_similarity("ミドリ", "みどり") == 1.0
    assert spelling_similarity("Silver", "Sliver") == pytest.approx(5 / 6)


@given(NAME, NAME)
def test_any_two_names(a: str, b: str) -> None:
    there = spelling_similarity(a, b)
    assert 0.0 <= there <= 1.0
    assert there == spelling_similarity(b, a)


@given(st.lists(NAME, max_size=8), NAME)
def test_a_pool_is_as_similar_as_each_of_its_names(names: list[str], name: str) -> None:
    similarities = SpellingPool(names).similarities(name)
    assert similarities.tolist() == pytest.approx([spelling_similarity(name, other) for other in names])


def test_the_nearest_of_a_pool() -> None:
    pool = SpellingPool(NAMES)
    assert [NAMES[index] for index, _ in pool.nearest("シルバー・スプーン", 3)] == [
        "シルバースプーン",
        "실버 스푼",
        "Silver Spoon",
    ]
    letters = SpellingPool(["HMK", "Haruki", "H&M Kei", "Hamako", "MK"])
    assert letters.nearest("エイチエムケイ", 1)[0][0] == 0
    assert len(pool.nearest("", 20)) == len(NAMES)
    assert SpellingPool([]).nearest("ミドリヤマ") == []


@pytest.mark.parametrize(
    "hostile", ["\ud800", "\0" * 9, "ア" * 100_000, "a co " * 20_000, "a" + " co." * 60 + "!", "ㄱ", "a\u0301" * 9_000]
)
def test_hostile_names_take_bounded_time(hostile: str) -> None:
    assert 0.0 <= spelling_similarity(hostile, "Midoriyama") <= 1.0
    assert len(spelled_name(hostile)[1]) <= MAX_SOUNDS


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_the_shipped_tables_are_well_formed(source: NameScript, target: NameScript) -> None:
    text = (
        files("ipwatch.text.phonetics")
        .joinpath(f"tables/spelling_{source.value}_{target.value}.tsv")
        .read_text("utf-8")
    )
    remarks = [line for line in text.splitlines() if line.startswith("#")]
    rows = [tuple(line.split("\t")) for line in text.splitlines() if not line.startswith("#")]
    assert any("fit_spelling.py" in remark for remark in remarks)
    keys = [row[:2] for row in rows]
    assert keys == sorted(set(keys))
    table = transducer(source, target)
    assert {SOURCE, TARGET} <= {chunk for chunk, _ in keys}
    assert {sound for chunk in table.weights for sound in chunk} <= SOUNDS[source]
    assert {letter for written in table.weights.values() for letters in written for letter in letters} <= SOUNDS[target]
    assert all(0 <= float(cost) <= 20 for _, _, cost in rows)
    assert set(table.source) <= SOUNDS[source]
    assert all(written for written in table.weights.values())


@pytest.mark.parametrize("line", ["su\ts", "su\ts\t-1", "su\ts\tnan", "su\ts\tcheap", "su\ts\t1\t2"])
def test_a_broken_row_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"row|float"):
        read_transducer([line])


def test_a_cost_is_that_of_the_cheapest_way() -> None:
    table = read_transducer(
        ["# made up", "", "k\tc\t1.0", "u\t_\t0.5", "ku\tck\t0.2", "_\te\t0.25", "@source\tk\t2", "@target\tc\t3"]
    )
    assert table.cost("k", "c") == 1.0
    assert table.cost("ku", "c") == 1.5
    assert table.cost("ku", "ck") == 0.2
    assert table.cost("ku", "cke") == pytest.approx(0.45)
    assert table.cost("k", "") == UNSEEN
    assert table.cost("?", "c") == 2 * UNSEEN
    assert table.cost("", "e") == 0.25
    assert table.similarity("k", "c") == pytest.approx(4 / 5)
    pool = TargetPool(table, ["c", "", "ck", "cke"])
    assert pool.costs("ku").tolist() == pytest.approx([1.5, UNSEEN + 0.5, 0.2, 0.45])
