"""The web server of the review page: uvicorn with limits on connections, sizes and times (slow-loris guard).

uvicorn limits neither the time of a request's head nor of its body, nor the number of connections. Here every phase of
a connection has a deadline, and the number of connections is bounded (``ipwatch.web.crowd``).
"""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, cast

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ipwatch.web.crowd import Crowd, Door, group_of

MAX_HEAD = 16 * 1024
"""Bytes of the request line and the headers together."""
ACCEPTED_AT_ONCE = 8
"""Connections accepted in one iteration of the event loop."""
MAX_CONNECTIONS = 512
MIN_CONNECTIONS = 16
WANTED_DESCRIPTORS = 4096
_KEPT_DESCRIPTORS = 256
"""File descriptors reserved for database, evidence, pictures and the rest of the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Timeouts in seconds of each phase in which a connection waits for its client."""

    head: float = 10
    body: float = 30
    idle: int = 10
    stalled: float = 30
    closing: float = 5


class _Phase(Enum):
    """Phase of a connection; each has its deadline, and in all but ``ANSWER`` it waits for the client."""

    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"
    STALLED = "stalled"
    REST = "rest"
    IDLE = "idle"
    CLOSING = "closing"


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 on one connection, with a deadline for each phase."""

    def __init__(self, *, crowd: Crowd, patience: Patience, **options: Any) -> None:
        super().__init__(**options)
        self.group = ""
        self.waiting_since: float | None = None
        self._crowd = crowd
        self._patience = patience
        self._phase: tuple[_Phase, object] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled = False
        self._begun = True

    # mypy: uvicorn narrows the type of the transport, and so does this.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of the first request."""
        super().connection_made(transport)
        self.group = group_of(self.client[0]) if self.client else ""
        self._crowd.join(self)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadline."""
        super().connection_lost(exc)
        self._crowd.leave(self)
        self._set_deadline(None)

    def data_received(self, data: bytes) -> None:
        """Process received bytes."""
        self._begun = True
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the rest of an unread body, or for the next request."""
        self._begun = False
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Stop writing until the client has read."""
        super().pause_writing()
        self._stalled = True
        self._watch()

    def resume_writing(self) -> None:
        """Resume writing."""
        super().resume_writing()
        self._stalled = False
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        super().timeout_keep_alive_handler()
        self._watch()

    def shutdown(self) -> None:
        """Shut down gracefully, within the deadline."""
        super().shutdown()
        self._watch()

    def evict(self) -> None:
        """Close at once."""
        self.transport.abort()

    def _watch(self) -> None:
        """Set the deadline of the current phase, unless it is set: single bytes do not extend it."""
        phase = self._present()
        # The same phase of the next request has a deadline of its own.
        key = (phase, self.cycle)
        if key == self._phase:
            return
        self._phase = key
        self.waiting_since = None if phase is _Phase.ANSWER else time.monotonic()
        patience = self._patience
        self._set_deadline(
            {
                _Phase.HEAD: patience.head,
                _Phase.BODY: patience.body,
                _Phase.STALLED: patience.stalled,
                _Phase.REST: patience.closing,
                # Written data may still be on its way to a slow reader.
                _Phase.CLOSING: patience.stalled if self._stalled else patience.closing,
            }.get(phase)
        )

    def _present(self) -> _Phase:
        if self.transport.is_closing():
            return _Phase.CLOSING
        if self.cycle is None:
            return _Phase.HEAD
        if self._stalled:
            return _Phase.STALLED
        if not self.cycle.response_complete:
            return _Phase.BODY if self.cycle.more_body else _Phase.ANSWER
        if self.conn.their_state is h11.SEND_BODY:
            return _Phase.REST
        return _Phase.HEAD if self._begun else _Phase.IDLE

    def _set_deadline(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self.evict)


def review_server(
    app: ASGIApp, listening: socket.socket, *, patience: Patience | None = None
) -> tuple[uvicorn.Server, socket.socket]:
    """Return a server for the review page and the socket to run it on, which replaces ``listening``."""
    patience = patience or Patience()
    total = room()
    crowd = Crowd(total=total, of_address=max(MIN_CONNECTIONS, total // 4))
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", partial(BoundedProtocol, crowd=crowd, patience=patience)),
        ws="none",
        lifespan="off",
        # Errors of clients are no warnings. See ``ipwatch.logs`` for the format.
        log_config=None,
        log_level="error",
        access_log=False,
        # Anybody can send X-Forwarded-For.
        proxy_headers=False,
        server_header=False,
        backlog=ACCEPTED_AT_ONCE,
        timeout_keep_alive=patience.idle,
        h11_max_incomplete_event_size=MAX_HEAD,
    )
    return uvicorn.Server(config), Door(listening, crowd)


def room() -> int:
    """Raise the limit of file descriptors to its maximum; return how many connections it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(WANTED_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(MIN_CONNECTIONS, min(MAX_CONNECTIONS, soft - _KEPT_DESCRIPTORS))
