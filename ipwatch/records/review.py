"""What people decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
