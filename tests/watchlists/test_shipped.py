from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from corpus import shared

from ipwatch.matching.screener import Screener
from ipwatch.records import HolderKind, Listing, RightKind
from ipwatch.watchlists import check_watchlists, load_watchlists
from ipwatch.watchlists.schema import (
    AccountTable,
    HolderTable,
    MarkTable,
    PriceTable,
    RightTable,
    SellerTable,
    as_katakana,
)

WATCHLISTS = Path(__file__).resolve().parents[2] / "watchlists"


def test_every_shipped_list_loads_without_problem_or_doubt() -> None:
    checked, problems = check_watchlists([WATCHLISTS], as_of=date(2026, 11, 22))
    assert problems == ()
    assert [warning for each in checked for warning in each.warnings] == []


def test_the_lists_cover_the_country_and_every_kind_of_holder() -> None:
    watchlists = load_watchlists([WATCHLISTS])
    assert len(watchlists) >= 30
    assert sum(len(watchlist.marks) for watchlist in watchlists) >= 80
    assert {watchlist.holder.kind for watchlist in watchlists} >= {
        HolderKind.COMPANY,
        HolderKind.REGIONAL,
        HolderKind.CONTENT,
    }
    regional = {each.holder.prefecture for each in watchlists if each.holder.kind is HolderKind.REGIONAL}
    assert len(regional) >= 30


def test_no_shipped_list_vouches_for_a_seller_or_names_a_genuine_price() -> None:
    marks = [mark for watchlist in load_watchlists([WATCHLISTS]) for mark in watchlist.marks]
    assert [mark.key for mark in marks if mark.authorised_sellers or mark.genuine_price_jpy] == []
    assert [mark.key for mark in marks if mark.official_sellers or mark.deny_sellers] == []


def test_shipped_lists_say_of_lawful_trade_what_is_public_fact() -> None:
    marks = [mark for watchlist in load_watchlists([WATCHLISTS]) for mark in watchlist.marks]
    publishers = {(mark.watchlist, product) for mark in marks for product in mark.own_products}
    assert publishers == {
        ("shueisha", "978408*"),
        ("kodansha", "978406*"),
        ("shogakukan", "978409*"),
        ("square-enix", "97847575*"),
    }
    licensed = {mark.watchlist for mark in marks if mark.licensees}
    assert licensed >= {"shueisha", "kodansha", "shogakukan", "studio-ghibli"}
    for name in {name for name, _ in publishers} | licensed:
        header = (WATCHLISTS / f"{name}.toml").read_text(encoding="utf-8").split("\n\n")[0]
        assert ("# ISBN: " in header) == (name in {watchlist for watchlist, _ in publishers})
        assert ("# 許諾先 / licensees: " in header) == (name in licensed)
    # These are for the holder alone to say.
    assert [mark.key for mark in marks if mark.unlicensed_goods or mark.second_hand or mark.depth] == []


def test_every_shipped_list_names_its_source_first() -> None:
    for path in WATCHLISTS.glob("*.toml"):
        assert path.read_text(encoding="utf-8").startswith("# 出典 / source: "), path


def test_trademark_numbers_are_of_seven_digits_and_belong_to_one_mark() -> None:
    numbers = [
        right.number
        for watchlist in load_watchlists([WATCHLISTS])
        for mark in watchlist.marks
        for right in mark.rights
        if right.number and right.kind is not RightKind.GEOGRAPHICAL_INDICATION
    ]
    assert all(number.isdigit() and len(number) == 7 for number in numbers)
    assert len(numbers) == len(set(numbers)) > 5


