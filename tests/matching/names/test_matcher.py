from __future__ import annotations

from dataclasses import replace

import pytest

from ipwatch.matching.names import appearance
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.names.matcher import Field, Names, best_of
from ipwatch.matching.names.phonetic import phonetic_signals
from ipwatch.matching.names.phonetic_index import phonetic_reference
from ipwatch.matching.names.short_words import ShortWordIndex
from ipwatch.matching.score import combine
from ipwatch.matching.variants import Variant
from ipwatch.matching.watched import Watched
from ipwatch.records import RightKind, Signal, WatchedMark
from ipwatch.text.folding.skeleton import skeleton

TITLES = (
    "SONY WH-1000XM5 wireless headphones",
    "sonny bluetooth speaker 新品",
    "ソニー テレビ 55型 送料無料",
    "パナソニック ドライヤー",
    "panasonik dryer, new in box",
    "Panasonic Panasonic panas0nic!!",
    "ヴァイオリン用 弓 日立製",
    "hitatchi 日立 掃除機",
    "season 11 blu-ray",
    "sony tower of song",
    "",
    "   ",
    "소니 헤드폰",
    "東芝 レグザ REGZA rezga",
)


def mark(text: str) -> WatchedMark:
    return WatchedMark(watchlist="w", id=text, text=text, kind=RightKind.TRADEMARK)


@pytest.fixture(scope="module")
def watched() -> list[Watched]:
    marks = [
        replace(mark("SONY"), readings=("ソニー",), exclude_terms=("sony tower",)),
        replace(mark("Panasonic"), variants=("パナソニック",), goods_terms=("dryer",)),
        replace(mark("日立"), readings=("ヒタチ",), variants=("HITACHI",)),
        mark("REGZA"),
    ]
    return [Watched.of(each) for each in marks]


def one_by_one(watched: list[Watched], field: Field) -> dict[tuple[int, str], float]:
    """Return the best score of every variant searched alone in the field, each at its smallest distance."""
    matches: list[tuple[int, tuple[Signal, ...]]] = []
    for number, each in enumerate(watched):
        excluded = appearance.excluded_spans(each.mark.exclude_terms, field.observed)
        for variant in each.variants:
            by_distance = [
                appearance.find(variant, field.observed, distance, excluded, each.goods)
                for distance in range(variant.edits + 1)
            ]
            best = next((match for match in by_distance if match is not None), None)
            words = () if field.name == "description" else ShortWordIndex([variant]).find(field.observed)
            near = [appearance.match_word(variant, field.observed, word, excluded, each.goods) for _, word in words]
            matches.extend(
                (number, appearance.name_signals(variant, field.observed, match, SurfaceCounts()))
                for match in (*([best] if best else []), *near)
                if match.score >= appearance.MIN_SCORE
            )
            if not variant.generated:
                matches.extend((number, signals) for signals in by_sound(variant, field))
    return {key: combine(signals) for key, signals in best_of(matches).items()}


def by_sound(variant: Variant, field: Field) -> list[tuple[Signal, ...]]:
    matches = [match for _, match in phonetic_reference([variant], [field.text])]
    signals = [
        phonetic_signals(variant, field.phonetic, (match.first, match.last), match.similarity) for match in matches
    ]
    return [(*several, *appearance.field_details(several[0], field.observed)) for several in signals]


@pytest.mark.parametrize("field", ["title", "brand", "description"])
def test_many_fields_at_once_give_what_each_variant_finds_alone(watched: list[Watched], field: str) -> None:
    fields = [Field(field, title) for title in TITLES]
    results = list(Names(watched).find(fields, SurfaceCounts()))
    assert [{key: combine(signals) for key, signals in best.items()} for best in results] == [
        one_by_one(watched, each) for each in fields
    ]
    assert any(results)


def test_an_excluded_term_is_not_the_name(watched: list[Watched]) -> None:
    fields = [Field("title", "Sony Tower"), Field("title", "Sony Center")]
    tower, center = Names(watched).find(fields, SurfaceCounts())
    assert (0, "name") in center
    assert (0, "name") not in tower


def test_a_survey_counts_each_title_once_for_what_it_writes(watched: list[Watched]) -> None:
    surfaces = SurfaceCounts()
    Names(watched).count_surfaces(["Panasonik Panasonik TV", "the panasonik", "a book", ""], surfaces)
    assert surfaces.total == 4
    assert surfaces.count(skeleton("panasonik").text) == 2


def test_a_short_name_may_be_misspelt_in_a_title_and_not_in_a_description() -> None:
    fields = [Field(field, "sonny speaker") for field in ("title", "brand", "description")]
    title, brand, description = Names([Watched.of(mark("sony"))]).find(fields, SurfaceCounts())
    assert (0, "name") in title
    assert (0, "name") in brand
    assert (0, "name") not in description


def test_no_marks_and_no_fields_give_no_signals(watched: list[Watched]) -> None:
    assert list(Names([]).find([Field("title", "sony")], SurfaceCounts())) == [{}]
    assert list(Names(watched).find([], SurfaceCounts())) == []
