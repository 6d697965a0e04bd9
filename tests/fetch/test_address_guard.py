"""Requests forged by hostile pages: no internal address is dialled in any spelling, as the dial log shows."""

from __future__ import annotations

from ipaddress import ip_address

import httpcore
import httpx
import pytest
from fetch.faults import DialLog, FaultServer, Make, Page, Reply

from ipwatch.errors import ConfigError, FetchError, NotAllowed
from ipwatch.fetch import Fetcher
from ipwatch.fetch.address_guard import GuardedBackend, GuardedTransport, Resolver
from ipwatch.fetch.addresses import is_public, parse_endpoint
from ipwatch.records import FailureReason, RequestKind

HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",  # noqa: S104 - a target to refuse, nothing binds to it
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "shop.localhost",
    "a.b.localhost.",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:53aa:64c::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[ff02::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "127%2e0%2e0%2e1",
    "127.0.0.1%00.example.com",
    "１２７.０.０.１",
    "ⓛocalhost",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "",
    "user@127.0.0.1",
    "user:pass@localhost",
]


@pytest.mark.parametrize("host", HOSTS)
def test_no_spelling_of_an_inner_address_is_dialled(host: str, make_fetcher: Make, page: Page, dials: DialLog) -> None:
    fetcher = make_fetcher(allow=())
    with pytest.raises(NotAllowed) as caught:
        fetcher.fetch(page(f"http://{host}/", RequestKind.API))
    assert caught.value.reason == FailureReason.ADDRESS
    assert dials.dials == []


def scripted(*answers: list[str]) -> tuple[Resolver, list[str]]:
    """Return a resolver whose answers are these, one after the other, and the list of what it was asked."""
    asked = []
    rest = list(answers)

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return rest.pop(0) if len(rest) > 1 else rest[0]

    return resolve, asked


PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        [PUBLIC, "::1"],
        ["2606:2800:21f:cb07::1", "fd00::1"],
        [PUBLIC] * 5 + ["10.0.0.1"],
        ["64:ff9b::a00:1"],
    ],
)
def test_a_name_with_any_inner_address_is_refused_as_a_whole(
    addresses: list[str], make_fetcher: Make, page: Page, dials: DialLog
) -> None:
    resolver, _ = scripted(addresses)
    fetcher = make_fetcher(resolver=resolver)
    with pytest.raises(NotAllowed):
        fetcher.fetch(page("https://shop.example/", RequestKind.API))
    assert dials.dials == []


def test_a_name_that_changes_its_mind_is_dialled_where_it_was_judged(
    server: FaultServer, make_fetcher: Make, page: Page, dials: DialLog, reply: Reply
) -> None:
    server.routes["/"] = reply(302, b"", location=f"http://rebind.example:{server.port}/inside")
    allowed = ["127.0.0.1"]
    resolver, asked = scripted(["10.0.0.1"], allowed)
    fetcher = make_fetcher(resolver=resolver)
    with pytest.raises(NotAllowed):
        fetcher.fetch(page(server.url("/"), RequestKind.API))
    assert asked == ["rebind.example"]
    assert dials.dials == [("127.0.0.1", server.port)]


def test_an_allowed_endpoint_is_an_address_with_its_port(
    server: FaultServer, make_fetcher: Make, page: Page, dials: DialLog, reply: Reply
) -> None:
    server.routes["/"] = reply()
    fetcher = make_fetcher(allow=("127.0.0.1:1",))
    with pytest.raises(NotAllowed):
        fetcher.fetch(page(server.url("/"), RequestKind.API))
    assert dials.dials == []


def test_other_ports_of_public_hosts_are_not_asked(make_fetcher: Make, page: Page, dials: DialLog) -> None:
    resolver, _ = scripted([PUBLIC])
    fetcher = make_fetcher(resolver=resolver)
    for port in (22, 25, 6379, 8080):
        with pytest.raises(NotAllowed, match="only 80 and 443"):
            fetcher.fetch(page(f"http://shop.example:{port}/", RequestKind.API))
    assert dials.dials == []


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "data", "javascript", "ws"])
def test_only_http_and_https_are_fetched(scheme: str, fetcher: Fetcher, page: Page, dials: DialLog) -> None:
    with pytest.raises(NotAllowed) as caught:
        fetcher.fetch(page(f"{scheme}://example.com/etc/passwd"))
    assert caught.value.reason == FailureReason.SCHEME
    assert dials.dials == []


def test_a_name_that_is_not_found_is_a_failure_of_the_network(make_fetcher: Make, page: Page) -> None:
    async def nobody(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    fetcher = make_fetcher(resolver=nobody)
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(page("https://nobody.example/", RequestKind.API))
    assert caught.value.reason == FailureReason.NETWORK


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "2400:4000::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("text", ["127.0.0.1", "localhost:80", "127.0.0.1:0", "127.0.0.1:70000", "", "[::1]"])
def test_what_is_no_endpoint_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="port"):
        parse_endpoint(text)


def test_the_transport_has_no_other_way_out(fetcher: Fetcher) -> None:
    """The library would use its own pool, unguarded, if the attribute that is replaced were called otherwise."""
    transport = fetcher._crawl._wire._transport
    assert isinstance(transport, GuardedTransport)
    plain = httpx.AsyncHTTPTransport(trust_env=False)
    assert isinstance(plain._pool, httpcore.AsyncConnectionPool)
    assert isinstance(transport._pool, httpcore.AsyncConnectionPool)
    assert isinstance(transport._pool._network_backend, GuardedBackend)


def test_the_environment_names_no_proxy(
    *,
    server: FaultServer,
    make_fetcher: Make,
    page: Page,
    reply: Reply,
    dials: DialLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.routes["/"] = reply()
    assert make_fetcher().fetch(page(server.url("/"))).status == 200
    assert set(dials.dials) == {("127.0.0.1", server.port)}
