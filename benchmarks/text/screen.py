"""Listings per second of the whole screener by the number of marks, where the time goes, and how much memory it takes.

    python -m benchmarks.text.screen [--listings N] [--marks N ...] [--stored N]

Prints a table on stderr and one JSON line; times are CPU seconds of one process for each number of marks. Marks and
listings are invented: a title of ten words, one in eight of which names a mark, and a description of 60. ``stages`` are
microseconds a listing: folding (skeletons), appearance, words and sound search the index, judging is all the rest, from
boundaries to findings. ``survey_us`` is for one of those titles. ``new_marks`` are ten marks against stored titles,
found and judged (``Screener.count_surfaces``). rapidfuzz's all-pairs search on the skeletons of the titles only finds
windows: it judges no boundaries and scores nothing. The index alone is measured by
``benchmarks/text/names_index.py``.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from typing import Any

from rapidfuzz import fuzz, process

from ipwatch.matching.names.index import Lookup
from ipwatch.matching.names.short_words import ShortWordIndex
from ipwatch.matching.names.short_words_batch import ShortWordBatchIndex
from ipwatch.matching.screener import BATCH, Screener
from ipwatch.matching.variants import variants_of
from ipwatch.records import Listing, MarkRecord, PriceBand, RightKind, WatchedMark
from ipwatch.text.folding.batch import skeletons
from ipwatch.text.folding.skeleton import skeleton

DAY = date(2026, 11, 22)
NEW_MARKS = 10

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


def invent_titles(chance: random.Random, marks: Sequence[WatchedMark], count: int) -> Iterator[str]:
    """Yield titles of ordinary length, one in eight of which names a mark."""
    for _ in range(count):
        words = chance.choices(WORDS, k=6) + ["".join(chance.choices("abcdefghiklmnoprstu", k=6)) for _ in range(3)]
        if chance.random() < 1 / 8:
            mark = chance.choice(marks)
            words.insert(chance.randrange(len(words)), chance.choice((mark.text, *mark.variants)))
        yield " ".join(words)


def invent_listings(chance: random.Random, marks: Sequence[WatchedMark], count: int) -> list[Listing]:
    """Return invented listings of ordinary length."""
    listings = []
    for number, title in enumerate(invent_titles(chance, marks, count)):
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


def spent(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds that the work takes, and its result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def stages(marks: Sequence[WatchedMark], listings: Sequence[Listing]) -> dict[str, float]:
    """Return the CPU seconds of each stage before a candidate is judged."""
    variants = [variant for mark in marks for variant in variants_of(mark)[0]]
    lookup, words = Lookup(variants), ShortWordBatchIndex(ShortWordIndex(variants))
    seconds_by_stage = dict.fromkeys(("folding", "appearance", "words", "sound"), 0.0)
    for first in range(0, len(listings), BATCH):
        batch = listings[first : first + BATCH]
        titles, texts = [record.title or "" for record in batch], [record.description or "" for record in batch]
        seconds, folded = spent(lambda: (skeletons(titles), skeletons(texts)))  # noqa: B023 - called at once
        seconds_by_stage["folding"] += seconds
        seconds_by_stage["appearance"] += spent(lambda: [lookup.candidates(each) for each in folded])[0]  # noqa: B023 - called at once
        seconds_by_stage["words"] += spent(lambda: list(words.find(titles, folded[0])))[0]  # noqa: B023 - called at once
        seconds_by_stage["sound"] += spent(lambda: lookup.phonetic_matches([*titles, *texts]))[0]  # noqa: B023 - called at once
    return seconds_by_stage


def measure(marks_count: int, listings_count: int) -> dict[str, Any]:
    """Return the figures for that many marks; to be called in a process of its own."""
    chance = random.Random(20261122)  # noqa: S311 - the same invented data on every run
    marks = invent_marks(chance, marks_count)
    listings = invent_listings(chance, marks, listings_count)
    filings = invent_filings(chance, listings_count)
    build_s, screener = spent(lambda: Screener(marks, (), rates={}, on=DAY))
    started_s, _ = spent(lambda: list(screener.screen([*listings[:1], *filings[:1]], {})))
    survey_s, _ = spent(lambda: screener.count_surfaces(listing.title or "" for listing in listings))
    screen_s, findings = spent(lambda: sum(1 for _ in screener.screen(listings, {})))
    filings_s, filings_found = spent(lambda: sum(1 for _ in screener.screen(filings, {})))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds_by_stage = stages(marks, listings)
    seconds_by_stage["judging"] = max(0.0, screen_s - sum(seconds_by_stage.values()))
    return {
        "marks": len(marks),
        "build_s": round(build_s, 2),
        "first_s": round(started_s, 2),
        "listings_per_s": round(len(listings) / screen_s),
        "pairs_per_s": round(len(listings) * len(marks) / screen_s),
        "findings": findings,
        "filings_per_s": round(len(filings) / filings_s),
        "filing_findings": filings_found,
        "survey_us": round(survey_s / len(listings) * 1e6, 1),
        "peak_mb": round(peak / 1024),
        "stages": {name: round(seconds / len(listings) * 1e6, 1) for name, seconds in seconds_by_stage.items()},
    }


def measure_new_marks(stored: int) -> dict[str, Any]:
    """Return what ten new marks against stored titles take; to be called in a process of its own."""
    chance = random.Random(20261122)  # noqa: S311 - the same invented data on every run
    known = invent_marks(chance, 1000)
    titles = list(invent_titles(chance, known, stored))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    screener = Screener(known[:NEW_MARKS], (), rates={}, on=DAY)
    screener.count_surfaces(titles[:1])
    seconds, _ = spent(lambda: screener.count_surfaces(titles))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "new_marks": NEW_MARKS,
        "stored": stored,
        "seconds": round(seconds, 2),
        "beside_titles_mb": round((peak - before) / 1024),
    }


def all_pairs_s(marks_count: int, listings_count: int) -> float:
    """Return the CPU seconds of rapidfuzz's search of all pairs of variants and titles."""
    chance = random.Random(20261122)  # noqa: S311 - the same invented data on every run
    marks = invent_marks(chance, marks_count)
    variants = [variant.skeleton for mark in marks for variant in variants_of(mark)[0]]
    texts = [skeleton(title).text for title in invent_titles(chance, marks, listings_count)]
    return spent(lambda: process.cdist(variants, texts, scorer=fuzz.partial_ratio, score_cutoff=80, workers=1))[0]


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the figures for people, one number of marks a line."""
    names = ("marks", "listings/s", "filings/s", "survey us", "peak MB", "build s", *rows[0]["stages"])
    yield "".join(f"{name:>12}" for name in names)
    for row in rows:
        shown = [row[key] for key in ("marks", "listings_per_s", "filings_per_s", "survey_us", "peak_mb", "build_s")]
        yield "".join(f"{figure:>12}" for figure in (*shown, *row["stages"].values()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--listings", type=int, default=3000)
    parser.add_argument("--marks", type=int, nargs="+", default=[60, 1000, 10_000])
    parser.add_argument("--stored", type=int, default=1_000_000)
    sizes = parser.parse_args()
    with get_context("spawn").Pool(1, maxtasksperchild=1) as fresh:
        rows = [fresh.apply(measure, (count, sizes.listings)) for count in sizes.marks]
        new = fresh.apply(measure_new_marks, (sizes.stored,))
        peer_marks = min(sizes.marks)
        peer = fresh.apply(all_pairs_s, (peer_marks, sizes.listings))
    for line in table(rows):
        print(line, file=sys.stderr)
    print(f"{new['new_marks']} new marks, {new['stored']} stored titles: {new['seconds']} s", file=sys.stderr)
    figures = {"listings": sizes.listings, "sizes": rows, "retroactive": new}
    print(json.dumps({**figures, "cdist_partial_ratio": {"marks": peer_marks, "seconds": round(peer, 3)}}))


if __name__ == "__main__":
    main()
