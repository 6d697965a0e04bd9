"""One row for each kind of spelling of a name, and for each kind of innocent text that resembles one."""

from __future__ import annotations

import pytest

from ipwatch.matching.names import appearance
from ipwatch.matching.names.appearance import Match
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.score import DEFAULT_THRESHOLD, combine, contribution
from ipwatch.matching.variants import ObservedText, VariantOrigin, variant_of


def match_of(mark: str, title: str, exclude: tuple[str, ...] = (), goods: tuple[str, ...] = ()) -> Match | None:
    variant = variant_of(mark)
    assert variant is not None
    observed = ObservedText.of("title", title)
    return appearance.nearest(variant, observed, appearance.excluded_spans(exclude, observed), goods)


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
        ("Panasonic", "panasonicx", "name_glued", "panasonic"),
        ("SONY", "S*NY radio", "name_near", "S*NY"),
        ("Hello Kitty", "Hello Kittyplush", "name_glued", "Hello Kitty"),
        ("花王", "花王の石鹸", "name_exact", "花王"),
        ("삼성소니", "정품 삼성소니 라디오", "name_exact", "삼성소니"),
        ("Kasumo", "kasumocase for phones", "name_glued", "kasumo"),
        ("Kasumo", "KASUMOs new", "name_exact", "KASUMO"),
        ("花王", "花王正規品 石鹸", "name_exact", "花王"),
        ("シャネル", "しゃねるの バッグ", "name_folded", "しゃねる"),
        ("シャネル", "しゃねるのばっぐ", "name_folded", "しゃねる"),
    ],
)
def test_variants_are_found_where_they_stand(mark: str, title: str, term: str, surface: str) -> None:
    match = match_of(mark, title)
    assert match is not None
    assert (match.term, title[match.start : match.end]) == (term, surface)
    assert match.score >= DEFAULT_THRESHOLD


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Canon", "canonical form of a matrix"),
        ("SONY", "personyfied"),
        ("花王", "百花王国"),
        ("Panasonic", "expanasonical"),
        ("Lion", "one million beads"),
        ("SONY", "kiso nylon rope"),
        ("Mino ware", "domino warehouse"),
        ("ソニ", "パラソニック"),
        ("ミネワタリ", "ミネ ワタリガラス の冬"),
    ],
)
def test_ordinary_words_are_no_finding(mark: str, title: str) -> None:
    match = match_of(mark, title)
    assert match is not None
    assert match.score < DEFAULT_THRESHOLD
    assert match.term == ("name_inside_word" if mark != "花王" else "name_exact")


@pytest.mark.parametrize(
    ("mark", "title", "reason"),
    [
        ("Canon", "I can on Sunday", "word_instead"),
        ("CASIO", "casino chips", "word_instead"),
        ("ASICS", "the basics of sewing", "word_instead"),
        ("キリン", "キリンジ ライブ", "edits_in_few"),
        ("ライオン", "ライオンズ 帽子", "edits_short_kana"),
        ("SONY", "SON", "edits_in_few"),
        ("SONY", "SANY radio", "edits_in_few"),
        ("日立", "朝日立つ頃", "runs_on_hiragana"),
    ],
)
def test_a_near_word_is_no_finding_and_says_why(mark: str, title: str, reason: str) -> None:
    match = match_of(mark, title)
    assert match is not None
    assert match.score < DEFAULT_THRESHOLD
    assert reason in {each.term for each in match.reasons}


@pytest.mark.parametrize(
    ("mark", "better", "worse"),
    [
        ("Panasonic", "Panasonic radio", "Panasonc radio"),
        ("Panasonic", "Panasobic radio", "Banasonic radio"),
        ("Panasonic", "Panasoinc radio", "Panasokic radio"),
        ("SONY", "S0NY radio", "SONY radio"),
        ("SONY", "sony headphones", "sonyheadphones"),
        ("SONY", "sonyheadphones", "personyfied"),
        ("Panasonic", "panasonicradio", "mypanasonic"),
        ("キリン", "キリン ビール", "キリンビール"),
    ],
)
def test_matches_are_in_the_order_of_what_speaks_for_them(mark: str, better: str, worse: str) -> None:
    first, second = match_of(mark, better), match_of(mark, worse)
    assert first is not None
    assert second is not None
    assert first.score > second.score


