from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.variants import (
    MAX_DECLARED,
    MAX_GENERATED,
    Refused,
    Script,
    Variant,
    VariantOrigin,
    scripts_of,
    variant_of,
    variants_of,
)
from ipwatch.records import RightKind, WatchedMark
from ipwatch.terms import TERM_KEYS
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.watchlists import load_watchlists

SHIPPED = Path(__file__).resolve().parents[3] / "watchlists"


def mark(text: str, *variants: str, readings: tuple[str, ...] = ()) -> WatchedMark:
    return WatchedMark(watchlist="w", id="m", text=text, kind=RightKind.TRADEMARK, variants=variants, readings=readings)


def texts(watched: WatchedMark, origin: VariantOrigin) -> set[str]:
    return {variant.text for variant in variants_of(watched)[0] if variant.origin is origin}


def test_declared_variants_come_first_and_keep_their_position() -> None:
    variants, refused = variants_of(mark("NORIMA", "ノリマ", "norima", readings=("ノリマ",)))
    assert refused == ()
    assert [(variant.text, variant.origin) for variant in variants[:2]] == [
        ("NORIMA", VariantOrigin.TEXT),
        ("ノリマ", VariantOrigin.VARIANT),
    ]
    assert len({variant.skeleton for variant in variants}) == len(variants)
    assert all(variant.generated for variant in variants[2:])


def test_kana_are_written_in_latin_letters_and_hangul() -> None:
    watched = mark("香部屋", readings=("コウベヤ",))
    assert texts(watched, VariantOrigin.READING) == {"コウベヤ"}
    assert texts(watched, VariantOrigin.ROMANISED) == {"kobeya", "koubeya", "koobeya", "kohbeya"}
    assert texts(watched, VariantOrigin.KANA) == {"コーベヤ"}
    assert {"고베야", "코베야"} <= texts(watched, VariantOrigin.HANGUL)


def test_kana_among_the_variants_are_read_too() -> None:
    assert "tsubatanashi" in texts(mark("津端梨", "ツバタナシ"), VariantOrigin.ROMANISED)


def test_latin_letters_that_are_clearly_japanese_are_written_in_kana() -> None:
    assert texts(mark("NARIMAKAWA"), VariantOrigin.KANA) == {"ナリマカワ"}
    assert texts(mark("Takogyo"), VariantOrigin.KANA) == {"タコギョ", "タコギョウ", "タコウギョウ"}
    assert texts(mark("Glendale"), VariantOrigin.KANA) == set()
    assert texts(mark("Norima no Kawa"), VariantOrigin.KANA) == {"ノリマノカワ", "ノウリマノウカワ"}
    assert texts(mark("banana"), VariantOrigin.KANA) == set()  # an ordinary word
    assert texts(mark("Norima House"), VariantOrigin.KANA) == set()  # one of two
    assert texts(mark("NORIMA", "ノリーマ"), VariantOrigin.KANA).isdisjoint({"ノリマ"})  # kana are there already


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("鶴見の刃", {"鶴見之刃", "鶴見的刃"}),
        ("佐々の鶴", {"佐々之鶴", "佐々的鶴"}),
        ("鶴見", set()),
        ("つるの里", set()),
    ],
)
def test_chinese_spellings_are_proposed_where_they_differ(text: str, expected: set[str]) -> None:
    assert texts(mark(text), VariantOrigin.HAN) == expected


def test_two_for_one_lookalikes_stand_both_ways_together_and_one_at_a_time() -> None:
    assert texts(mark("Norimawa"), VariantOrigin.LOOKALIKE) == {"norirnawa", "norimavva"}
    assert texts(mark("Hornclea"), VariantOrigin.LOOKALIKE) == {"homclea", "horndea"}
    assert texts(mark("Mimora"), VariantOrigin.LOOKALIKE) == {"rnirnora", "rnimora", "mirnora"}
    assert texts(mark("mura"), VariantOrigin.LOOKALIKE) == {"rnura"}
    assert texts(mark("rnura"), VariantOrigin.LOOKALIKE) == set()  # four letters would be left
    assert texts(mark("modern"), VariantOrigin.LOOKALIKE) == {"rnodern", "moclern"}  # modem is a word
    assert texts(mark("Sun Bum"), VariantOrigin.LOOKALIKE) == set()  # sun burn


