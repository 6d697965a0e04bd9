"""The shared state of the pages: one object on the application, built by ``create_app``."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from starlette.requests import Request

from ipwatch.evidence import EvidenceStore, Verdicts
from ipwatch.records import SourceInfo, SourceSetup
from ipwatch.store.session import Database
from ipwatch.web.attempts import Attempts
from ipwatch.web.devices import Devices
from ipwatch.web.hashing import HashingTurns
from ipwatch.web.sessions import Sessions

_THUMBNAILS_KEPT = 600


class Thumbnails:
    """Cache of recently used thumbnails, in memory; thread-safe."""

    def __init__(self, kept: int = _THUMBNAILS_KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._images: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def get(self, sha256: str, edge: int, make: Callable[[], bytes]) -> bytes:
        """Return the thumbnail of a picture, made by ``make`` where it is not cached."""
        key = (sha256, edge)
        with self._lock:
            if key in self._images:
                self._images.move_to_end(key)
                return self._images[key]
        image = make()
        with self._lock:
            self._images[key] = image
            while len(self._images) > self._kept:
                self._images.popitem(last=False)
        return image


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Database, evidence and clock of the pages.

    ``setups`` are the settings of each source that can be read, by name; ``locks`` is the directory of the source locks
    (``None`` where other machines read sources too).
    """

    database: Database
    evidence: EvidenceStore
    verdicts: Verdicts
    now: Callable[[], datetime]
    setups: Mapping[str, SourceSetup]
    locks: Path | None
    rates: Mapping[str, Decimal]
    devices: Devices
    client_header: str | None = None
    """The header in which a trusted proxy gives its client's address, where configured."""
    progress: Callable[[], str] | None = None
    asks_to_sign_in: threading.Event = field(default_factory=threading.Event)
    """Set once the installation is known to have accounts."""
    sessions: Sessions = field(default_factory=Sessions)
    attempts: Attempts = field(default_factory=lambda: Attempts(time.monotonic))
    hashing: HashingTurns = field(default_factory=HashingTurns)
    thumbnails: Thumbnails = field(default_factory=Thumbnails)
    verifying: threading.Lock = field(default_factory=threading.Lock)

    def info(self, name: str) -> SourceInfo | None:
        """Return the information on a source, ``None`` where this version does not know it."""
        setup = self.setups.get(name)
        return setup.info if setup is not None else None


def site_of(request: Request) -> Site:
    """Return the site of a request's application."""
    site: Site = request.app.state.site
    return site
