"""What the review page asks of the store, and the one thing it writes: a decision. Sessions in, dataclasses out."""

from __future__ import annotations

from ipwatch.store.review.cases import (
    CaseDetail,
    Change,
    Decision,
    Picture,
    Reference,
    ScoredFinding,
    Version,
    decisions_of,
    load_case,
)
from ipwatch.store.review.correspondence import Correspondence, find_correspondence
from ipwatch.store.review.decide import StaleCaseError, record_decision
from ipwatch.store.review.filters import HIGH_FROM, MEDIUM_FROM, Band, Cursor, QueueFilter, Sort
from ipwatch.store.review.mentions import (
    MentionFilter,
    MentionItem,
    MentionPage,
    MentionSort,
    load_mentions,
)
from ipwatch.store.review.overview import (
    SourceOverview,
    Watch,
    list_sources,
    list_watches,
)
from ipwatch.store.review.pictures import KnownImage, find_picture, reference_thumbnail
from ipwatch.store.review.queue import (
    FacetCount,
    Facets,
    Neighbours,
    QueueItem,
    QueuePage,
    load_neighbours,
    load_queue,
)
from ipwatch.store.review.stored_json import WatchlistVersion, holder_names

__all__ = [
    "HIGH_FROM",
    "MEDIUM_FROM",
    "Band",
    "CaseDetail",
    "Change",
    "Correspondence",
    "Cursor",
    "Decision",
    "FacetCount",
    "Facets",
    "KnownImage",
    "MentionFilter",
    "MentionItem",
    "MentionPage",
    "MentionSort",
    "Neighbours",
    "Picture",
    "QueueFilter",
    "QueueItem",
    "QueuePage",
    "Reference",
    "ScoredFinding",
    "Sort",
    "SourceOverview",
    "StaleCaseError",
    "Version",
    "Watch",
    "WatchlistVersion",
    "decisions_of",
    "find_correspondence",
    "find_picture",
    "holder_names",
    "list_sources",
    "list_watches",
    "load_case",
    "load_mentions",
    "load_neighbours",
    "load_queue",
    "record_decision",
    "reference_thumbnail",
]