def test_kana_and_han_are_written_in_two_halves() -> None:
    assert texts(mark("ノリルカ"), VariantOrigin.LOOKALIKE) == {"ノリノレカ"}
    assert texts(mark("神鶴堂"), VariantOrigin.LOOKALIKE) == {"ネ申鶴堂"}
    assert texts(mark("ルカ"), VariantOrigin.LOOKALIKE) == set()  # three letters
    half_width = variant_of("ﾉﾘﾉﾚｶ")
    assert half_width is not None
    assert half_width.skeleton in {variant.skeleton for variant in variants_of(mark("ノリルカ"))[0]}


def test_han_a_dot_apart_stand_for_one_another_in_names_of_three() -> None:
    assert texts(mark("大鶴亀"), VariantOrigin.LOOKALIKE) == {"太鶴亀", "犬鶴亀"}
    assert texts(mark("大鶴"), VariantOrigin.LOOKALIKE) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NORI", {"n◌ri", "no◌i"}),
        ("ノリマ", {"ノ◌マ"}),
        ("ノリー", {"ノ◌ー"}),  # three letters to the eye
        ("鶴亀堂", {"鶴◌堂"}),
        ("鶴亀", set()),
        ("NORIM", set()),  # one letter may be another one there
        ("N-7", set()),
    ],
)
def test_short_names_are_looked_for_with_a_masked_letter(text: str, expected: set[str]) -> None:
    assert texts(mark(text), VariantOrigin.MASKED) == expected


@pytest.mark.parametrize("written", ["N*RI", "Ｎ〇ＲＩ", "n●ri"])
def test_every_masking_sign_is_found_by_one_variant(written: str) -> None:
    variant = variant_of(written)
    assert variant is not None
    assert variant.skeleton in {
        made.skeleton for made in variants_of(mark("NORI"))[0] if made.origin is VariantOrigin.MASKED
    }


@pytest.mark.parametrize(
    ("text", "origin", "spelled"),
    [
        ("FQZ", VariantOrigin.KANA, "エフキューゼット"),
        ("F.Q.Z.", VariantOrigin.KANA, "エフキューズィー"),
        ("X&P", VariantOrigin.KANA, "エックスアンドピー"),
        ("7Q", VariantOrigin.KANA, "セブンキュー"),
        ("エフ・キュー・ゼット", VariantOrigin.ROMANISED, "FQZ"),
        ("エッチキューエッチ", VariantOrigin.KANA, "エイチキューエイチ"),
    ],
)
def test_abbreviations_are_spelled_out_and_stand_alone(text: str, origin: VariantOrigin, spelled: str) -> None:
    (variant,) = [variant for variant in variants_of(mark(text))[0] if variant.text == spelled]
    assert (variant.origin, variant.edits, variant.boundary_term) == (origin, 0, "border_generated")


def test_letters_that_are_an_ordinary_word_are_not_looked_for() -> None:
    assert texts(mark("エイチ・アイ・エス"), VariantOrigin.ROMANISED) == set()  # his


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Norima & Kawa", {"norima and kawa"}),
        ("Norima and Kawa", {"norima & kawa"}),
        ("鶴見&カワ", {"鶴見アンドカワ"}),
        ("鶴見・アンド・カワ", {"鶴見&カワ"}),
        ("アンドノリマ", set()),
    ],
)
def test_the_sign_for_and_is_also_written_as_a_word(text: str, expected: set[str]) -> None:
    assert texts(mark(text), VariantOrigin.RESPELLED) == expected


def test_a_kana_word_of_a_name_is_not_the_name() -> None:
    spellings = {variant.text for variant in variants_of(mark("NORIMA タオル"))[0]}
    assert spellings.isdisjoint({"タオル", "taoru"})