def test_the_whole_word_is_shown_and_not_the_piece_of_it_that_is_as_near() -> None:
    match = match_of("Canon", "new Cannon EOS")
    assert match is not None
    assert "new Cannon EOS"[match.start : match.end] == "Cannon"


def test_the_points_of_a_match_are_the_sum_of_its_signals() -> None:
    variant = variant_of("Panasonic")
    assert variant is not None
    observed = ObservedText.of("description", "new Panasoncs radio")
    match = appearance.nearest(variant, observed)
    assert match is not None
    signals = appearance.name_signals(variant, observed, match)
    assert {signal.name for signal in signals} == {"name", "spelling"}
    assert match.score == pytest.approx(sum(map(contribution, signals)), abs=5e-4)
    assert combine(signals) == pytest.approx(match.score, abs=5e-4)


def test_a_word_of_the_own_crawl_lowers_and_the_name_itself_does_not() -> None:
    variant = variant_of("Panasonic")
    assert variant is not None
    counts = SurfaceCounts()
    counts.add(100_000, [["panasonik", "panasonic"]] * 300)
    terms = {}
    for title in ("Panasonik radio", "Panasonic radio"):
        observed = ObservedText.of("title", title)
        match = appearance.nearest(variant, observed)
        assert match is not None
        terms[title] = {signal.term for signal in appearance.name_signals(variant, observed, match, counts)}
    assert "surface_frequent" in terms["Panasonik radio"]
    assert "surface_frequent" not in terms["Panasonic radio"]


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("SONY", "radio"),
        ("Imabari Towel", "towel"),
        ("Panasonic", "panoramic view"),
        ("Nikon", "icon set"),
        ("今治タオル", "泉州タオル"),
    ],
)
def test_other_words_are_nothing(mark: str, title: str) -> None:
    assert match_of(mark, title) is None


def test_the_best_of_several_matches_counts() -> None:
    match = match_of("Canon", "canonical guide to the Canon EOS")
    assert match is not None
    assert (match.term, match.start) == ("name_exact", 23)


def test_an_excluded_term_covers_the_mark_within_it_only() -> None:
    covered = match_of("明治", "明治時代の雑誌", exclude=("明治時代",))
    assert covered is not None
    assert (covered.score, covered.term) == (0.0, "name_excluded")
    both = match_of("明治", "明治時代の雑誌 明治 チョコ", exclude=("明治時代",))
    assert both is not None
    assert (both.term, both.start) == ("name_exact", 8)


def test_a_short_kana_mark_may_run_on_into_its_goods() -> None:
    assert (match := match_of("ソニー", "ソニーラジオ")) is not None
    assert match.term == "name_inside_word"
    assert (match := match_of("ソニー", "ソニーラジオ", goods=("ラジオ",))) is not None
    assert match.term == "name_exact"


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
        ("野の茶", "野.の.茶", True),
        ("ノリマ", "ノ リ マ", True),
        ("NHK", "N.H.K.", False),
        ("野の茶", "野の 茶", False),
        ("Norima Blue", "Norima_Blue", False),
        ("Norima Blue", "NORIMA/BLUE", False),
        ("Norima Blue", "Nori_ma Blue", True),
        ("Norima Blue", "Norima*Blue", True),
        ("Comla", "com/lo", False),
        ("KAWA×SORA", "KAWA x SORA", False),
        ("KAWA×SORA", "KAWA✕SORA", False),
        ("KAWASE", "KA×ASE", True),
    ],
)
def test_a_disguise_is_more_than_another_spelling(watched: str, surface: str, *, disguised: bool) -> None:
    assert appearance.is_disguised(watched, surface) is disguised


@pytest.mark.parametrize("text", ["", "a", "カ", "!!", "あ" * 201])
def test_a_variant_too_short_or_too_long_is_not_searched_for(text: str) -> None:
    assert variant_of(text) is None


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
    variant = variant_of(mark)
    assert variant is not None
    match = appearance.whole_similarity(variant, ObservedText.of("mark_text", filed))
    assert (match.term if match else None) == (term if term != "name_exact" or filed != "そにー" else "name_folded")


@pytest.mark.parametrize(("title", "is_found"), [("avecla cream", True), ("avec la cream", False)])
def test_lookalike_letters_stand_in_one_word(title: str, *, is_found: bool) -> None:
    variant = variant_of("avecla", VariantOrigin.LOOKALIKE)
    assert variant is not None
    match = appearance.nearest(variant, ObservedText.of("title", title))
    assert match is not None
    assert (match.strength > 0) == is_found
