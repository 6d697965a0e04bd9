"""Which addresses may be connected to: an explicit list, because ``ipaddress.is_global`` is too permissive.

``is_global`` is true for 64:ff9b::7f00:1 (NAT64 of loopback), 2002:7f00:1:: (6to4 of it), 192.0.0.192 (a cloud's
metadata service), 224.0.0.1 and fec0::1. Sources: IANA special-purpose address registries (RFC 6890 and updates);
internal addresses of clouds inside public ranges are listed separately.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from ipwatch.errors import ConfigError
from ipwatch.terms import message

Address = IPv4Address | IPv6Address

PUBLIC_PORTS = frozenset({80, 443})

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this network"
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform service
        "169.254.0.0/16",  # link-local, most metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments, Oracle's metadata service
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Outside are loopback, mapped and compatible addresses, NAT64, unique local, link-local, site-local, multicast.
_UNICAST_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")


class Endpoint(NamedTuple):
    """An address with a port."""

    address: Address
    port: int


def is_public(address: Address) -> bool:
    """Return whether the address is one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address in _UNICAST_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


def is_plain_host(host: str) -> bool:
    """Return whether the host is written as a name or an address and nothing else (no escapes, no zone)."""
    return _HOST.fullmatch(host) is not None


def is_localhost(host: str) -> bool:
    """Return whether the name is this machine by definition (RFC 6761 §6.3)."""
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def parse_endpoint(text: str) -> Endpoint:
    """Parse ``127.0.0.1:8765`` or ``[::1]:8765``; raises ``ConfigError`` for anything else."""
    host, _, port = text.rpartition(":")
    try:
        number = int(port)
        endpoint = Endpoint(ip_address(host.removeprefix("[").removesuffix("]")), number)
    except ValueError:
        raise ConfigError(message("fetch.no_endpoint", text=text)) from None
    if not 0 < number < 65_536:  # noqa: PLR2004 - the range of a port
        raise ConfigError(message("fetch.port_range", text=text))
    return endpoint
