from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.matching.readings import RULES, SIMILAR, MoraComparison, compare_readings, reading_signal
from ipwatch.terms import DIFFERENCE_KEYS, REASON_KEYS

KATAKANA = st.text(alphabet="アイウエオカガキサザシタッダナハバパマラワンーャョィヴヂ", min_size=1, max_size=10).filter(
    lambda text: text[0] != "ー"
)

GUIDELINE = [
    ("スチッパー", "スキッパー", "JPO-II-1"),
    ("バンコシン", "バンコミン", "JPO-II-1"),
    ("ミギオン", "ミチオン", "JPO-II-1"),
    ("ヘトロン", "ペトロン", "JPO-II-3"),
    ("クレカ", "グレカ", "JPO-II-3"),
    ("サンシール", "サンジール", "JPO-II-3"),
    ("オルソン", "オルソ", "JPO-II-4-ABSENT"),
    ("レーマン", "レマン", "JPO-II-5-ABSENT"),
    ("コロネート", "コロネット", "JPO-II-5"),
    ("タカラハト", "タカラート", "JPO-II-5-WEAK"),
    ("カーボーイ", "カウボーイ", "JPO-II-5-WEAK"),
    ("カルバー", "カロバー", "JPO-II-2"),
    ("サイバトロン", "サイモトロン", "JPO-II-6"),
    ("アブソン", "アビサン", "JPO-II-8"),
]
DECIDED = [
    ("オルターゼ", "ウルターゼ", "JPO-II-2"),
    ("バリカー", "バルカー", "JPO-II-2"),
    ("キョウシュウ", "キョウシュ", "JPO-II-5-ABSENT"),
    ("パプリ", "パブリ", "JPO-II-3"),
]


def rules_of(comparison: MoraComparison) -> list[str]:
    return [rule.id for rule in comparison.rules]


@pytest.mark.parametrize(("a", "b", "rule"), [*GUIDELINE, *DECIDED])
def test_published_examples_are_similar_for_the_published_reason(a: str, b: str, rule: str) -> None:
    comparison = compare_readings(a, b)
    assert comparison.similarity >= SIMILAR
    assert rules_of(comparison)[-1] == rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_example_of_each_rule_takes_that_rule(rule: object) -> None:
    assert rule in compare_readings(*rule.example).rules  # type: ignore[attr-defined]  # a row of RULES


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("アサヒ", "キリン"),
        ("ソニー", "トヨタ"),
        ("カシオ", "カネカ"),
        ("サントリー", "サンヨー"),
        ("ゴルシマ", "コーシマ"),  # JPO appeal 2014-018994
        ("プロジーヌ", "プリゼーヌ"),  # registered in parallel, with プレジール
        ("プロジーヌ", "プレジール"),
    ],
)
def test_other_names_do_not_sound_similar(a: str, b: str) -> None:
    comparison = compare_readings(a, b)
    assert comparison.similarity < SIMILAR
    assert comparison.term == "sound_different"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("トウキョウ", "トーキョー"),
        ("ケイセイ", "ケーセー"),
        ("オオサカ", "オーサカ"),
        ("ヴァレンタ", "バレンタ"),
        ("ミヂカ", "ミジカ"),
        ("ヲカダ", "オカダ"),
        ("ヱビス", "エビス"),
    ],
)
def test_one_sound_spelled_two_ways_is_the_same(a: str, b: str) -> None:
    comparison = compare_readings(a, b)
    assert comparison.similarity == 1.0
    assert comparison.term == "sound_same"
    assert set(rules_of(comparison)) == {"SPELLING"}


def test_the_head_of_a_word_weighs_most() -> None:
    at_the_head = compare_readings("カルミネル", "タルミネル").similarity
    within = compare_readings("カルミネル", "カルミテル").similarity
    assert at_the_head < SIMILAR <= within


def test_three_morae_argue_against_and_say_so() -> None:
    short, longer = compare_readings("カリナ", "カルナ"), compare_readings("カリナス", "カルナス")
    assert [note.id for note in short.notes] == ["JPO-NOTE-7-SHORT"]
    assert longer.notes == ()
    assert short.similarity < longer.similarity
    assert compare_readings("アミ", "アビ").similarity < SIMILAR


def test_one_unlike_mora_counts_little_in_a_long_reading_only() -> None:
    assert compare_readings("セルミナコート", "セルミロコート").similarity >= SIMILAR
    assert compare_readings("セルミナ", "セルミロ").similarity < SIMILAR


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("カネトヨショウジ", "サワムラショウジ"),
        ("アサヌマケンセツ", "ミツハシケンセツ"),
        ("アルファホールディングス", "ミネバホールディングス"),
        ("カブシキガイシャナギ", "カブシキガイシャツチ"),
        ("カブシキガイシャナギ", "カブシキガイシャナミ"),
    ],
)
def test_a_word_that_many_names_share_does_not_make_them_similar(a: str, b: str) -> None:
    assert compare_readings(a, b).similarity < SIMILAR


