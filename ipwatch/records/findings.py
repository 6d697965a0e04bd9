"""What is suspected."""

from __future__ import annotations

from dataclasses import dataclass

from ipwatch.records.hosts import HostName
from ipwatch.records.listing import Listing
from ipwatch.records.pictures import PictureEvidence
from ipwatch.records.register import MarkRecord

StoredRecord = Listing | MarkRecord
"""What is collected and kept; host names come as a list, are compared, and go."""

Record = StoredRecord | HostName


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One way in which what was seen is written or spoken differently from what is watched.

    ``term`` is a key of ``ipwatch.terms`` that takes ``watched`` and ``seen``: the letters on either side, empty where
    one side has none.
    """

    term: str
    watched: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Signal (判定指標): one axis, one score, one reason.

    ``score`` is 0..1 for evidence and signed for a qualifier. ``term`` is a key of ``ipwatch.terms`` that says why,
    ``compared`` the two values that were compared (watched, seen). ``field`` names the field of the record and ``span``
    the half-open range of code points in it that was matched. ``differences`` lists, in the order of reading, what
    was folded and edited on the way from the one value to the other. ``picture`` says where and how surely, where the
    values are pictures.
    """

    name: str
    score: float
    term: str
    compared: tuple[str, str]
    field: str | None = None
    span: tuple[int, int] | None = None
    differences: tuple[Difference, ...] = ()
    picture: PictureEvidence | None = None


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