def test_lookalikes_are_matched_letter_by_letter_and_stand_alone() -> None:
    lookalikes = [variant for variant in variants_of(mark("Norimawa"))[0] if variant.origin is VariantOrigin.LOOKALIKE]
    assert {variant.edits for variant in lookalikes} == {0}
    assert [variant.boundary_term for variant in lookalikes] == [None, None]


@pytest.mark.parametrize(
    ("text", "origin", "edits"),
    [
        ("SONY", VariantOrigin.TEXT, 0),
        ("NORIM", VariantOrigin.TEXT, 1),
        ("NORIMAKAWA", VariantOrigin.TEXT, 2),
        ("norim", VariantOrigin.ROMANISED, 0),
        ("norima", VariantOrigin.ROMANISED, 1),
        ("norirnakawa", VariantOrigin.LOOKALIKE, 0),
    ],
)
def test_edits_grow_with_length_and_are_few_for_generated_variants(
    text: str, origin: VariantOrigin, edits: int
) -> None:
    variant = variant_of(text, origin)
    assert variant is not None
    assert variant.edits == edits


def test_a_generated_variant_has_edits_only_where_no_variant_with_edits_is_similar() -> None:
    variants, _ = variants_of(mark("Tsubatanashi", readings=("ツバタナシ",)))
    assert {variant.edits for variant in variants if variant.origin is VariantOrigin.ROMANISED} == {0}
    variants, _ = variants_of(mark("津端梨", readings=("ツバタナシ",)))
    assert sorted(variant.edits for variant in variants if variant.origin is VariantOrigin.ROMANISED) == [0, 2]
    variants, _ = variants_of(mark("Tsubata Pear", readings=("ツバタナシ",)))
    assert sorted(variant.edits for variant in variants if variant.origin is VariantOrigin.ROMANISED) == [0, 2]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("NORI", "border_short"),
        ("ノリマ", "border_short"),
        ("소니", "border_short"),
        ("소니아", None),
        ("ノーリーマー", None),  # six beats, though three are folded away
        ("花王", None),  # Han runs on: no border to ask for
        ("NORIMA", None),
        ("brother", "border_common_word"),
        ("Lions", "border_common_word"),
        ("キリン", "border_common_word"),
        ("音楽", None),
        ("Zojirushi", None),
    ],
)
def test_short_and_common_terms_must_stand_alone(text: str, term: str | None) -> None:
    variant = variant_of(text)
    assert variant is not None
    assert variant.boundary_term == term
    assert variant.boundary_required is (term is not None)


def test_a_short_generated_spelling_must_stand_alone() -> None:
    variant = variant_of("sonii", VariantOrigin.ROMANISED)
    assert variant is not None
    assert variant.boundary_term == "border_generated"
    assert (variant.generated, variant.is_reading, variant.is_alphabetic, variant.is_kana) == (True, False, True, False)


def test_every_origin_and_reason_has_words() -> None:
    assert {origin.term for origin in VariantOrigin} <= TERM_KEYS
    assert {"border_short", "border_common_word", "border_generated"} <= TERM_KEYS
    assert {origin for origin in VariantOrigin if origin.generated} == MAX_GENERATED.keys()


def test_what_cannot_be_looked_for_is_reported_with_the_reason() -> None:
    _, refused = variants_of(mark("!", "k", "x" * 201, "鶴亀"))
    assert refused == (
        Refused("!", "form_too_short"),
        Refused("k", "form_too_short"),
        Refused("x" * 201, "form_too_long"),
    )
    assert {each.term for each in refused} <= TERM_KEYS


def test_ten_thousand_variants_are_bounded_and_those_left_out_are_reported() -> None:
    many = mark("NORIMA", *(f"ノリマ model {number}" for number in range(10_000)))
    began = time.process_time()
    variants, refused = variants_of(many)
    assert time.process_time() - began < 3.0
    assert sum(not variant.generated for variant in variants) == MAX_DECLARED
    assert len(variants) <= MAX_DECLARED + sum(MAX_GENERATED.values())
    (left_out,) = refused
    assert (left_out.term, left_out.text, left_out.number) == ("form_too_many", "ノリマ model 999", 9_001)