@pytest.mark.parametrize(
    "title",
    [
        "ワンピース レディース 花柄 春夏 ロング丈",
        "キッズ 女の子 ワンピース 110cm",
        "マキシ ワンピース Tシャツ素材 ゆったり",
        "Girls One Pieces Swimsuit Striped with Print Tshirt",
        "Electric Guitar One Piece Body and One Piece Neck",
        "近江牛乳 900ml",
        "神戸牛乳 瓶 レトロ",
        "神戸肉まん 10個",
        "神戸ビーフン 200g",
        "宇治茶碗 江戸",
        "鎌倉彫刻 展覧会図録",
        "益子焼きそば 3食",
        "山中塗装 ステッカー",
        "料理の味の素材を活かす だし",
        "Leather phone case closed type with magnetic flap",
        "Mystery solved: Case Closed detective birthday party decorations",
        "Police evidence box CASE CLOSED sticker",
        "Blue Lock nut M8 stainless steel",
        "Combination Padlock Blue Lock for locker",
        "Smart Blue Lock fingerprint door lock",
        "Animal crossing sign yellow metal road sign deer",
        "Animal Crossing warning poster farm",
        "Wildlife animal crossing figure set model railway",
        "Maruchan Chicken Ramen 24 pack",
        "Top Ramen chicken ramen noodle soup",
        "Feng shui dragon ball crystal statue",
        "Bronze dragon ball paperweight figurine",
        "Glass sphere Dragon Ball stand",
        "适合味道清淡的调料",
        "综合味道坚果礼盒",
        "组合味道薯片 6包",
        "混合味道饼干",
    ],
)
def test_ordinary_words_that_hold_a_mark_are_not_flagged(title: str) -> None:
    marks = [mark for watchlist in load_watchlists([WATCHLISTS]) for mark in watchlist.marks]
    screener = Screener(marks, (), rates={}, on=date(2026, 11, 22))
    listing = Listing(marketplace="m", listing_id="1", title=title)
    assert [(finding.mark, finding.score) for finding in screener.screen([listing], {})] == []


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("ワンピース フィギュア ルフィ", "shueisha/one-piece"),
        ("ONE PIECE ルフィ アクリルスタンド", "shueisha/one-piece"),
        ("神戸牛 すき焼き用 500g", "kobe-beef/kobe-beef"),
        ("近江牛 サーロイン", "omi-beef/omi-ushi"),
        ("宇治茶 100g", "uji-tea/uji-cha"),
        ("Dragon Ball Goku hoodie", "shueisha/dragon-ball"),
        ("드래곤볼 피규어", "shueisha/dragon-ball"),
        ("ブルーロック 缶バッジ", "kodansha/blue-lock"),
        ("Case Closed manga vol 3", "shogakukan/case-closed"),
        ("名探偵コナン マグカップ", "shogakukan/detective-conan"),
        ("Animal Crossing plush Isabelle", "nintendo/animal-crossing-en"),
        ("どうぶつの森 マグカップ", "nintendo/animal-crossing"),
        ("チキンラーメン 即席麺 5食", "nissin-foods/chicken-ramen"),
        ("合味道 海鲜味 杯面", "nissin-foods/cup-noodles"),
        ("소니 헤드폰 무선", "sony-group/sony"),
    ],
)
def test_the_marks_themselves_still_are(title: str, mark: str) -> None:
    marks = [mark for watchlist in load_watchlists([WATCHLISTS]) for mark in watchlist.marks]
    screener = Screener(marks, (), rates={}, on=date(2026, 11, 22))
    listing = Listing(marketplace="m", listing_id="1", title=title)
    assert mark in [finding.mark for finding in screener.screen([listing], {})]


@pytest.mark.corpus
def test_companies_are_named_as_they_name_themselves_in_their_filings() -> None:
    with shared("lists/edinet_companies_kanji_kana_en.csv").open(encoding="utf-8") as stream:
        filed = {row["name_ja"].replace("\u3000", ""): row["name_en"] for row in csv.DictReader(stream)}
    holders = [each.holder for each in load_watchlists([WATCHLISTS]) if each.holder.name_ja in filed]
    assert len(holders) >= 10
    different = [holder.id for holder in holders if squeezed(filed[holder.name_ja]) != squeezed(holder.name_en)]
    assert different == []


def squeezed(name: str) -> str:
    return name.casefold().replace(" ", "").replace(",", "").replace(".", "")


@pytest.mark.corpus
def test_character_names_are_those_of_the_published_table() -> None:
    with shared("lists/character_names_multiscript.csv").open(encoding="utf-8") as stream:
        rows = {row["ja"]: row for row in csv.DictReader(stream)}
    marks = {mark.text: mark for each in load_watchlists([WATCHLISTS]) for mark in each.marks if mark.text in rows}
    assert marks
    for text, mark in marks.items():
        assert {rows[text][language] for language in ("en", "ko", "zh-hant", "zh-hans")} <= set(mark.variants)
        assert as_katakana(rows[text]["ja-hrkt"]) in mark.readings


@pytest.mark.parametrize("document", ["watchlists/README.md", "docs/watchlists.md", "docs/ja/watchlists.md"])
def test_every_key_is_explained(document: str) -> None:
    text = (WATCHLISTS.parent / document).read_text(encoding="utf-8")
    tables = (HolderTable, RightTable, SellerTable, AccountTable, PriceTable, MarkTable)
    keys = {name for table in tables for name in table.model_fields} | {"schema", "holder", "marks"}
    assert {key for key in keys if f"`{key}`" not in text} == set()
