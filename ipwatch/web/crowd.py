"""Which connections are open, by address, and which has to go where there are too many.

A connection counts from the moment it is accepted until its file descriptor is closed, so descriptors are bounded
whatever a peer does. Where an address, or everything, is at its limit, a connection that waits for its client makes
room for the new one; one that is being answered never does. Everything here happens on the event loop's thread.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections import Counter, defaultdict
from typing import Any, Protocol

GRACE_SECONDS = 1.0
"""How long a connection may wait for its client before it has to make room for another of the same address."""
KERNEL_QUEUE = 1024
"""Connections that the system keeps for us until they are accepted."""
REFUSED_AT_ONCE = 64
"""Connections that are closed in one turn of the event loop: the rest of the page goes on in between."""


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
        """Count a connection in and say so; ``False`` where there is no room for it and none can be made."""
        own = self.counts[group]
        if own >= self.of_address:
            admitted = self._make_room(group, grace=GRACE_SECONDS)
        elif self.counts.total() >= self.total:
            heaviest, connections = self.counts.most_common(1)[0]
            # Who has clearly more than the newcomer gives way at once, or many addresses would fill the page together.
            admitted = self._make_room(heaviest, grace=0 if connections > own + 1 else GRACE_SECONDS)
        else:
            admitted = True
        if admitted:
            self.counts[group] += 1
        return admitted

    def release(self, group: str) -> None:
        """Count a connection out."""
        self.counts[group] -= 1
        if self.counts[group] <= 0:
            del self.counts[group]

    def join(self, member: Member) -> None:
        """Know a connection that was admitted as one that can make room."""
        self.members[member.group][member] = None

    def leave(self, member: Member) -> None:
        """Forget it."""
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
    """Return what counts as one address: an IPv4 address, or the /64 network of an IPv6 one, which one client has."""
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
    """A listening socket that lets in only what the crowd has room for, and closes the rest unread."""

    def __init__(self, listening: socket.socket, crowd: Crowd) -> None:
        family, kind, protocol = listening.family, listening.type, listening.proto
        super().__init__(family, kind, protocol, fileno=listening.detach())
        self._crowd = crowd

    def listen(self, _backlog: int = KERNEL_QUEUE, /) -> None:
        """Listen with a long queue in the system: the server's own number says how many it accepts in one turn."""
        super().listen(KERNEL_QUEUE)

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection that there is room for; raises ``BlockingIOError`` where none waits."""
        for _ in range(REFUSED_AT_ONCE):
            accepted, address = super().accept()
            group = group_of(str(address[0]))
            if self._crowd.admit(group):
                return _Counted(accepted, self._crowd, group), address
            accepted.close()
        raise BlockingIOError


class _Counted(socket.socket):
    """An accepted connection that is counted out when its descriptor is closed."""

    def __init__(self, accepted: socket.socket, crowd: Crowd, group: str) -> None:
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, protocol, fileno=accepted.detach())
        self._crowd: Crowd | None = crowd
        self._group = group

    def close(self) -> None:
        """Close, and make room."""
        super().close()
        if self._crowd is not None:
            self._crowd.release(self._group)
            self._crowd = None
