"""SSRF guard below the HTTP library: a name is resolved once, checked, and the checked address is connected to.

It is applied where connections are opened, so that no redirect, DNS rebinding or unusual spelling bypasses it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address

import httpcore
import httpx

from ipwatch.fetch.addresses import PUBLIC_PORTS, Address, Endpoint, is_localhost, is_plain_host, is_public
from ipwatch.terms import message

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

_MAX_ADDRESSES = 4


class AddressRefusedError(Exception):
    """The host may not be connected to; the message has the reason."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host from the system's resolver, in its order of preference."""
    loop = asyncio.get_running_loop()
    entries = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in entries]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to public addresses on ports 80 and 443, and to explicitly allowed endpoints.

    If any address of a name is not public, the name is refused: mixed public and private addresses are an attack or an
    error.
    """

    def __init__(
        self, allowed: frozenset[Endpoint], *, resolver: Resolver, network: httpcore.AsyncNetworkBackend
    ) -> None:
        self._allowed = allowed
        self._resolver = resolver
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the class it replaces
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that answers; raises ``AddressRefusedError`` before any attempt."""
        try:
            async with asyncio.timeout(timeout):
                addresses = (await self.judged_addresses(host, port))[:_MAX_ADDRESSES]
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(message("fetch.resolve_timeout", host=host)) from error
        share = None if timeout is None else timeout / len(addresses)
        for position, address in enumerate(addresses, start=1):
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout=share, local_address=local_address, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position == len(addresses):
                    raise
        raise httpcore.ConnectError(message("fetch.no_address", host=host))

    async def judged_addresses(self, host: str, port: int) -> list[Address]:
        """Resolve ``host`` once and return its addresses, all of them allowed."""
        if not is_plain_host(host):
            raise AddressRefusedError(message("fetch.host_unclear", host=host))
        texts = ["127.0.0.1"] if is_localhost(host) else await self._resolve(host, port)
        addresses = [ip_address(text) for text in dict.fromkeys(texts)]
        for address in addresses:
            if Endpoint(address, port) in self._allowed:
                continue
            if not is_public(address):
                raise AddressRefusedError(message("fetch.not_public", host=host, address=address))
            if port not in PUBLIC_PORTS:
                raise AddressRefusedError(message("fetch.port", port=port, host=host))
        return addresses

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolver(host, port)
        except UnicodeError as error:
            raise AddressRefusedError(message("fetch.host_invalid", host=host)) from error
        except OSError as error:
            raise httpcore.ConnectError(message("fetch.resolve_failed", host=host, error=error)) from error
        if not addresses:
            raise httpcore.ConnectError(message("fetch.no_address", host=host))
        return addresses

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the signature of the class it replaces
        socket_options: Iterable[SocketOption] | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.AsyncNetworkStream:
        """Raise: Unix sockets are never used."""
        raise AddressRefusedError(message("fetch.socket_file", path=path))

    async def sleep(self, seconds: float) -> None:
        """Sleep between the connection pool's retries."""
        await asyncio.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """The library's transport with every connection opened by a guarded backend.

    httpx 0.28 accepts no backend, so its pool (a private attribute) is replaced by one with the same settings. Proxies
    and certificates from the environment are not used: a proxy would bypass the guard.
    """

    def __init__(self, backend: GuardedBackend, *, connections: int) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=30.0,
            http1=True,
            http2=False,
            network_backend=backend,
        )
