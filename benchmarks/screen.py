"""Listings times marks per second of the whole screener, beside rapidfuzz's all-pairs search on the same skeletons.

    python benchmarks/screen.py [--listings N] [--marks N]

Prints one JSON line; times are CPU seconds of one process. rapidfuzz only finds windows: it neither judges borders nor
scores, and its figure leaves out the folding of the texts. The index alone is measured by ``benchmarks/text.py``.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from datetime import date
from decimal import Decimal

from rapidfuzz import fuzz, process

from ipwatch.matching.forms import forms_of
from ipwatch.matching.screener import Screener
from ipwatch.records import Listing, MarkRecord, PriceBand, RightKind, WatchedMark
from ipwatch.text.normalize import skeleton

KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハマミムモラリルロン"
GOODS = ("タオル", "towel", "時計", "watch", "bag", "バッグ", "茶碗", "cup", "梨", "pear")
WORDS = (
    "新品",
    "送料無料",
    "new",
    "free",
    "shipping",
    "セット",
    "限定",
    "blue",
    "large",
    "cotton",
    "ギフト",
    "canonical",
)


def invent_marks(chance: random.Random, count: int) -> list[WatchedMark]:
    """Return invented marks, each with a kana text, a Latin variant, a reading and goods."""
    marks = []
    for number in range(count):
        kana = "".join(chance.choices(KANA, k=chance.randint(3, 7)))
        latin = "".join(chance.choices("aeioukstnmr", k=chance.randint(5, 9)))
        marks.append(
            WatchedMark(
                watchlist="bench",
                id=str(number),
                text=kana,
                kind=RightKind.TRADEMARK,
                readings=(kana,),
                variants=(latin, f"{latin} {chance.choice(GOODS)}"),
                nice_classes=(chance.randint(1, 45),),
                goods_terms=tuple(chance.sample(GOODS, 3)),
                genuine_price_jpy=PriceBand(min=3000),
            )
        )
    return marks


def invent_listings(chance: random.Random, marks: list[WatchedMark], count: int) -> list[Listing]:
    """Return invented listings of ordinary length, one in eight of which names a mark."""
    listings = []
    for number in range(count):
        words = chance.choices(WORDS, k=6) + ["".join(chance.choices("abcdefghiklmnoprstu", k=6)) for _ in range(3)]
        if chance.random() < 1 / 8:
            mark = chance.choice(marks)
            words.insert(chance.randrange(len(words)), chance.choice((mark.text, *mark.variants)))
        title = " ".join(words)
        listings.append(
            Listing(
                marketplace="bench",
                listing_id=str(number),
                title=title,
                description=" ".join(chance.choices(WORDS, k=60)),
                price=Decimal(chance.randint(300, 9000)),
                currency="JPY",
            )
        )
    return listings


def invent_filings(chance: random.Random, count: int) -> list[MarkRecord]:
    """Return invented filings with readings."""
    names = ("".join(chance.choices(KANA, k=chance.randint(3, 8))) for _ in range(count))
    return [
        MarkRecord(office="JP", application_number=str(number), mark_text=name, readings=(name,), nice_classes=(9,))
        for number, name in enumerate(names)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--listings", type=int, default=3000)
    parser.add_argument("--marks", type=int, default=60)
    sizes = parser.parse_args()
    chance = random.Random(20261122)  # noqa: S311 - the same invented data on every run
    marks = invent_marks(chance, sizes.marks)
    listings = invent_listings(chance, marks, sizes.listings)
    filings = invent_filings(chance, sizes.listings)

    began = time.process_time()
    screener = Screener(marks, (), rates={}, on=date(2026, 11, 22))
    built = time.process_time()
    found = sum(1 for _ in screener.screen(listings, {}))
    screened = time.process_time()
    filed = sum(1 for _ in screener.screen(filings, {}))
    done = time.process_time()

    forms = [form.skeleton for mark in marks for form in forms_of(mark)[0]]
    texts = [skeleton(listing.title or "").text for listing in listings]
    peer = time.process_time()
    process.cdist(forms, texts, scorer=fuzz.partial_ratio, score_cutoff=80, workers=1)
    peer_done = time.process_time()
    figures = {
        "listings": len(listings),
        "marks": len(marks),
        "forms": len(forms),
        "build_s": round(built - began, 3),
        "screen_s": round(screened - built, 3),
        "pairs_per_s": round(len(listings) * len(marks) / (screened - built)),
        "findings": found,
        "filings_s": round(done - screened, 3),
        "filing_findings": filed,
        "cdist_partial_ratio_s": round(peer_done - peer, 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
