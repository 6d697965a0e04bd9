"""Connection limits: counts open connections by address, and evicts one where there are too many.

A connection counts from accept until its file descriptor is closed, so descriptors are bounded whatever a peer does.
At the limit of an address, or of the server, a connection that waits for its client is evicted for the new one; one
that is being answered never is. Everything here runs on the event loop's thread.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections import Counter, defaultdict
from typing import Any, Protocol

GRACE_SECONDS = 1.0
"""How long a connection may wait for its client before it may be evicted for another of the same address."""
KERNEL_QUEUE = 1024
"""Listen backlog of the kernel."""
REFUSED_AT_ONCE = 64
"""Connections refused in one iteration of the event loop, so that other work goes on in between."""


class Member(Protocol):
    """An open connection."""

    group: str
    waiting_since: float | None
    """Since when it waits for its client (``time.monotonic``); ``None`` while it is being answered."""

    def evict(self) -> None:
        """Close at once."""


class Crowd:
    """The open connections: at most ``total``, and of one address at most ``of_address``."""

    def __init__(self, *, total: int, of_address: int) -> None:
        self.total = total
        self.of_address = of_address
        self.counts: Counter[str] = Counter()
        self.members: defaultdict[str, dict[Member, None]] = defaultdict(dict)

    def admit(self, group: str) -> bool:
        """Count a connection and return ``True``, or ``False`` where the limit is reached and none can be evicted."""
        own = self.counts[group]
        if own >= self.of_address:
            admitted = self._make_room(group, grace=GRACE_SECONDS)
        elif self.counts.total() >= self.total:
            heaviest, connections = self.counts.most_common(1)[0]
            # An address with clearly more than the newcomer's is evicted at once, or many addresses could fill the
            # server.
            admitted = self._make_room(heaviest, grace=0 if connections > own + 1 else GRACE_SECONDS)
        else:
            admitted = True
        if admitted:
            self.counts[group] += 1
        return admitted

    def release(self, group: str) -> None:
        """Stop counting a connection."""
        self.counts[group] -= 1
        if self.counts[group] <= 0:
            del self.counts[group]

    def join(self, member: Member) -> None:
        """Add an admitted connection to those that may be evicted."""
        self.members[member.group][member] = None

    def leave(self, member: Member) -> None:
        """Remove it."""
        self.members[member.group].pop(member, None)
        if not self.members[member.group]:
            del self.members[member.group]

    def _make_room(self, group: str, *, grace: float) -> bool:
        latest = time.monotonic() - grace
        for member in self.members.get(group, {}):
            if member.waiting_since is not None and member.waiting_since <= latest:
                self.leave(member)
                member.evict()
                return True
        return False


def group_of(address: str) -> str:
    """Return the unit of counting: an IPv4 address, or the /64 network of an IPv6 one, which one client has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


class Door(socket.socket):
    """A listening socket that accepts only connections within the limits, and closes the others unread."""

    def __init__(self, listening: socket.socket, crowd: Crowd) -> None:
        family, kind, protocol = listening.family, listening.type, listening.proto
        super().__init__(family, kind, protocol, fileno=listening.detach())
        self._crowd = crowd

    def listen(self, _backlog: int = KERNEL_QUEUE, /) -> None:
        """Listen with the kernel's long backlog; the server's own value is the number it accepts per iteration."""
        super().listen(KERNEL_QUEUE)

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection within the limits; raises ``BlockingIOError`` where none waits."""
        for _ in range(REFUSED_AT_ONCE):
            accepted, address = super().accept()
            group = group_of(str(address[0]))
            if self._crowd.admit(group):
                return _Counted(accepted, self._crowd, group), address
            accepted.close()
        raise BlockingIOError


class _Counted(socket.socket):
    """An accepted connection that is counted until its descriptor is closed."""

    def __init__(self, accepted: socket.socket, crowd: Crowd, group: str) -> None:
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, protocol, fileno=accepted.detach())
        self._crowd: Crowd | None = crowd
        self._group = group

    def close(self) -> None:
        """Close and stop counting."""
        super().close()
        if self._crowd is not None:
            self._crowd.release(self._group)
            self._crowd = None
