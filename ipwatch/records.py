"""The project's nouns: frozen dataclasses that cross every boundary.

Identifiers and register numbers are strings and keep their zeros. ``_at`` is an aware UTC datetime, ``_on`` and
``_date`` a date, ``_jpy`` integer yen. Missing is ``None``, never an empty string or zero. Every record from outside
carries ``document_sha256``: the SHA-256 of the body of the document it was read from.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

# --- what goes out and what comes back -------------------------------------------------------------------------------


class RequestKind(StrEnum):
    """What a request is for; it decides the size limit and the content types that are accepted."""

    API = "api"
    PAGE = "page"
    SITEMAP = "sitemap"
    IMAGE = "image"
    BULK = "bulk"
    TOKEN = "token"  # noqa: S105 - the name of a kind, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One document to fetch. ``secret_headers`` are sent but never stored, logged or put into evidence.

    ``context`` is the adapter's own cursor (page number, slice, watched term): it is stored with the request and comes
    back on the document, so that ``follow`` needs no memory.
    """

    source: str
    url: str
    kind: RequestKind
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one request brought: the decoded body, the headers as received, and when it came.

    The body is in ``content``, or, where it is large, in the file ``path``; ``open`` and ``read`` serve both.
    ``sha256`` and ``size`` are of the body after content decoding.
    """

    source: str
    kind: RequestKind
    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    fetched_at: datetime
    sha256: str
    size: int
    content: bytes | None = None
    path: Path | None = None
    context: tuple[tuple[str, str], ...] = ()
    from_cache: bool = False

    def open(self) -> BinaryIO:
        """Return the body as a readable binary stream; the caller closes it."""
        if self.content is not None:
            return io.BytesIO(self.content)
        if self.path is not None:
            return self.path.open("rb")
        raise ValueError("a document has either content or path")

    def read(self) -> bytes:
        """Return the whole body."""
        with self.open() as stream:
            return stream.read()

    def header(self, name: str) -> str | None:
        """Return the first header of that name (any case), or ``None``."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class FailureReason(StrEnum):
    """The closed list of reasons why a request brought no record; run reports count by it."""

    TIMEOUT = "timeout"
    NETWORK = "network"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CLIENT_ERROR = "client_error"
    BLOCKED = "blocked"
    AUTH = "auth"
    ROBOTS = "robots"
    ADDRESS = "address"
    SCHEME = "scheme"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    BAD_ENCODING = "bad_encoding"
    WRONG_TYPE = "wrong_type"
    CONTRACT_CHANGED = "contract_changed"
    UNREADABLE = "unreadable"
    GONE = "gone"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseIssue:
    """A record inside a readable document that could not be read; the records around it are kept.

    ``where`` names the place (line, index, element path), ``field`` the field, ``message`` the fault in plain words.
    """

    source: str
    where: str
    message: str
    field: str | None = None
    document_sha256: str | None = None


# --- what is for sale ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Seller (出品者) as the marketplace names it. Personal data: left out of every public summary."""

    id: str | None = None
    name: str | None = None
    country: str | None = None
    feedback_pct: float | None = None
    feedback_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Category of a listing in the marketplace's own scheme; ``path`` from the widest to the narrowest, `` > ``."""

    id: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Listing (出品): one offer on one marketplace, keyed by (marketplace, listing_id).

    ``price`` is decimal with ``currency`` in ISO 4217; ``images`` are absolute URLs, the main picture first.
    """

    marketplace: str
    listing_id: str
    url: str | None = None
    title: str | None = None
    description: str | None = None
    brand: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    images: tuple[str, ...] = ()
    seller: Seller | None = None
    ships_from: str | None = None
    category: Category | None = None
    condition: str | None = None
    quantity: int | None = None
    sold: int | None = None
    posted_at: datetime | None = None
    updated_at: datetime | None = None
    status: str | None = None
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key by which findings name this listing."""
        return f"{self.marketplace}:{self.listing_id}"


# --- what is filed ---------------------------------------------------------------------------------------------------


