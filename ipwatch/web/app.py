"""Builds the ASGI application of the review page."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from ipwatch.evidence import EvidenceStore, Verdicts
from ipwatch.records import SourceSetup
from ipwatch.sources import load_sources
from ipwatch.store.session import Database
from ipwatch.web.devices import KEY_BYTES, Devices
from ipwatch.web.entry import Entry
from ipwatch.web.failures import HANDLERS
from ipwatch.web.guard import Guard
from ipwatch.web.routes import audit, case, evidence, login, mentions, overview, queue, reports
from ipwatch.web.site import Site

_STATIC = Path(__file__).parent / "static"


def create_app(
    database: Database,
    *,
    evidence_root: Path,
    now: Callable[[], datetime],
    allowed_hosts: Collection[str],
    origin: str | None = None,
    client_header: str | None = None,
    progress: Callable[[], str] | None = None,
    setups: Mapping[str, SourceSetup] | None = None,
    locks: Path | None = None,
    rates: Mapping[str, Decimal] | None = None,
    device_key: bytes | None = None,
) -> Starlette:
    """Return the review page as an ASGI application.

    ``now`` returns an aware time; ``allowed_hosts`` are the host names, without port, that requests may have;
    ``origin`` is the public origin where a proxy, which may terminate TLS, is in front of this server;
    ``client_header`` is the header in which that proxy gives the client's address, for login rate limits. ``progress``
    returns a sentence on what the installation is doing, called for every page. ``setups`` are the settings of each
    source by name (by default every known one is configured and read daily), ``locks`` is the directory of the source
    locks. ``rates`` are yen per unit of a currency. ``device_key`` signs the cookies of known devices: without one they
    are valid until the process ends.
    """
    if setups is None:
        setups = {name: SourceSetup(info=source.INFO) for name, source in load_sources().items()}
    app = Starlette(
        routes=[
            *queue.ROUTES,
            *case.ROUTES,
            *mentions.ROUTES,
            *evidence.ROUTES,
            *overview.ROUTES,
            *login.ROUTES,
            *reports.ROUTES,
            *audit.ROUTES,
            Mount("/static", StaticFiles(directory=_STATIC), name="static"),
        ],
        middleware=[
            Middleware(Guard, allowed_hosts=allowed_hosts, origin=origin),
            Middleware(Entry),
        ],
        exception_handlers=HANDLERS,
    )
    app.state.site = Site(
        database=database,
        evidence=EvidenceStore(evidence_root),
        verdicts=Verdicts(evidence_root),
        now=now,
        setups=setups,
        locks=locks,
        rates=rates or {},
        progress=progress,
        client_header=client_header,
        devices=Devices(device_key or secrets.token_bytes(KEY_BYTES)),
    )
    return app