hostile = st.one_of(
    st.text(max_size=30),
    st.text(alphabet=st.characters(min_codepoint=0x3041, max_codepoint=0x30FF), max_size=30),
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz -'", max_size=30),
    st.sampled_from(
        [
            "\ud800\udfff",
            "\0" * 50,
            "m" * 100_000,
            "no" * 50_000,
            "ア" * 200,
            "e" + "\u0301" * 150,
            "🎌今治🎌",
            "々" * 150,
        ]
    ),
)


@settings(max_examples=200, deadline=None)
@given(hostile, st.lists(hostile, max_size=4), st.lists(hostile, max_size=3))
def test_any_mark_has_bounded_variants(text: str, declared: list[str], readings: list[str]) -> None:
    variants, _ = variants_of(mark(text, *declared, readings=tuple(readings)))
    assert len({variant.skeleton for variant in variants}) == len(variants)
    for origin, limit in MAX_GENERATED.items():
        assert sum(variant.origin is origin for variant in variants) <= limit
    for variant in variants:
        assert 0 <= variant.edits <= max(2, len(variant.skeleton) // 5)
        assert variant.edits <= len(variant.skeleton) // 4
        assert 2 <= len(variant.skeleton) <= 200
        assert variant.scripts == scripts_of(variant.text)


def test_the_shipped_watchlists_have_few_variants_and_keep_all_they_declare() -> None:
    for watchlist in load_watchlists([SHIPPED]):
        for watched in watchlist.marks:
            variants, refused = variants_of(watched)
            assert refused == ()
            assert len(variants) <= 60
            skeletons = {variant.skeleton for variant in variants if not variant.generated}
            declared = [variant_of(text) for text in (watched.text, *watched.variants)]
            assert skeletons >= {variant.skeleton for variant in declared if variant is not None}


def test_a_variant_has_the_scripts_it_is_written_in() -> None:
    assert Variant("ノリマ", "ノリマ", frozenset({Script.KATAKANA})).is_kana
    variant = variant_of("G-7", VariantOrigin.VARIANT)
    assert variant is not None
    assert variant.is_alphabetic


def test_a_name_in_han_is_also_written_partly_as_it_is_read() -> None:
    variants, _ = variants_of(mark("影舟戦記", readings=("カゲフネセンキ",)))
    respelled = {variant.text: variant.edits for variant in variants if variant.origin is VariantOrigin.RESPELLED}
    assert {"カゲフネ戦記", "影舟センキ"} <= set(respelled)
    assert set(respelled.values()) == {0}
    assert all(len(variant.skeleton) > 3 for variant in variants if variant.origin is VariantOrigin.RESPELLED)


def test_the_signs_between_two_han_stand_for_one_another() -> None:
    variants, _ = variants_of(mark("香之瀬"))
    assert skeleton("香ノ瀬").text in {variant.skeleton for variant in variants}
    variants, _ = variants_of(mark("星ヶ淵"))
    assert skeleton("星が淵").text in {variant.skeleton for variant in variants}


def test_only_a_name_of_a_place_and_its_goods_is_looked_for_by_the_place() -> None:
    for kind, expected in (
        (RightKind.GEOGRAPHICAL_INDICATION, {"御雲路", "Mikumoji"}),
        (RightKind.REGIONAL_COLLECTIVE_MARK, {"御雲路", "Mikumoji"}),
        (RightKind.TRADEMARK, set()),
    ):
        variants, _ = variants_of(
            WatchedMark(
                watchlist="w",
                id="tea",
                text="御雲路茶",
                variants=("Mikumoji Tea",),
                kind=kind,
                goods_terms=("抹茶", "green tea"),
            )
        )
        assert {variant.text for variant in variants if variant.origin is VariantOrigin.GEOGRAPHIC} == expected
