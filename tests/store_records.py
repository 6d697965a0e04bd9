"""Invented records for the tests of the store."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np

from ipwatch.matching.images.features import Emblems, Ground, ImageFeatures, Keypoints, RegionKind, Regions, View
from ipwatch.records import (
    AuthorisedSeller,
    Category,
    Depth,
    Document,
    Finding,
    Holder,
    HolderKind,
    Listing,
    MarkRecord,
    PriceBand,
    PublicationKind,
    Request,
    RequestKind,
    Right,
    RightKind,
    SecondHand,
    Seller,
    SellerAccount,
    Signal,
    WatchedMark,
    Watchlist,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

LISTING = Listing(
    marketplace="rakuten",
    listing_id="kazami-shop:10000001",
    url="https://item.example/kazami-shop/10000001",
    title="風見タオル バスタオル 2枚組",
    description="風見の里で織ったタオルです。",
    brand="風見タオル",
    price=Decimal("1980.50"),
    currency="JPY",
    images=("https://img.example/1.jpg", "https://img.example/2.jpg"),
    seller=Seller(id="kazami-shop", name="かざみ商店", country="JP", feedback_pct=98.5, feedback_count=120),
    ships_from="JP",
    category=Category(id="100", path="日用品 > タオル"),
    condition="new",
    quantity=4,
    sold=11,
    posted_at=datetime(2026, 11, 1, 1, 2, 3, tzinfo=UTC),
    updated_at=datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC),
    status="active",
    document_sha256="a" * 64,
)

FILING = MarkRecord(
    office="JP",
    application_number="2026000123",
    mark_text="カザミ",
    readings=("カザミ",),
    applicants=("風見商事株式会社",),
    filing_date=date(2026, 1, 5),
    publication_date=date(2026, 2, 1),
    publication_kind=PublicationKind.APPLICATION,
    opposition_until=date(2026, 12, 31),
    nice_classes=(24, 25),
    goods=("タオル",),
    status="pending",
    document_sha256="b" * 64,
)

MARK = WatchedMark(
    watchlist="kazami-towel",
    id="kazami",
    text="風見タオル",
    kind=RightKind.REGIONAL_COLLECTIVE_MARK,
    readings=("カザミタオル",),
    variants=("Kazami Towel",),
    nice_classes=(24,),
    images=(Path("kazami/logo.png"),),
    genuine_price_jpy=PriceBand(min=500),
    rights=(Right(office="JP", kind=RightKind.TRADEMARK, number="0001234", expires=date(2030, 1, 1)),),
    authorised_sellers=(AuthorisedSeller(marketplace="rakuten", id="kazami-shop", until=date(2027, 3, 31)),),
    official_sellers=(SellerAccount(marketplace="rakuten", id="kazami"),),
    deny_sellers=(SellerAccount(marketplace="ebay", id="kazami-copies"),),
    licensees=("風見紡績",),
    own_products=("4901234567894", "KZM-*"),
    unlicensed_goods=("抱き枕",),
    second_hand=SecondHand.RANK,
    depth=Depth.BROAD,
    threshold=0.6,
)

WATCHLIST = Watchlist(
    holder=Holder(
        id="kazami-towel",
        name_ja="風見タオル組合",
        name_en="Kazami Towel Guild",
        kind=HolderKind.REGIONAL,
        prefecture="JP-38",
    ),
    marks=(MARK,),
    sha256="c" * 64,
)

FINDING = Finding(
    subject=LISTING.subject,
    mark=MARK.key,
    score=0.91,
    signals=(
        Signal(
            name="name",
            score=0.91,
            term="signal.name.same",
            compared=("風見タオル", "風見タオル"),
            field="title",
            span=(0, 5),
        ),
    ),
    threshold=0.6,
    matcher_version="1",
)


def listings(count: int) -> list[Listing]:
    return [
        replace(LISTING, listing_id=f"kazami-shop:{number}", url=f"https://item.example/{number}", images=())
        for number in range(count)
    ]


def requests(count: int) -> list[Request]:
    return [
        Request(source="rakuten", url=f"https://api.example/search?page={number}", kind=RequestKind.API)
        for number in range(count)
    ]


def features(sha256: str, *, orientations: int = 1) -> ImageFeatures:
    """Return what a picture of that file might have been described as."""
    chance = np.random.default_rng(int(sha256[:8], 16))
    regions = Regions(
        kinds=np.array([RegionKind.WHOLE], dtype=np.uint8),
        outlines=np.array([[(0, 0), (600, 0), (600, 400), (0, 400)]], dtype=np.float32),
        hashes=chance.integers(0, 2**63, (1, orientations, 4), dtype=np.uint64),
        qualities=np.array([90], dtype=np.uint8),
    )
    keypoints = Keypoints(
        points=np.array([(3, 4)], dtype=np.float32),
        sizes=np.array([7], dtype=np.float32),
        angles=np.array([45], dtype=np.float32),
        descriptors=chance.integers(0, 256, (1, 64), dtype=np.uint8),
    )
    emblems = Emblems(
        frames=np.array([[(9, 0, 50), (0, 9, 60)]], dtype=np.float32),
        shapes=chance.integers(0, 256, (1, 72), dtype=np.uint8),
    )
    sketch = np.zeros((4, 6), dtype=np.uint8)
    view = View(frame=0, ground=Ground.WHITE, regions=regions, keypoints=keypoints, emblems=emblems, sketch=sketch)
    return ImageFeatures(
        sha256=sha256, width=600, height=400, phash="0123456789abcdef", dhash="1123456789abcdef", views=(view,)
    )


def document(
    url: str,
    *,
    body: bytes = b"body",
    status: int = 200,
    kind: RequestKind = RequestKind.API,
    headers: tuple[tuple[str, str], ...] = (("ETag", '"v1"'), ("Last-Modified", "Sun, 22 Nov 2026 03:00:00 GMT")),
    fetched_at: datetime = NOW,
) -> Document:
    return Document(
        source="rakuten",
        kind=kind,
        url=url,
        final_url=url,
        status=status,
        headers=headers,
        fetched_at=fetched_at,
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        content=body,
    )
