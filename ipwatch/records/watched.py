"""What is watched, what is suspected of infringing it, and what people decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from ipwatch.records.collected import HostName, ImageEvidence, Listing, MarkRecord


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
    """A seller authorised by the holder, up to and including ``until``."""

    marketplace: str
    id: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerAccount:
    """An account on a marketplace: the holder's own (``official_sellers``) or a refused one (``deny_sellers``)."""

    marketplace: str
    id: str


class SecondHand(StrEnum):
    """What a holder wants of second-hand goods (中古品).

    ``WATCH``: as of new goods. ``RANK``: they speak against a suspicion, and other signs outweigh that. ``IGNORE``:
    they are mentions whatever else is said.
    """

    WATCH = "watch"
    RANK = "rank"
    IGNORE = "ignore"


class Depth(StrEnum):
    """How much a holder wants to see: the suspicion from which a listing is suspected (``weights.toml``, ``bar``)."""

    STRICT = "strict"
    NORMAL = "normal"
    BROAD = "broad"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBand:
    """Price range of genuine goods in yen; either end may be open."""

    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedMark:
    """A mark under watch, with everything the matcher needs. ``key`` is ``watchlist/mark``.

    ``vienna_codes`` classify its figurative elements (``26.1.1``). ``exclude_images`` are shared stock pictures
    (denylist), such as placeholders and stock photos: copies of them are no signal.

    What the holder may say of lawful trade: ``licensees`` are names of makers and licensees as sellers write them,
    ``own_products`` patterns of JAN, ISBN or model numbers (``*`` for any ending), ``unlicensed_goods`` words for goods
    that nobody makes under licence. ``second_hand`` and ``depth`` are ``None`` where the holder says nothing.
    """

    watchlist: str
    id: str
    text: str
    kind: RightKind
    readings: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    nice_classes: tuple[int, ...] = ()
    images: tuple[Path, ...] = ()
    exclude_images: tuple[Path, ...] = ()
    vienna_codes: tuple[str, ...] = ()
    goods_terms: tuple[str, ...] = ()
    exclude_terms: tuple[str, ...] = ()
    genuine_price_jpy: PriceBand | None = None
    rights: tuple[Right, ...] = ()
    authorised_sellers: tuple[AuthorisedSeller, ...] = ()
    official_sellers: tuple[SellerAccount, ...] = ()
    deny_sellers: tuple[SellerAccount, ...] = ()
    licensees: tuple[str, ...] = ()
    own_products: tuple[str, ...] = ()
    unlicensed_goods: tuple[str, ...] = ()
    second_hand: SecondHand | None = None
    depth: Depth | None = None
    threshold: float | None = None
    holder_names: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of this mark in findings."""
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


Marks = Sequence[WatchedMark]


StoredRecord = Listing | MarkRecord
"""Records that are stored; host names are compared without being stored."""

Record = StoredRecord | HostName


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference in spelling or sound between the watched and the observed text.

    ``term`` is a message key with the arguments ``watched`` and ``seen``: the letters on either side, empty where one
    side has none.
    """

    term: str
    watched: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Signal (判定指標): one axis, one score, one reason.

    ``score`` is 0..1 for a main signal and signed for a qualifier. ``term`` is the message key of the reason,
    ``compared`` the two compared values (watched, observed). ``field`` is the field of the record and ``span`` the
    half-open range of code points in it that was matched. ``differences`` lists, in text order, the foldings and edits
    between the two values. ``picture`` has the measurements where the values are pictures.
    """

    name: str
    score: float
    term: str
    compared: tuple[str, str]
    field: str | None = None
    span: tuple[int, int] | None = None
    differences: tuple[Difference, ...] = ()
    picture: ImageEvidence | None = None


class ListingKind(StrEnum):
    """What a listing is to a mark: a mention (言及) names or shows it; signs besides make it suspected (侵害の疑い)."""

    MENTION = "mention"
    SUSPECTED = "suspected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Sign (兆候): one fact about a listing that speaks for infringement (``points`` > 0) or against it (< 0).

    ``term`` is the message key of the fact, ``compared`` the two values it rests on (declared or usual, observed).
    ``strong`` signs for it are outweighed only by ``strong`` signs against it: those that a seller cannot just write.
    ``field`` and ``span`` are as in ``Signal``.
    """

    term: str
    points: float
    strong: bool
    compared: tuple[str, str]
    field: str | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Finding (検知): what the machine says of ``subject`` and ``mark``; never rewritten.

    ``score`` 0..1 is relevance: how surely the subject names or shows the mark; ``threshold`` and ``matcher_version``
    are those it was scored with. For a listing, ``kind`` and ``suspicion`` 0..1 say whether anything speaks for
    infringement, and ``signs`` what speaks for and against it; they are ``None`` and empty for filings and host names,
    and before a listing was judged.
    """

    subject: str
    mark: str
    score: float
    signals: tuple[Signal, ...]
    threshold: float
    matcher_version: str
    kind: ListingKind | None = None
    suspicion: float | None = None
    signs: tuple[Sign, ...] = ()


class Verdict(StrEnum):
    """Decision of a named person about a finding. Only people write ``infringing``."""

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
