"""Suspicion at a market's base rate: lawful listings suspected, infringing ones missed, the worth of each sign.

    python -m benchmarks.text.suspicion [--data DIR] [--seeds 21 22 23] [--listings N] [--list] [--worth]

Markets of the sandbox, in which at least 97 of 100 listings that name a mark are lawful, give precision and recall of
what a listing shows, by kind. With ``--data`` the real item answers of Rakuten are screened with the shipped
watchlists, and 60 invented copies among them: of the real listings, those of ``real_listings.tsv`` deserve a look and
all others are lawful. ``--worth`` judges the markets once more without each sign, ``--list`` names every error. One
JSON line at the end; ``cost`` is CPU seconds of screening with judging for one of screening alone, smallest of three.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from benchmarks.data.folders import SHARED, WATCHLISTS
from benchmarks.text.worlds import ON, MarketScreening, screened_market
from ipwatch.errors import IpwatchError
from ipwatch.matching.score import SIGNS
from ipwatch.matching.screener import Screener
from ipwatch.matching.suspicion.crawl import Crawl
from ipwatch.matching.suspicion.goods_kinds import goods_kind
from ipwatch.matching.suspicion.judge import bar_of, judged, learn_listing, suspicion_of
from ipwatch.records import Document, Finding, Listing, ListingKind, RequestKind, Seller, WatchedMark
from ipwatch.sandbox.tally import tally
from ipwatch.sandbox.truth import Kind
from ipwatch.settings import DEFAULT_RATES
from ipwatch.sources import rakuten
from ipwatch.watchlists import load_watchlists

LABELS = Path(__file__).resolve().parents[1] / "data" / "real_listings.tsv"
COPIES = 60
SEED = 20261201

_NAMES = (
    *("NARUTO", "ナルト", "火影忍者", "ドラゴンボール", "DRAGON BALL", "ワンピース", "ポケモン", "Hello Kitty"),
    *("SONY", "ASICS", "CASIO", "今治タオル", "宇治茶"),
)
_COPIED = (
    *("{name} {goods} スーパーコピー", "{name} {goods} コピー品", "【N級】{name} {goods}", "{name} {goods} 高仿"),
    *("{name} {goods} replica", "{name} {goods} 海賊版", "{name} {goods} レプリカ 激安", "{name} {goods} 모조품 짝퉁"),
)
_UNBRANDED = (
    "ノーブランド {name} {goods} 100個セット",
    "{name} {goods} 100体 ノーブランド品",
    "no brand {name} {goods} 100pcs",
)
_GOODS = ("フィギュア", "Tシャツ", "コミック 全巻", "キーホルダー", "タオル", "時計", "poster", "DVD")
_TWINS = str.maketrans(
    {"O": "0", "A": "А", "E": "Е", "ル": "儿", "ン": "ソ", "カ": "力", "ト": "卜", "今": "令", "i": "1"}
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The listings of a market or file, and every finding of them, judged."""

    listings: Mapping[str, Listing]
    findings: tuple[Finding, ...]

    def suspected(self) -> set[tuple[str, str]]:
        """Return the pairs of subject and mark that are suspected."""
        return {(each.subject, each.mark) for each in self.findings if each.kind is ListingKind.SUSPECTED}


