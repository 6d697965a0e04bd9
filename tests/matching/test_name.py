"""One row for each kind of variant, and one for each kind of innocent that looks like one."""

from __future__ import annotations

import pytest

from ipwatch.matching import name
from ipwatch.matching.forms import SeenText, form_of
from ipwatch.matching.name import INSIDE_WORD, Occurrence


def place_of(mark: str, title: str, exclude: tuple[str, ...] = (), goods: tuple[str, ...] = ()) -> Occurrence | None:
    form = form_of(mark)
    assert form is not None
    seen = SeenText.of("title", title)
    return name.find(form, seen, name.excluded_spans(exclude, seen), goods)


@pytest.mark.parametrize(
    ("mark", "title", "term", "surface"),
    [
        ("SONY", "new SONY headphones", "name_exact", "SONY"),
        ("SONY", "ｎｅｗ ｓｏｎｙ", "name_exact", "ｓｏｎｙ"),
        ("SONY", "ソニーSONYヘッドホン", "name_exact", "SONY"),
        ("SONY", "SonyHeadphones", "name_exact", "Sony"),
        ("SONY", "S.O.N.Y radio", "name_folded", "S.O.N.Y"),
        ("SONY", "S O N Y radio", "name_folded", "S O N Y"),
        ("SONY", "ЅОNУ radio", "name_folded", "ЅОNУ"),
        ("SONY", "s0ny radio", "name_folded", "s0ny"),
        ("SONY", "【$ONY】 radio", "name_folded", "$ONY"),
        ("SONY", " $ony radio", "name_folded", "$ony"),
        ("ソニー", "ｿﾆｰのラジオ", "name_exact", "ｿﾆｰ"),
        ("ロレックス", "口レックス 時計", "name_folded", "口レックス"),
        ("ポケモン", "ポケモソカード 10枚", "name_folded", "ポケモソ"),
        ("シャネル", "シヤネル 香水", "name_folded", "シヤネル"),
        ("今治タオル", "送料無料今治タオル3枚", "name_exact", "今治タオル"),
        ("今治タオル", "今治 タオル 3枚", "name_folded", "今治 タオル"),
        ("Imabari Towel", "imabaritowel 3pcs", "name_folded", "imabaritowel"),
        ("Panasonic", "Panasoinc battery", "name_near", "Panasoinc"),
        ("Panasonic", "Panasonc battery", "name_near", "Panasonc"),
        ("Panasonic", "Panassonic battery", "name_near", "Panassonic"),
        ("Nintendo", "Nlntendo Switch", "name_folded", "Nlntendo"),
        ("Panasonic", "xpanasonicx", "name_glued", "panasonic"),
        ("Hello Kitty", "Hello Kittyplush", "name_glued", "Hello Kitty"),
        ("花王", "花王石鹸", "name_exact", "花王"),
        ("삼성소니", "정품 삼성소니 라디오", "name_exact", "삼성소니"),
    ],
)
def test_variants_are_found_where_they_stand(mark: str, title: str, term: str, surface: str) -> None:
    place = place_of(mark, title)
    assert place is not None
    assert (place.term, title[place.start : place.end]) == (term, surface)
    assert place.score > INSIDE_WORD


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Canon", "canonical form of a matrix"),
        ("Lion", "one million beads"),
        ("SONY", "kiso nylon rope"),
        ("Canon", "I can on Sunday"),
        ("Mino ware", "domino warehouse"),
        ("キリン", "キリンジ ライブ"),
        ("ライオン", "ライオンズ 帽子"),
        ("ソニ", "パラソニック"),
        ("ミネワタリ", "ミネ ワタリガラス の冬"),
    ],
)
def test_ordinary_words_are_told_apart(mark: str, title: str) -> None:
    place = place_of(mark, title)
    assert place is not None
    assert (place.term, place.score) == ("name_inside_word", INSIDE_WORD)


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("SONY", "SON"),
        ("SONY", "SANY radio"),
        ("Imabari Towel", "towel"),
        ("Panasonic", "panoramic view"),
        ("Nikon", "icon set"),
        ("今治タオル", "泉州タオル"),
    ],
)
def test_other_words_are_nothing(mark: str, title: str) -> None:
    assert place_of(mark, title) is None


def test_the_best_of_several_places_counts() -> None:
    place = place_of("Canon", "canonical guide to the Canon EOS")
    assert place is not None
    assert (place.term, place.start) == ("name_exact", 23)


def test_an_excluded_term_covers_the_mark_within_it_only() -> None:
    covered = place_of("明治", "明治時代の雑誌", exclude=("明治時代",))
    assert covered is not None
    assert (covered.score, covered.term) == (0.0, "name_excluded")
    both = place_of("明治", "明治時代の雑誌 明治 チョコ", exclude=("明治時代",))
    assert both is not None
    assert (both.term, both.start) == ("name_exact", 8)


def test_a_short_kana_mark_may_run_on_into_its_goods() -> None:
    assert (place := place_of("ソニー", "ソニーラジオ")) is not None
    assert place.term == "name_inside_word"
    assert (place := place_of("ソニー", "ソニーラジオ", goods=("ラジオ",))) is not None
    assert place.term == "name_exact"


@pytest.mark.parametrize(
    ("watched", "surface", "disguised"),
    [
        ("SONY", "ｓｏｎｙ", False),
        ("SONY", "SO-NY", False),
        ("SONY", "S-O-N-Y", True),
        ("SONY", "SO*NY", True),
        ("AT&T", "at&t", False),
        ("ソニー", "そにー", False),
        ("Pokémon", "pokemon", False),
        ("シャネル", "シヤネル", False),
        ("SONY", "S0NY", True),
        ("SONY", "ЅONY", True),
        ("SONY", "SO\u200bNY", True),
        ("Nintendo", "Nlntendo", True),
        ("ロレックス", "口レックス", True),
        ("Panasonic", "Panasoinc", False),
    ],
)
def test_a_disguise_is_more_than_another_spelling(watched: str, surface: str, *, disguised: bool) -> None:
    assert name.is_disguised(watched, surface) is disguised


@pytest.mark.parametrize("text", ["", "a", "カ", "!!", "あ" * 201])
def test_a_form_too_short_or_too_long_is_not_looked_for(text: str) -> None:
    assert form_of(text) is None


@pytest.mark.parametrize(
    ("mark", "filed", "term"),
    [
        ("SONY", "SONY", "name_exact"),
        ("SONY", "§ＳＯＮＹ∞", "name_exact"),
        ("ソニー", "そにー", "name_exact"),
        ("Panasonic", "PANASANIC", "name_near"),
        ("SONY", "SONY RADIO", "name_contained"),
        ("Canon", "CANONICAL", None),
        ("SONY", "TOSHIBA", None),
    ],
)
def test_filings_are_compared_whole(mark: str, filed: str, term: str | None) -> None:
    form = form_of(mark)
    assert form is not None
    place = name.whole_similarity(form, SeenText.of("mark_text", filed))
    assert (place.term if place else None) == (term if term != "name_exact" or filed != "そにー" else "name_folded")
