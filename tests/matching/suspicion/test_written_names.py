"""How the name is written is a sign only where it is hidden, or written wrongly in the place of the right name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching.suspicion.listings import BRAND, REGION, WORK, judge, listing, terms

from ipwatch.records import ListingKind, WatchedMark


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        (REGION, "水.面.茶 煎茶"),
        (REGION, "水 面 茶 煎茶 100g"),
        (REGION, "水○茶 煎茶"),
        (replace(WORK, text="ミナモ"), "ミ・ナ・モ グッズ"),
        (replace(WORK, text="미나모"), "미.나.모 굿즈"),
        (replace(WORK, text="ミナモノ", threshold=0.85), "ミ★ナ★モ★ノ 掛軸"),
    ],
)
def test_hidden_names_are_found_and_suspected(mark: WatchedMark, title: str) -> None:
    (result,) = judge(mark, listing(title)).values()
    assert (result.kind, "disguised_name" in terms(result)) == (ListingKind.SUSPECTED, True)


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        (replace(WORK, text="KAWA×SORA"), "KAWA x SORA グッズ"),
        (replace(WORK, text="Kawa Sora"), "KAWA_SORA グッズ"),
    ],
)
def test_a_name_as_keyboards_and_addresses_write_it_is_not_hidden(mark: WatchedMark, title: str) -> None:
    (result,) = judge(mark, listing(title)).values()
    assert "disguised_name" not in terms(result)


def test_a_raised_threshold_is_for_the_name_as_it_is_written() -> None:
    raised = replace(WORK, text="ミナモノ", threshold=0.85)
    assert not judge(raised, listing("ミナモノ 掛軸"))
    assert judge(raised, listing("ミ★ナ★モ★ノ 掛軸"))


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        (replace(BRAND, text="SHARPNEL"), "shrapnel watch"),
        (replace(BRAND, text="FISH KING"), "fishing watch"),
        (replace(BRAND, text="Cinnamoroll"), "cinnamon roll watch"),
        (replace(BRAND, text="NANDN"), "Nanda watch"),
        (replace(BRAND, text="Norimail"), "Norimail6 watch"),
        (replace(REGION, text="水面抹茶"), "水面茶 煎茶"),
    ],
)
def test_another_word_near_to_the_name_is_not_its_misspelling(mark: WatchedMark, title: str) -> None:
    assert all("misspelt_name" not in terms(each) for each in judge(mark, listing(title)).values())


@pytest.mark.parametrize(
    ("mark", "title", "term"),
    [
        (replace(BRAND, text="ノリマドウワ"), "ノリマドウヮ 腕時計", None),
        (replace(BRAND, text="ミカヅキタ"), "ミ亻ヅキ夕 腕時計", "disguised_name"),
        (replace(BRAND, text="NORIMATSUYA"), "NORIMATS.UYA watch", "misspelt_name"),
        (replace(BRAND, text="NORIMATSUYA"), "NORIMATS UYA watch", "misspelt_name"),
        (replace(BRAND, text="NORIMATSUYA"), "Norima Tsuya watch", None),
        (replace(BRAND, text="NORIMATSUYA"), "Norima\u3000Tsuya watch", None),
        (replace(BRAND, text="ネヌソユ"), "ネヌ ソユ 腕時計", "misspelt_name"),
        (replace(BRAND, text="ハナボール"), "ハナ ボール 腕時計", None),
        (replace(BRAND, text="누리모소"), "누리.모소 시계", "misspelt_name"),
        (replace(BRAND, text="누리모소"), "누리 모소 시계", None),
        (replace(BRAND, text="ヌリモソ"), "ヌリモゾ 腕時計", "misspelt_name"),
        (replace(BRAND, text="Norimatsu Towel"), "Norimatzu Towel watch", "misspelt_name"),
        (replace(WORK, text="影笛戦記", goods_terms=("ゲーム",)), "彰笛戦記 ゲーム", "misspelt_name"),
    ],
)
def test_a_name_torn_or_spelt_as_its_holder_does_not_is_a_sign(mark: WatchedMark, title: str, term: str | None) -> None:
    (result,) = judge(mark, listing(title)).values()
    assert {"disguised_name", "misspelt_name"} & terms(result) == ({term} if term else set())


def test_a_word_of_the_language_that_sounds_like_the_name_is_no_misspelling() -> None:
    mark = replace(BRAND, text="レムリカ", readings=("レムリカ",))
    result = judge(mark, listing("レプリカ 腕時計"))
    assert result
    assert all("misspelt_name" not in terms(each) for each in result.values())


def test_a_spelling_near_to_the_reading_says_nothing_of_the_name_beside_it() -> None:
    mark = replace(BRAND, text="野利真堂", readings=("ノリマドウ",))
    (result,) = judge(mark, listing("ノリマドークラシック 腕時計 野利真堂")).values()
    assert (result.kind, terms(result)) == (ListingKind.MENTION, set())


def test_who_sells_accessories_may_say_that_they_are_not_the_holders() -> None:
    case = listing("NORIMA watch band, aftermarket", description="Not affiliated with NORIMA.")
    (result,) = judge(BRAND, case).values()
    assert (result.kind, "unofficial" in terms(result)) == (ListingKind.MENTION, False)
