"""The project's nouns: frozen dataclasses that cross every boundary.

Identifiers and register numbers are strings and keep their zeros. ``_at`` is an aware UTC datetime, ``_on`` and
``_date`` a date, ``_jpy`` integer yen. Missing is ``None``, never an empty string or zero. Every record from outside
carries ``document_sha256``: the SHA-256 of the body of the document it was parsed from.

``collected`` holds what is read from outside, ``sources`` what a source is and how completely it was read, ``watched``
what is watched, found and decided.
"""

from __future__ import annotations

from ipwatch.records.collected import (
    LISTING_CONDITIONS,
    LISTING_STATUSES,
    MAX_FILED_PAGES,
    Category,
    Document,
    FailureReason,
    FiledImage,
    HostName,
    ImageEvidence,
    ImageRefusal,
    Listing,
    ListingCondition,
    ListingStatus,
    MarkRecord,
    MatchKind,
    ParseIssue,
    PublicationKind,
    Request,
    RequestKind,
    Seller,
)
from ipwatch.records.sources import (
    Coverage,
    SourceCondition,
    SourceHealth,
    SourceInfo,
    SourceKind,
    SourceOptions,
    SourceSetup,
    Token,
)
from ipwatch.records.watched import (
    AuthorisedSeller,
    Difference,
    Finding,
    Holder,
    HolderKind,
    Marks,
    PriceBand,
    Record,
    ReviewDecision,
    Right,
    RightKind,
    Signal,
    StoredRecord,
    Verdict,
    WatchedMark,
    Watchlist,
)

__all__ = [
    "LISTING_CONDITIONS",
    "LISTING_STATUSES",
    "MAX_FILED_PAGES",
    "AuthorisedSeller",
    "Category",
    "Coverage",
    "Difference",
    "Document",
    "FailureReason",
    "FiledImage",
    "Finding",
    "Holder",
    "HolderKind",
    "HostName",
    "ImageEvidence",
    "ImageRefusal",
    "Listing",
    "ListingCondition",
    "ListingStatus",
    "MarkRecord",
    "Marks",
    "MatchKind",
    "ParseIssue",
    "PriceBand",
    "PublicationKind",
    "Record",
    "Request",
    "RequestKind",
    "ReviewDecision",
    "Right",
    "RightKind",
    "Seller",
    "Signal",
    "SourceCondition",
    "SourceHealth",
    "SourceInfo",
    "SourceKind",
    "SourceOptions",
    "SourceSetup",
    "StoredRecord",
    "Token",
    "Verdict",
    "WatchedMark",
    "Watchlist",
]