def judge_all(
    marks: Sequence[WatchedMark],
    listings: Sequence[Listing],
    findings: Sequence[Finding],
    pictures: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Judged:
    """Return the findings of listings, judged by what all of them teach; ``pictures`` are fingerprints by subject."""
    crawl = Crawl(DEFAULT_RATES)
    for each in listings:
        learn_listing(crawl, each)
    by_subject: dict[str, list[Finding]] = {}
    for finding in findings:
        by_subject.setdefault(finding.subject, []).append(finding)
    named = [(each, by_subject[each.subject]) for each in listings if each.subject in by_subject]
    return Judged({each.subject: each for each in listings}, tuple(judged(marks, named, crawl, pictures)))


def real_listings(data: Path) -> list[Listing]:
    """Return every item of the stored item answers of Rakuten, each once, in both versions of the format."""
    listings: dict[str, Listing] = {}
    for path in sorted((data / "marketplaces/rakuten").glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8")).get("body")
        if isinstance(body, dict) and body.get("Items") and "count" in body:
            listings.update((each.subject, each) for each in _parsed(json.dumps(body).encode()))
    return list(listings.values())


def _parsed(content: bytes) -> Iterator[Listing]:
    url = "https://openapi.rakuten.co.jp/ichibams/api/IchibaItem/Search/20260701"
    document = Document(
        source="rakuten",
        kind=RequestKind.API,
        url=url,
        final_url=url,
        status=200,
        headers=(),
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
        sha256=sha256(content).hexdigest(),
        size=len(content),
        content=content,
    )
    try:
        yield from (record for record in rakuten.parse(document) if isinstance(record, Listing))
    except IpwatchError:
        return


def planted_copies() -> list[Listing]:
    """Return invented listings of copies: the seller's own words, disguised names, a hundred pieces without a brand."""
    chance = random.Random(SEED)  # noqa: S311 - the same copies on every run
    titles = []
    for number in range(COPIES):
        name, goods = chance.choice(_NAMES), chance.choice(_GOODS)
        if number % 3 == 0:
            titles.append(chance.choice(_COPIED).format(name=name, goods=goods))
        elif number % 3 == 1:
            titles.append(f"{_disguised(name, chance)} {goods} 新品")
        else:
            titles.append(chance.choice(_UNBRANDED).format(name=name, goods=goods))
    return [
        Listing(
            marketplace="rakuten", listing_id=f"planted:{number}", title=title, seller=Seller(id=f"planted-{number}")
        )
        for number, title in enumerate(titles)
    ]


def _disguised(name: str, chance: random.Random) -> str:
    twin = name.translate(_TWINS)
    return twin if twin != name and chance.random() < 0.5 else chance.choice((" ", "★", ".")).join(name)


def main() -> None:
    """Print the tables and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--seeds", type=int, nargs="*", default=[21, 22, 23])
    parser.add_argument("--listings", type=int, default=6_000)
    parser.add_argument("--list", action="store_true", help="Name every error.")
    parser.add_argument("--worth", action="store_true", help="Judge without each sign.")
    options = parser.parse_args()
    report: dict[str, object] = {}
    if (options.data / "marketplaces/rakuten").is_dir():
        report["real"] = _real(options.data, listed=options.list)
    markets = []
    for seed in options.seeds:
        market = screened_market(seed, options.listings)
        markets.append(market)
        report[f"market {seed}"] = _market(market, listed=options.list)
    if options.worth:
        report["worth"] = _worth(markets)
    print(json.dumps(report, ensure_ascii=False))


def _real(data: Path, *, listed: bool) -> dict[str, object]:
    marks = [mark for watchlist in load_watchlists([WATCHLISTS]) for mark in watchlist.marks]
    listings = [*real_listings(data), *planted_copies()]
    screener = Screener(marks, [], rates=DEFAULT_RATES, on=ON)
    screener.count_surfaces(each.title for each in listings if each.title)
    cost = _cost(screener, marks, listings)
    result = judge_all(marks, listings, list(screener.screen(listings, {}, named=True)))
    with LABELS.open(encoding="utf-8") as file:
        deserving = {f"rakuten:{row['listing_id']}" for row in csv.DictReader(file, delimiter="\t")}
    suspected = {subject for subject, _ in result.suspected()}
    mentioned = {each.subject for each in result.findings}
    planted = {each.subject for each in listings if each.listing_id.startswith("planted:")}
    lawful = mentioned - deserving - planted
    kinds = Counter(goods_kind(result.listings[subject].title or "") or "other" for subject in lawful)
    flagged = Counter(goods_kind(result.listings[subject].title or "") or "other" for subject in lawful & suspected)
    print(f"\n{'real, lawful by kind of goods':32} listings  suspected")
    for kind, count in kinds.most_common():
        print(f"{kind:32} {count:8} {flagged[kind]:10}")
    print(f"{'deserve a look':32} {len(deserving):8} {len(deserving & suspected):10}")
    print(f"{'planted copies':32} {len(planted):8} {len(planted & suspected):10}")
    if listed:
        for subject in sorted((lawful & suspected) | (deserving - suspected) | (planted - suspected)):
            signs = [sign.term for each in result.findings if each.subject == subject for sign in each.signs]
            print(("wrong " if subject in suspected else "missed"), subject, result.listings[subject].title, signs)
    return {
        "listings": len(listings) - len(planted),
        "mentions": len(mentioned - planted),
        "lawful": len(lawful),
        "lawful_suspected": len(lawful & suspected),
        "lawful_suspected_per_100": round(100 * len(lawful & suspected) / len(lawful), 2),
        "deserve_a_look": len(deserving),
        "deserving_suspected": len(deserving & suspected),
        "planted": len(planted),
        "planted_suspected": len(planted & suspected),
        "cost": cost,
    }


def _cost(screener: Screener, marks: Sequence[WatchedMark], listings: Sequence[Listing]) -> float:
    alone, whole = [], []
    for _ in range(3):
        began = time.process_time()
        list(screener.screen(listings, {}))
        alone.append(time.process_time() - began)
        began = time.process_time()
        judge_all(marks, listings, list(screener.screen(listings, {}, named=True)))
        whole.append(time.process_time() - began)
    return round(min(whole) / min(alone), 3)


def _market(market: MarketScreening, *, listed: bool) -> dict[str, object]:
    result = judge_all(market.marks, market.listings, market.findings, market.pictures)
    mentions = {(each.subject, each.mark) for each in result.findings}
    counted = tally(market.truth, subjects_read=market.truth, flags=result.suspected(), mentions=mentions)
    print(f"\nmarket of seed {market.seed:<20} subjects  suspected")
    for kind in counted.kinds:
        note = "" if kind.suspected else "(not visible) " if kind.not_visible else "(lawful) "
        print(f"{note + kind.kind:34} {kind.subjects:8} {kind.flagged:10}")
    if listed:
        _list(market, result)
    return {
        "mentions": counted.mentions,
        "suspected_per_1000_mentions": round(counted.suspected_per_1000_mentions, 1),
        "detected": counted.detected,
        "missed": counted.missed,
        "wrong": counted.wrong,
        "precision": round(counted.precision, 3),
        "recall": round(counted.recall, 3),
        "not_visible": counted.not_visible,
        "by_kind": {kind.kind: f"{kind.flagged}/{kind.subjects}" for kind in counted.kinds if kind.suspected},
    }


def _list(market: MarketScreening, result: Judged) -> None:
    by_subject: dict[str, list[Finding]] = {}
    for each in result.findings:
        by_subject.setdefault(each.subject, []).append(each)
    for subject, truth in market.truth.items():
        hits = by_subject.get(subject, [])
        flagged = [each for each in hits if each.kind is ListingKind.SUSPECTED]
        if truth.kind == Kind.NOT_VISIBLE or bool(flagged) == truth.suspected:
            continue
        signs = [(each.mark, each.suspicion, [(sign.term, sign.points) for sign in each.signs]) for each in hits]
        shown = result.listings[subject]
        print("wrong " if flagged else "missed", truth.kind, shown.title, shown.price, shown.currency, signs)


def _worth(markets: Sequence[MarketScreening]) -> dict[str, object]:
    """Return for each sign how many more infringing and lawful listings are suspected with it than without it."""
    worth: dict[str, object] = {}
    with_all: list[tuple[MarketScreening, Judged]] = [
        (market, judge_all(market.marks, market.listings, market.findings, market.pictures)) for market in markets
    ]
    print(f"\n{'sign':28} listings  right with it  wrong with it")
    for term in SIGNS:
        shown = right = wrong = 0
        for market, result in with_all:
            marks = {mark.key: mark for mark in market.marks}
            for each in result.findings:
                if not any(sign.term == term for sign in each.signs):
                    continue
                shown += 1
                without = suspicion_of([sign for sign in each.signs if sign.term != term])
                change = (each.kind is ListingKind.SUSPECTED) - (without >= bar_of(marks[each.mark]))
                truth = market.truth[each.subject]
                right += change * truth.suspected
                wrong += change * (not truth.infringing)
        worth[term] = {"listings": shown, "right": right, "wrong": wrong}
        print(f"{term:28} {shown:8} {right:14} {wrong:14}")
    return worth


if __name__ == "__main__":
    main()
