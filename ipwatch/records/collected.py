"""Records of what is collected: requests, documents, listings, filings, host names and images."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, get_args


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
    """One document to fetch.

    ``secret_headers`` and ``secret_query`` (parameters that are added to the URL) are sent but never stored, logged or
    put into evidence; ``url``, ``headers``, ``body`` and ``context`` are stored, and hold no credential.

    ``context`` is the adapter's own cursor (page number, slice, search term): it is stored with the request and copied
    to the document, so that ``follow`` is stateless.
    """

    source: str
    url: str
    kind: RequestKind
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secret_query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = None
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The result of one request: the decoded body, the headers as received, and the time.

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

    ``where`` is the position (line, index, element path), ``field`` the field, ``message`` the problem as a sentence.
    """

    source: str
    where: str
    message: str
    field: str | None = None
    document_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostName:
    """Host name (ホスト名): a DNS name from lists of new domains or certificates.

    ``host`` is in lower case, without scheme, port, wildcard and final dot; its labels are as given, either ``xn--`` or
    Unicode.
    """

    host: str
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key of this host in findings."""
        return f"domain:{self.host}"


class MatchKind(StrEnum):
    """How a picture derives from a reference."""

    COPY = "copy"
    PART = "part"
    FLIP = "flip"
    ROTATION = "rotation"
    COLLAGE = "collage"
    LOGO = "logo"
    EMBEDDING = "embedding"


class ImageRefusal(StrEnum):
    """The closed list of reasons why a picture was not used."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    FORMAT = "format"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TRUNCATED = "truncated"
    BROKEN = "broken"
    MEMORY = "memory"
    TOO_SLOW = "too_slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageEvidence:
    """Measurements of a picture that derives from a reference, both identified by the SHA-256 of their files.

    ``false_match_rate`` is per pair of unrelated pictures, ``distance`` in bits of 256, ``inliers`` the number of
    points that agree on one transformation. ``region`` (x, y, width, height) and ``outline`` (the reference's corners
    from the upper left clockwise) are in pixels of the observed picture; ``None`` is the whole. ``pairs`` are some of
    the points: their positions in the reference and in the observed picture.
    """

    kind: MatchKind
    reference_sha256: str
    seen_sha256: str
    false_match_rate: float
    distance: int | None = None
    inliers: int | None = None
    region: tuple[int, int, int, int] | None = None
    outline: tuple[tuple[float, float], ...] | None = None
    pairs: tuple[tuple[tuple[float, float], tuple[float, float]], ...] = ()


ListingStatus = Literal["in_stock", "out_of_stock", "preorder"]
"""Availability of the goods: the closed set for sources."""

ListingCondition = Literal["new", "open_box", "refurbished", "used", "for_parts"]
"""Condition of the goods: the closed set for sources."""

LISTING_STATUSES: frozenset[str] = frozenset(get_args(ListingStatus))
LISTING_CONDITIONS: frozenset[str] = frozenset(get_args(ListingCondition))

if TYPE_CHECKING:
    _Status = ListingStatus
    _Condition = ListingCondition
else:
    # JSON Lines of other people and rows of earlier versions have other words, and must stay readable.
    _Status = _Condition = str


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

    ``price`` is decimal with ``currency`` in ISO 4217; ``images`` are absolute URLs, the main picture first. A source
    uses only values of ``ListingStatus`` and ``ListingCondition`` and reports unknown ones; a listing from JSON Lines
    keeps its own values.
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
    condition: _Condition | None = None
    quantity: int | None = None
    sold: int | None = None
    posted_at: datetime | None = None
    updated_at: datetime | None = None
    status: _Status | None = None
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key of this listing in findings."""
        return f"{self.marketplace}:{self.listing_id}"


MAX_FILED_PAGES = 8
"""Maximum number of pages of a filing's picture that are read."""


class PublicationKind(StrEnum):
    """Kind of a publication date: only some start an opposition period (登録異議の申立て)."""

    APPLICATION = "application"
    OPPOSITION = "opposition"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRecord:
    """Register entry (登録・出願情報): one filing at one office (WIPO ST.3 code), keyed by both.

    ``nice_classes`` are 1..45; ``readings`` are every 称呼 the register supplies, in katakana. ``goods`` and
    ``nice_classes`` are ``None`` where unknown, empty where known to be empty.
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
        """The key of this filing in findings."""
        return f"{self.office}:{self.application_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledImage:
    """Mark image (商標見本): one page of the picture of a filed mark, from the register's own file.

    It belongs to the filing of that office and number, whenever that is read. ``page`` counts from 1. ``refusal`` is
    the reason where the file is of a kind that is not supported.
    """

    office: str
    application_number: str
    page: int
    data: bytes
    refusal: ImageRefusal | None = None
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key of the filing in findings."""
        return f"{self.office}:{self.application_number}"
