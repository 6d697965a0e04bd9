"""Keyword lists: names for search engines, as opposed to sentences and properties of goods."""

from __future__ import annotations

from datetime import date

import pytest

from ipwatch.matching.names.keyword_lists import in_list
from ipwatch.matching.screener import Screener
from ipwatch.records import Listing, RightKind, WatchedMark

NAMES = [f"{first}{last}" for first in ("NORI", "TAKU", "MIBE", "SORA", "HEKI", "YUBI") for last in "ABCDE"]


@pytest.mark.parametrize("sign", [" ", ", ", "、", "/", "・", "\n", " #"])
def test_names_in_a_row_are_a_list_whatever_parts_them(sign: str) -> None:
    text = f"とても便利なケースです。関連ワード：{sign.join(NAMES)}"
    assert all(in_list(text, text.index(name), text.index(name) + len(name)) for name in NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "NORIMAのヘッドホンです。使用回数は少ないです。箱、説明書、ケーブル付き。",
        "Genuine NORIMA headphones in very good condition, with tracking, box included, no cable",
        "サイズ：M カラー：黒 ブランド：NORIMA 素材：綿 状態：新品 生産国：日本 発送：翌日 送料：無料",
        "NORIMA",
        "",
    ],
)
def test_sentences_and_properties_are_no_list(text: str) -> None:
    start = max(0, text.find("NORIMA"))
    assert not in_list(text, start, start + 6)


def test_thirty_names_in_a_description_flag_none_of_them() -> None:
    marks = [WatchedMark(watchlist="w", id=name, text=name, kind=RightKind.TRADEMARK) for name in NAMES]
    screener = Screener(marks, (), rates={}, on=date(2026, 11, 1))
    listed = Listing(marketplace="rakuten", listing_id="1", title="収納ケース", description="関連 " + " ".join(NAMES))
    sold = Listing(marketplace="rakuten", listing_id="2", title="収納ケース", description=f"{NAMES[0]}のケースです。")
    assert [(finding.subject, finding.mark) for finding in screener.screen([listed, sold], {})] == [
        ("rakuten:2", f"w/{NAMES[0]}")
    ]
