"""The offset of this machine's clock from those of fetched hosts, by their Date headers (RFC 9110, 6.6.1)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from ipwatch.evidence.capture import Capture, read_capture
from ipwatch.evidence.journal import capture_files

_TAIL = 512 * 1024


def clock_offset(root: Path, *, since: datetime) -> timedelta | None:
    """Return how far this machine's clock was ahead from ``since`` on; negative where it was behind.

    It is the median over hosts, each with the median of its newest answers, so that one wrong host counts once.
    ``None`` where no recent answer has a date. Raises ``EvidenceError`` for a file name in ``captures`` that is no day.
    """
    by_host: defaultdict[str, list[float]] = defaultdict(list)
    for path in capture_files(root / "captures")[-1:]:
        for line in _last_lines(path):
            try:
                capture = read_capture(line)
            except ValueError:
                # ``evidence verify`` reports damaged lines.
                continue
            seconds = _seconds_ahead(capture)
            if seconds is not None and capture.fetched_at >= since:
                by_host[urlsplit(capture.final_url).netloc].append(seconds)
    if not by_host:
        return None
    return timedelta(seconds=median(median(offsets) for offsets in by_host.values()))


def _seconds_ahead(capture: Capture) -> float | None:
    """Return the seconds by which the capture's time is ahead of the host's, corrected by the header ``Age``."""
    headers = {name.lower(): value for name, value in capture.response_headers}
    try:
        sent = parsedate_to_datetime(headers["date"])
        age = int(headers.get("age", "0"))
    except (KeyError, ValueError):
        return None
    sent = sent if sent.tzinfo is not None else sent.replace(tzinfo=UTC)
    return (capture.fetched_at - sent).total_seconds() - age


def _last_lines(path: Path) -> list[bytes]:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        lines = file.read().split(b"\n")[:-1]
    # Where the file is longer, the first line is incomplete.
    return lines[1:] if size > _TAIL else lines
