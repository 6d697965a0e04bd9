"""The project's nouns: frozen dataclasses that cross every boundary.

Identifiers and register numbers are strings and keep their zeros. ``_at`` is an aware UTC datetime, ``_on`` and
``_date`` a date, ``_jpy`` integer yen. Missing is ``None``, never an empty string or zero. Every record from outside
carries ``document_sha256``: the SHA-256 of the body of the document it was read from.
"""

from __future__ import annotations

from ipwatch.records.fetching import Document, FailureReason, ParseIssue, Request, RequestKind
from ipwatch.records.findings import Difference, Finding, Record, Signal, StoredRecord
from ipwatch.records.hosts import HostName
from ipwatch.records.listing import (
    LISTING_CONDITIONS,
    LISTING_STATUSES,
    Category,
    Listing,
    ListingCondition,
    ListingStatus,
    Seller,
)
from ipwatch.records.pictures import MatchKind, PictureEvidence, PictureRefusal
from ipwatch.records.register import MAX_FILED_PAGES, FiledPicture, MarkRecord, PublicationKind
from ipwatch.records.review import ReviewDecision, Verdict
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
from ipwatch.records.watching import (
    AuthorisedSeller,
    Holder,
    HolderKind,
    Marks,
    PriceBand,
    Right,
    RightKind,
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
    "FiledPicture",
    "Finding",
    "Holder",
    "HolderKind",
    "HostName",
    "Listing",
    "ListingCondition",
    "ListingStatus",
    "MarkRecord",
    "Marks",
    "MatchKind",
    "ParseIssue",
    "PictureEvidence",
    "PictureRefusal",
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
