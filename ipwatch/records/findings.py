"""What is suspected."""

from __future__ import annotations

from dataclasses import dataclass

from ipwatch.records.listing import Listing
from ipwatch.records.register import MarkRecord

Record = Listing | MarkRecord


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
