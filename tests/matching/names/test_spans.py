"""The span of every signal holds the text that the signal compared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from ipwatch.matching.explain import explain
from ipwatch.matching.screener import Screener
from ipwatch.records import Category, Listing, MarkRecord, PriceBand, RightKind, Signal, WatchedMark

MARKS = (
    WatchedMark(
        watchlist="w",
        id="norima",
        text="NORIMA",
        kind=RightKind.TRADEMARK,
        readings=("ノリマ",),
        variants=("ノリマ", "诺丽玛", "노리마"),
        nice_classes=(14,),
        goods_terms=("時計", "watch"),
        exclude_terms=("ノリマキ",),
        genuine_price_jpy=PriceBand(min=30_000),
    ),
    WatchedMark(
        watchlist="w",
        id="kasumi",
        text="霞焼",
        kind=RightKind.GEOGRAPHICAL_INDICATION,
        readings=("カスミヤキ",),
        variants=("Kasumi Ware",),
        goods_terms=("茶碗", "cup"),
    ),
)
NAMES = (
    "NORIMA",
    "ＮＯＲＩＭＡ",
    "N0RIMA",
    "N*ORIMA",
    "ﾉﾘﾏ",
    "のりま",
    "Nоrima",
    "노리마",
    "霞焼",
    "Kasumi Ware",
    "ｶｽﾐﾔｷ",
)
BEFORE = ("", "Compatible with ", "case für ", "ﾊﾟﾝ ㍿ for: ", "INSPIRED  by ", "適用於 ", "ｶﾞﾗｽ ")
AFTER = (
    "",
    " ﾀｲﾌﾟ ｶｯﾌﾟ",
    "ﾀｲﾌﾟの茶碗",
    " スタイル時計",
    " W-1000 対応 ベルト",
    " Ｗ㎏ 対応",
    "風 cup",
    " watch compatible strap",
    "  時計用ベルト",
    "-STYLE Cafe\u0301",
    " 同款",
    "キ弁当",
    " レプリカ 中古",
)
TITLES = tuple("".join(parts) for parts in product(BEFORE, NAMES, AFTER))


def misplaced(record: Listing | MarkRecord, signals: tuple[Signal, ...]) -> list[Signal]:
    wrong = []
    for signal in signals:
        if signal.span is None:
            continue
        text: object = record
        for name in (signal.field or "").split("."):
            text = getattr(text, name)
        assert isinstance(text, str)
        if text[slice(*signal.span)] != signal.compared[1]:
            wrong.append(signal)
    return wrong


def test_the_span_of_every_signal_of_a_listing_is_what_was_compared() -> None:
    screener = Screener(MARKS, (), rates={}, on=date(2026, 11, 22), min_score=0.01)
    listings = [
        Listing(
            marketplace="m",
            listing_id=str(number),
            title=title,
            brand=title[:9],
            description=f"{title} 時計 cup",
            category=Category(path="家 > 時計"),
            price=Decimal(900),
            currency="JPY",
        )
        for number, title in enumerate(TITLES)
    ]
    by_subject = {listing.subject: listing for listing in listings}
    findings = list(screener.screen(listings, {}))
    wrong = [(finding.subject, misplaced(by_subject[finding.subject], finding.signals)) for finding in findings]
    assert [each for each in wrong if each[1]] == []
    placed = {signal.term for finding in findings for signal in finding.signals if signal.span is not None}
    assert placed >= {
        "name_exact",
        "name_folded",
        "disguised_spelling",
        "sound_reading",
        "goods_named",
        "context_compatible",
        "context_style",
        "context_style_gi",
    }


def test_the_span_of_every_signal_of_a_filing_is_what_was_compared() -> None:
    screener = Screener(MARKS, (), rates={}, on=date(2026, 11, 22), min_score=0.01)
    filings = [
        MarkRecord(office="JP", application_number=str(number), mark_text=title) for number, title in enumerate(TITLES)
    ]
    by_subject = {filing.subject: filing for filing in filings}
    findings = list(screener.screen(filings, {}))
    assert len(findings) > len(NAMES)
    assert [finding for finding in findings if misplaced(by_subject[finding.subject], finding.signals)] == []


@pytest.mark.parametrize(
    ("title", "term", "words"),
    [
        ("Compatible with NORIMA W-1000", "context_compatible", "Compatible with"),
        ("NORIMA W-1000 対応 ベルト", "context_compatible", "W-1000 対応"),
        ("NORIMA ﾀｲﾌﾟ ｶｯﾌﾟ", "context_style", "ﾀｲﾌﾟ"),
        ("belt INSPIRED by NORIMA", "context_style", "INSPIRED by"),
    ],
)
def test_the_span_of_a_word_next_to_the_name_is_its_own(title: str, term: str, words: str) -> None:
    (signal,) = [each for each in explain("NORIMA", title) if each.term == term]
    assert signal.compared == ("NORIMA", words)
    assert signal.span == (title.index(words), title.index(words) + len(words))
