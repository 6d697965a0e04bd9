"""Typed tables. Constraint names are predictable, times are aware UTC, and history is appended, never rewritten.

``capture``, ``listing_version``, ``filing_version``, ``finding``, ``review_decision``, ``audit_event`` and
``audit_check`` are insert-only: the migrations put triggers on them that refuse UPDATE and DELETE on both databases.

Text from outside is of any length, and PostgreSQL indexes no more than 2704 bytes of it: what must be unique or looked
up by such text is indexed by its SHA-256 (``key``, ``url_key``, ``url_sha256``).
"""

from __future__ import annotations

from ipwatch.store.tables.base import Base, CleanText, Sha256, UTCDateTime
from ipwatch.store.tables.collection import (
    CaptureRow,
    FrontierRow,
    IssueRow,
    MaintenanceRow,
    RunRow,
    SourceStateRow,
)
from ipwatch.store.tables.mentions import JudgedMarkRow, MentionRow
from ipwatch.store.tables.review import (
    MAX_COUNTRY_LENGTH,
    AccountRow,
    AuditCheckRow,
    AuditEventRow,
    CaseRow,
    FindingRow,
    ReviewDecisionRow,
)
from ipwatch.store.tables.subjects import (
    MAX_INDEXED_LENGTH,
    FilingPictureRow,
    FilingRow,
    FilingVersionRow,
    ListingPictureRow,
    ListingRow,
    ListingVersionRow,
    PictureRow,
    SightingRow,
)
from ipwatch.store.tables.watching import ReferencePictureRow, WatchlistVersionRow

__all__ = [
    "INSERT_ONLY",
    "MAX_COUNTRY_LENGTH",
    "MAX_INDEXED_LENGTH",
    "AccountRow",
    "AuditCheckRow",
    "AuditEventRow",
    "Base",
    "CaptureRow",
    "CaseRow",
    "CleanText",
    "FilingPictureRow",
    "FilingRow",
    "FilingVersionRow",
    "FindingRow",
    "FrontierRow",
    "IssueRow",
    "JudgedMarkRow",
    "ListingPictureRow",
    "ListingRow",
    "ListingVersionRow",
    "MaintenanceRow",
    "MentionRow",
    "PictureRow",
    "ReferencePictureRow",
    "ReviewDecisionRow",
    "RunRow",
    "Sha256",
    "SightingRow",
    "SourceStateRow",
    "UTCDateTime",
    "WatchlistVersionRow",
]

INSERT_ONLY = (
    "capture",
    "listing_version",
    "filing_version",
    "finding",
    "review_decision",
    "audit_event",
    "audit_check",
)
