"""Matching of whole worlds of the sandbox, where the truth is known, without servers or a database.

    python -m benchmarks.text.worlds [--seeds 1 7 11] [--listings N] [--composition engine|market] [--list]

Listings are compared as an adapter would have read them, every reference picture and every copied picture included;
pictures without anything of a holder are left out, which saves time and changes nothing for names. Prints for each kind
how many listings are flagged, and with ``--list`` each miss and each wrong flag with what counted. One JSON line at the
end.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from ipwatch.images import Purpose, decode, extract_features, load_references
from ipwatch.images.features import REGIONS_EDGE
from ipwatch.images.regions.propose import observed_regions
from ipwatch.matching.images.features import ImageFeatures, Regions
from ipwatch.matching.score import DEFAULT_THRESHOLD, contribution, counted
from ipwatch.matching.screener import Screener
from ipwatch.matching.suspicion.pictures import fingerprints
from ipwatch.records import Category, Finding, Listing, Seller, WatchedMark
from ipwatch.sandbox import Composition, build_world
from ipwatch.sandbox.drawing import draw_file
from ipwatch.sandbox.offers import Offer
from ipwatch.sandbox.pictures import DrawnImage
from ipwatch.sandbox.tally import Tally, tally
from ipwatch.sandbox.truth import Truth
from ipwatch.sandbox.world import World
from ipwatch.settings import DEFAULT_RATES
from ipwatch.watchlists import load_watchlists

ON = date(2026, 11, 1)

_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class Screened:
    """A world, the marks it is watched for, and every candidate: a finding with a threshold close to 0."""

    world: World
    marks: Mapping[str, WatchedMark]
    candidates: tuple[Finding, ...]

    def flags(self) -> set[tuple[str, str]]:
        """Return the pairs of subject and mark at the default threshold."""
        return {(finding.subject, finding.mark) for finding in self.candidates if finding.score >= DEFAULT_THRESHOLD}

    def truth(self) -> dict[str, Truth]:
        """Return the truth of every listing for sale."""
        return {offer.subject(): offer.truth for offer in self.world.offers}

    def tally(self) -> Tally:
        """Return how well the flags at the default threshold agree with the truth."""
        truth = self.truth()
        return tally(truth, subjects_read=truth, flags=self.flags())


def screened(seed: int, listings: int, composition: Composition = Composition.ENGINE) -> Screened:
    """Return the world of that seed with every candidate in it."""
    world = build_world(seed, listings, ON, composition)
    with tempfile.TemporaryDirectory() as name:
        paths = world.write_watchlists(Path(name))
        marks = [mark for watchlist in load_watchlists(paths) for mark in watchlist.marks]
        screener = Screener(marks, load_references(marks), rates=DEFAULT_RATES, on=ON, min_score=_FLOOR)
    records = [listing_of(offer) for offer in world.offers]
    screener.count_surfaces(record.title for record in records if record.title)
    pictures = {offer.subject(): shown for offer in world.offers if (shown := list(_pictures(offer, seed)))}
    candidates = tuple(screener.screen(records, pictures))
    return Screened(world, {mark.key: mark for mark in marks}, candidates)


@dataclass(frozen=True, slots=True)
class MarketScreening:
    """A market, the marks it is watched for, its listings, and every finding of them, not judged yet."""

    seed: int
    marks: tuple[WatchedMark, ...]
    listings: tuple[Listing, ...]
    findings: tuple[Finding, ...]
    truth: Mapping[str, Truth]
    pictures: Mapping[str, tuple[str, ...]]


def screened_market(seed: int, listings: int) -> MarketScreening:
    """Return the market of that seed with everything that names or shows a mark; ``pictures`` by what they are."""
    world = build_world(seed, listings, ON, Composition.MARKET)
    with tempfile.TemporaryDirectory() as name:
        paths = world.write_watchlists(Path(name))
        marks = tuple(mark for watchlist in load_watchlists(paths) for mark in watchlist.marks)
        screener = Screener(marks, load_references(marks), rates=DEFAULT_RATES, on=ON)
    records = tuple(listing_of(offer) for offer in world.offers)
    screener.count_surfaces(record.title for record in records if record.title)
    pictures = {offer.subject(): shown for offer in world.offers if (shown := list(_pictures(offer, seed)))}
    return MarketScreening(
        seed,
        marks,
        records,
        tuple(screener.screen(records, pictures, named=True)),
        {offer.subject(): offer.truth for offer in world.offers},
        dict(_fingerprints(world, seed)),
    )


def listing_of(offer: Offer) -> Listing:
    """Return the offer as its marketplace shows it: Rakuten names no brand and no country, only pages of shops do."""
    page, ebay = offer.shop.source in {"webshop", "shopify"}, offer.shop.source == "ebay"
    marketplace, _, listing_id = offer.subject().partition(":")
    return Listing(
        marketplace=marketplace,
        listing_id=listing_id,
        title=offer.title,
        description=offer.description,
        brand=offer.brand if page else None,
        price=offer.price,
        currency=offer.currency,
        seller=_seller(offer, rated=ebay),
        ships_from=offer.merchant.ships_from if ebay else None,
        category=Category(path=offer.goods.ebay_path) if ebay else None,
        condition=("Used" if offer.used else "New") if page or ebay else None,
        posted_at=offer.posted_at,
    )


def _seller(offer: Offer, *, rated: bool) -> Seller:
    merchant = offer.merchant
    if not rated:
        return Seller(id=merchant.id, name=merchant.name)
    return Seller(
        id=merchant.id, name=merchant.name, feedback_pct=merchant.feedback_pct, feedback_count=merchant.feedback_count
    )


def is_right(truth: Truth, mark: str) -> bool:
    """Whether a flag for that mark is true of such a listing: it imitates a mark of the same holder."""
    return truth.suspected and truth.mark is not None and truth.mark.partition("/")[0] == mark.partition("/")[0]


def _pictures(offer: Offer, seed: int) -> Iterator[tuple[str, ImageFeatures]]:
    for name, picture in offer.pictures:
        if picture.shows_mark:
            yield name, _features(picture, seed)


def _fingerprints(world: World, seed: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield by subject the fingerprints of the pictures whose object others photograph too; others have no copies."""
    times = Counter(picture.subject for offer in world.offers for _, picture in offer.pictures)
    for offer in world.offers:
        repeated = [picture for _, picture in offer.pictures if times[picture.subject] > 1]
        yield offer.subject(), fingerprints(_regions(picture, seed) for picture in repeated)