class PublicationKind(StrEnum):
    """What a publication date means: only some start the clock of an opposition (登録異議の申立て)."""

    APPLICATION = "application"
    OPPOSITION = "opposition"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRecord:
    """Register entry (登録・出願情報): one filing at one office (WIPO ST.3 code), keyed by both.

    ``nice_classes`` are 1..45; ``readings`` are every 称呼 the register supplies, in katakana. ``goods`` and
    ``nice_classes`` are ``None`` where the record says nothing about them, empty where it says there are none.
    """

    office: str
    application_number: str
    registration_number: str | None = None
    mark_text: str | None = None
    readings: tuple[str, ...] = ()
    image: str | None = None
    applicants: tuple[str, ...] = ()
    representatives: tuple[str, ...] = ()
    filing_date: date | None = None
    publication_date: date | None = None
    publication_kind: PublicationKind | None = None
    opposition_start: date | None = None
    opposition_until: date | None = None
    nice_classes: tuple[int, ...] | None = None
    goods: tuple[str, ...] | None = None
    similar_group_codes: tuple[str, ...] = ()
    vienna_codes: tuple[str, ...] = ()
    status: str | None = None
    status_date: date | None = None
    source_url: str | None = None
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key by which findings name this filing."""
        return f"{self.office}:{self.application_number}"


Record = Listing | MarkRecord


# --- what is watched -------------------------------------------------------------------------------------------------


class HolderKind(StrEnum):
    """Kind of rights holder (権利者)."""

    COMPANY = "company"
    REGIONAL = "regional"
    CONTENT = "content"
    PUBLIC = "public"


class RightKind(StrEnum):
    """Kind of right a mark rests on; summaries count by it."""

    TRADEMARK = "trademark"
    COLLECTIVE_MARK = "collective_mark"
    REGIONAL_COLLECTIVE_MARK = "regional_collective_mark"
    GEOGRAPHICAL_INDICATION = "geographical_indication"
    PLANT_VARIETY = "plant_variety"
    DESIGN = "design"
    COPYRIGHT_WORK = "copyright_work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One registered right: office (ST.3), kind, number as the register writes it, last day of term."""

    office: str
    kind: RightKind
    number: str | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisedSeller:
    """A seller whose goods are genuine by the holder's word, up to and including ``until``."""

    marketplace: str
    id: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBand:
    """What genuine goods cost, in yen; either end may be open."""

    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedMark:
    """A mark under watch, with everything the matcher needs. ``key`` is ``watchlist/mark``."""

    watchlist: str
    id: str
    text: str
    kind: RightKind
    readings: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    nice_classes: tuple[int, ...] = ()
    images: tuple[Path, ...] = ()
    goods_terms: tuple[str, ...] = ()
    exclude_terms: tuple[str, ...] = ()
    genuine_price_jpy: PriceBand | None = None
    rights: tuple[Right, ...] = ()
    authorised_sellers: tuple[AuthorisedSeller, ...] = ()
    threshold: float | None = None
    holder_names: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key by which findings name this mark."""
        return f"{self.watchlist}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Rights holder (権利者). ``prefecture`` is ISO 3166-2, where there is one."""

    id: str
    name_ja: str
    name_en: str
    kind: HolderKind
    prefecture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """Watchlist (監視リスト): one holder and its marks, with the SHA-256 of the file it was read from."""

    holder: Holder
    marks: tuple[WatchedMark, ...]
    sha256: str


# --- pictures --------------------------------------------------------------------------------------------------------


class PictureRefusal(StrEnum):
    """The closed list of reasons why a picture was not used."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    FORMAT = "format"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TRUNCATED = "truncated"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHashes:
    """Perceptual hashes of one picture, each 64 bits as 16 hexadecimal digits; ``sha256`` is of the file.

    ``flat`` says the picture has too little in it for its hashes to mean anything: it never matches.
    """

    sha256: str
    width: int
    height: int
    phash: str
    dhash: str
    phash_mirrored: str
    phash_trimmed: str
    flat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePicture:
    """A rights holder's picture of a mark: ``path`` as the watchlist names it."""

    mark: str
    path: str
    hashes: PictureHashes


# --- what is suspected -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Signal (判定指標): one axis, one score, one reason.

    ``score`` is 0..1 for evidence and signed for a qualifier. ``term`` is a key of ``ipwatch.terms`` that says why,
    ``compared`` the two values that were compared (watched, seen). ``field`` names the field of the record and ``span``
    the half-open range of code points in it that was matched.
    """

    name: str
    score: float
    term: str
    compared: tuple[str, str]
    field: str | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Finding (検知): the machine's suspicion that ``subject`` infringes ``mark``; never rewritten.

    ``score`` is 0..1; ``threshold`` is the one that was in force, ``matcher_version`` the code that scored.
    """

    subject: str
    mark: str
    score: float
    signals: tuple[Signal, ...]
    threshold: float
    matcher_version: str


# --- what people decide ----------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What a named person decides about a finding. Only people write ``infringing``."""

    INFRINGING = "infringing"
    NOT_INFRINGING = "not_infringing"
    GENUINE = "genuine"
    NEEDS_MORE = "needs_more"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecision:
    """Review decision (判断): appended, never changed. ``reviewer`` is the name of a person."""

    case_id: int
    verdict: Verdict
    reviewer: str
    note: str
    decided_at: datetime


# --- sources ---------------------------------------------------------------------------------------------------------


class SourceKind(StrEnum):
    """Kind of source (監視対象サイト・情報源)."""

    MARKETPLACE = "marketplace"
    SHOP = "shop"
    REGISTER = "register"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What is known about a source before it is asked.

    ``country`` is ISO 3166-1 alpha-2 of the site (``None``: many), ``interval`` the least number of seconds between
    two requests to one of its hosts, ``ceiling`` the most results one query can reach, ``ready`` what must be
    configured (names of credentials and options) before it can be crawled.
    """

    name: str
    title_ja: str
    title_en: str
    kind: SourceKind
    country: str | None
    interval: float
    ceiling: int | None = None
    ready: tuple[str, ...] = ()
    terms_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """What the operator set for a source: where it is, its credentials, and how far to read.

    ``base_urls`` may name several hosts (shops). ``max_requests`` bounds one run; ``None`` is unbounded.
    """

    base_urls: tuple[str, ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict)
    interval: float | None = None
    max_requests: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token of an interface; ``expires_in`` in seconds."""

    value: str
    expires_in: int


Marks = Sequence[WatchedMark]