def test_the_distinctive_part_is_compared_and_the_rest_is_reported() -> None:
    comparison = compare_readings("カネトヨ", "カネトヨショウジ")
    assert comparison.similarity >= SIMILAR
    assert comparison.term == "sound_distinctive"
    assert [(difference.term, difference.watched, difference.seen) for difference in comparison.differences] == [
        ("sound_generic", "", "ショウジ")
    ]
    assert compare_readings("カブシキガイシャカネトヨ", "カネトヨ").similarity == 1.0
    assert compare_readings("カネトヨショウジ", "カネトヨケンセツ").similarity < comparison.similarity


def test_a_name_of_nothing_but_common_words_is_compared_as_it_is() -> None:
    assert compare_readings("ショウジ", "ショウジ").similarity == 1.0
    assert compare_readings("ショウジ", "ケンセツ").similarity < SIMILAR


def test_each_difference_names_its_rule_its_beats_and_its_place() -> None:
    differences = compare_readings("ミナガワ", "ミナカワ").mora_differences
    assert [
        (difference.rule.id, difference.watched, difference.observed, difference.position) for difference in differences
    ] == [("JPO-II-3", "ガ", "カ", 3)]
    assert differences[0].explain("en") == "beat 3: ガ/カ: voicing (JPO-II-3)"
    assert differences[0].explain("ja") == "3音目：「ガ」と「カ」は清音・濁音・半濁音の差（JPO-II-3）"
    missing = compare_readings("カブシキガイシャレマン", "レーマン").mora_differences
    assert [(difference.watched, difference.observed, difference.position) for difference in missing] == [("", "ー", 2)]


def test_two_beats_that_change_places_are_one_difference() -> None:
    differences = compare_readings("カルミナス", "カミルナス").mora_differences
    assert [(difference.rule.id, difference.watched, difference.observed) for difference in differences] == [
        ("JPO-NOTE-6", "ルミ", "ミル")
    ]


def test_every_rule_has_words_and_a_source() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.term in DIFFERENCE_KEYS | REASON_KEYS
        assert rule.source
        assert compare_readings(*rule.example).term in REASON_KEYS


@given(KATAKANA, KATAKANA)
def test_sound_is_symmetric_and_bounded(a: str, b: str) -> None:
    forth, back = compare_readings(a, b), compare_readings(b, a)
    assert forth.similarity == pytest.approx(back.similarity)
    assert 0.0 <= forth.similarity <= 1.0
    assert compare_readings(a, a) == MoraComparison(1.0, (), ())
    assert forth.term in REASON_KEYS


@given(KATAKANA, KATAKANA)
def test_the_rules_that_are_named_add_up_to_the_distance(a: str, b: str) -> None:
    comparison = compare_readings(a, b)
    total_cost = sum(difference.rule.cost for difference in comparison.mora_differences)
    if comparison.similarity == 1.0:
        assert total_cost == 0.0
    elif comparison.similarity > 0.0:
        assert total_cost > 0.0


@given(KATAKANA, KATAKANA)
def test_the_floor_drops_only_what_is_under_it(a: str, b: str) -> None:
    free, floored = reading_signal([a], [b], None), reading_signal([a], [b], None, floor=SIMILAR)
    assert free is not None
    similar = compare_readings(a, b).similarity >= SIMILAR
    assert (floored is not None) == similar
    if floored is not None:
        assert floored == free


def test_the_signal_is_that_of_the_most_similar_readings_with_their_differences() -> None:
    signal = reading_signal(["ソラミ", "ミナガワ"], ["キリン", "ミナカワ"], "readings")
    assert signal is not None
    assert signal.compared == ("ミナガワ", "ミナカワ")
    assert signal.term == "sound_voicing"
    assert [(difference.term, difference.watched, difference.seen) for difference in signal.differences] == [
        ("mora_voicing", "ガ", "カ")
    ]
    assert reading_signal([], ["ソラミ"], None) is None


def test_the_signal_of_short_readings_says_that_they_are_short() -> None:
    signal = reading_signal(["カリナ"], ["カルナ"], None)
    assert signal is not None
    assert [difference.term for difference in signal.differences] == ["mora_row", "sound_short"]


def test_a_reading_without_kana_is_refused_and_long_ones_are_cut() -> None:
    with pytest.raises(ValueError, match="kana"):
        compare_readings("SONY", "ソニー")
    assert compare_readings("ア" * 10_000, "ア" * 9_000).similarity == 1.0
