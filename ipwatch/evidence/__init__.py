"""Evidence (証拠): captured bodies, append-only and addressed by SHA-256, written before anything is parsed.

A store is a directory: ``blobs/ab/cd/<sha256>`` has every body once and read-only, ``captures/YYYY-MM-DD.jsonl`` one
line for each capture. Each line carries the SHA-256 of the line before it, across files, so that a changed, removed or
inserted line is detected. The chain alone cannot show the removal of its last lines; for that the head printed by
``verify`` must be kept elsewhere.
"""

from __future__ import annotations

from ipwatch.evidence.capture import Capture
from ipwatch.evidence.clock import clock_offset
from ipwatch.evidence.copying import copy_bodies, copy_captures
from ipwatch.evidence.journal import TornTail
from ipwatch.evidence.store import EvidenceStore
from ipwatch.evidence.verdicts import Verdicts
from ipwatch.evidence.verify import Problem, VerifyReport, verify_path

__all__ = [
    "Capture",
    "EvidenceStore",
    "Problem",
    "TornTail",
    "Verdicts",
    "VerifyReport",
    "clock_offset",
    "copy_bodies",
    "copy_captures",
    "verify_path",
]
