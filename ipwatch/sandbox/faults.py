"""Fault injection: what a host does wrong, on which requests, and how often."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ipwatch.sandbox.chance import generator


class FaultKind(StrEnum):
    """The closed list of ways in which a host misbehaves."""

    RATE_LIMITED = "rate_limited"
    RATE_LIMITED_DATE = "rate_limited_date"
    SERVER_ERROR = "server_error"
    SLOW_DRIP = "slow_drip"
    TRUNCATED = "truncated"
    REDIRECT_LOOPBACK = "redirect_loopback"
    REDIRECT_METADATA = "redirect_metadata"
    REDIRECT_FILE = "redirect_file"
    REDIRECT_LOOP = "redirect_loop"
    WRONG_TYPE = "wrong_type"
    LAYOUT_CHANGED = "layout_changed"
    MALFORMED_RECORD = "malformed_record"
    BROKEN_IMAGE = "broken_image"
    HTML_AS_IMAGE = "html_as_image"
    GZIP_BOMB = "gzip_bomb"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One injected fault: on ``host`` (``*`` is every host), for paths that start with ``path``.

    It strikes at most ``count`` times (``None``: unlimited), each time with the probability ``share`` (0..1),
    reproducible by ``seed``. ``retry_after`` is in seconds, for the two kinds that are rate limits.
    """

    host: str
    kind: FaultKind
    path: str = "/"
    count: int | None = None
    share: float = 1.0
    seed: int = 0
    retry_after: int = 1

    def as_json(self) -> dict[str, Any]:
        """Return the fault as plain JSON."""
        return asdict(self) | {"kind": self.kind.value}


def read_faults(entries: Sequence[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Return the faults of a JSON list; raises ``ValueError`` naming the entry and what is wrong with it."""
    faults = []
    for number, entry in enumerate(entries):
        try:
            fault = Fault(**{**entry, "kind": FaultKind(entry["kind"])})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"faults[{number}]: {error}") from None
        if not 0 <= fault.share <= 1:
            raise ValueError(f"faults[{number}]: share is {fault.share}; write a number from 0 to 1")
        faults.append(fault)
    return tuple(faults)


class FaultBook:
    """The active faults and how often each has struck; thread-safe."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._rules: list[tuple[Fault, list[int]]] = []
        self.set(faults)

    def set(self, faults: Iterable[Fault]) -> None:
        """Replace the active faults and reset their counts."""
        with self._lock:
            self._rules = [(fault, [0, 0]) for fault in faults]

    def strike(self, host: str, path: str) -> Fault | None:
        """Return the fault for this request, if any."""
        with self._lock:
            for fault, tally in self._rules:
                if fault.host not in ("*", host) or not path.startswith(fault.path):
                    continue
                if fault.count is not None and tally[1] >= fault.count:
                    continue
                tally[0] += 1
                if generator(fault.seed, fault.host, fault.kind, tally[0]).random() < fault.share:
                    tally[1] += 1
                    return fault
        return None

    def tallies(self) -> list[dict[str, Any]]:
        """Return each fault with the number of requests it was checked for (``seen``) and struck."""
        with self._lock:
            return [{**fault.as_json(), "seen": checked, "struck": struck} for fault, (checked, struck) in self._rules]