@lru_cache(maxsize=4_000)
def _regions(picture: DrawnImage, seed: int) -> Regions:
    """Return the regions of a picture alone, which take a tenth of the time of all features."""
    decoded = decode(draw_file(picture, seed), REGIONS_EDGE, colour=False)
    grey = decoded.frames[0].grey
    return observed_regions(grey, decoded.width / grey.shape[1])


@lru_cache(maxsize=4_000)
def _features(picture: DrawnImage, seed: int) -> ImageFeatures:
    """Return the features of a picture; retailers of the same goods show the same official one."""
    return extract_features(draw_file(picture, seed), Purpose.OBSERVED)


def main() -> None:
    """Print the tables and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 7, 11])
    parser.add_argument("--listings", type=int, default=3_000)
    compositions = [each.value for each in Composition]
    parser.add_argument("--composition", choices=compositions, default=Composition.ENGINE.value)
    parser.add_argument("--list", action="store_true", help="Name every miss and every wrong flag.")
    options = parser.parse_args()
    report = {}
    for seed in options.seeds:
        began = time.process_time()
        world = screened(seed, options.listings, Composition(options.composition))
        result = world.tally()
        print(f"\nseed {seed:<20} subjects  flagged")
        for kind in result.kinds:
            print(f"{'' if kind.suspected else '(no) '}{kind.kind:20} {kind.subjects:6} {kind.flagged:6}")
        if options.list:
            _list(world)
        report[seed] = {
            "found": result.detected,
            "missed": result.missed,
            "wrong": result.wrong,
            "precision": round(result.precision, 3),
            "recall": round(result.recall, 3),
            "cpu_s": round(time.process_time() - began, 1),
        }
    print(json.dumps(report))


def _list(screened_world: Screened) -> None:
    by_subject: dict[str, list[Finding]] = {}
    for finding in screened_world.candidates:
        by_subject.setdefault(finding.subject, []).append(finding)
    right = {
        (subject, mark) for subject, mark in screened_world.flags() if is_right(screened_world.truth()[subject], mark)
    }
    reached = {subject for subject, _ in right}
    for offer in screened_world.world.offers:
        findings = by_subject.get(offer.subject(), [])
        if offer.truth.suspected and offer.subject() not in reached:
            print(f"missed {offer.truth.kind} {offer.truth.mark}: {offer.title}")
            _print(findings)
        wrong = [each for each in findings if (each.subject, each.mark) in screened_world.flags() - right]
        if wrong:
            print(f"wrong {offer.truth.kind} {offer.truth.mark}: {offer.title}")
            _print(wrong)


def _print(findings: Sequence[Finding]) -> None:
    for each in findings:
        reasons = (
            f"{signal.term}({signal.compared[1][:24]}) {contribution(signal):+.3f}" for signal in counted(each.signals)
        )
        print(f"    {each.mark} {each.score:.3f}: {'; '.join(reasons)}")


if __name__ == "__main__":
    main()
