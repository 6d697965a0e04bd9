"""Pace, Retry-After, robots.txt and the circuit: what a host may expect of us."""

from __future__ import annotations

import email.utils
from datetime import timedelta

import pytest
from fetch.faults import FakeClock, FaultServer, Make, Page, Reply

from ipwatch.errors import Blocked, FetchError, NotAllowed, RetryLater
from ipwatch.fetch import Fetcher
from ipwatch.fetch.host_limiter import HostState
from ipwatch.fetch.status import parse_retry_after
from ipwatch.records import FailureReason, Request, RequestKind


def requests(page: Page, server: FaultServer, count: int, host: str = "shop.localhost") -> list[Request]:
    return [page(server.url(f"/{number}", host), RequestKind.API) for number in range(count)]


def json_page(reply: Reply) -> bytes:
    return reply(200, b"{}", content_type="application/json")


def test_requests_to_one_host_are_an_interval_apart(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes |= {f"/{number}": json_page(reply) for number in range(4)}
    fetcher = make_fetcher(interval=5.0)
    assert [fetched.error for fetched in fetcher.fetch_all(requests(page, server, 4))] == [None] * 4
    assert clock.slept == [5.0, 5.0, 5.0]


def test_an_interval_of_its_own_overrides_the_general_one(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes |= {f"/{number}": json_page(reply) for number in range(2)}
    for key in (f"shop.localhost:{server.port}", "shop.localhost"):
        clock.slept.clear()
        fetcher = make_fetcher(interval=5.0, intervals={key: 2.0})
        list(fetcher.fetch_all(requests(page, server, 2)))
        assert clock.slept == [2.0]


RETRY_AFTER = [
    ("7", 7.0),
    ("0", 1.0),
    ("date+30", 30.0),
    ("date-30", 1.0),
    ("soon", 1.0),
    ("-5", 1.0),
    ("1e9", 1.0),
    ("", 1.0),
    ("899", 899.0),
]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("value", "waited"), RETRY_AFTER)
def test_retry_after_is_waited_for(
    *,
    status: int,
    value: str,
    waited: float,
    server: FaultServer,
    make_fetcher: Make,
    page: Page,
    reply: Reply,
    clock: FakeClock,
) -> None:
    if value.startswith("date"):
        value = email.utils.format_datetime(clock.start + timedelta(seconds=int(value[4:])), usegmt=True)
    server.routes["/0"] = [reply(status, b"", retry_after=value), json_page(reply)]
    fetcher = make_fetcher()
    assert fetcher.fetch(requests(page, server, 1)[0]).status == 200
    assert clock.slept == [pytest.approx(waited, abs=1.0)]


@pytest.mark.parametrize(("value", "cooling"), [("901", 901.0), ("86400", 86400.0), ("99999999999999", 86400.0)])
def test_a_longer_retry_after_is_handed_to_the_caller(
    *, value: str, cooling: float, server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes |= {"/0": reply(429, b"", retry_after=value), "/1": json_page(reply)}
    fetcher = make_fetcher()
    first, second = requests(page, server, 2)
    for request in (first, second):
        with pytest.raises(RetryLater) as caught:
            fetcher.fetch(request)
        assert caught.value.reason == FailureReason.RATE_LIMITED
        assert caught.value.retry_after is not None
    assert server.paths() == ["/0"]
    assert clock.slept == []
    (state,) = fetcher.host_states()
    assert state.cooling_for == pytest.approx(cooling)
    clock.seconds += cooling - 10
    assert fetcher.fetch(second).status == 200


def test_the_whole_host_cools_not_one_request(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes |= {"/0": [reply(503, b"", retry_after="60"), json_page(reply)], "/1": json_page(reply)}
    fetched = list(make_fetcher().fetch_all(requests(page, server, 2)))
    assert [item.error for item in fetched] == [None, None]
    assert clock.seconds >= 60
    assert server.paths()[0] == "/0"
    assert clock.slept[0] == 60.0


def test_backoff_doubles_to_its_cap(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes["/0"] = reply(500, b"")
    fetcher = make_fetcher(attempts=5, backoff_base=1.0, backoff_cap=3.0)
    with pytest.raises(RetryLater):
        fetcher.fetch(requests(page, server, 1)[0])
    assert clock.slept == [1.0, 2.0, 3.0, 3.0]


def test_garbage_in_retry_after_says_nothing(clock: FakeClock) -> None:
    for value in (None, "", "soon", "-1", "1.5", "Mon, 99 Foo 2026 99:99:99 GMT", "½"):
        assert parse_retry_after(value, clock.now()) is None


@pytest.mark.parametrize("status", [403, 429])
def test_the_circuit_opens_after_five_refusals_in_a_row(
    status: int, server: FaultServer, make_fetcher: Make, page: Page, reply: Reply
) -> None:
    server.routes |= {f"/{number}": reply(status, b"") for number in range(20)}
    fetched = list(make_fetcher().fetch_all(requests(page, server, 20)))
    assert len(server.visits) == 5
    assert all(isinstance(item.error, Blocked | RetryLater) for item in fetched)
    assert isinstance(fetched[-1].error, Blocked)


def test_an_answer_in_between_closes_the_row(server: FaultServer, make_fetcher: Make, page: Page, reply: Reply) -> None:
    server.routes |= {"/0": reply(403, b""), "/1": json_page(reply)}
    fetcher = make_fetcher()
    refused, served = requests(page, server, 2)
    for _ in range(4):
        for _ in range(4):
            with pytest.raises(Blocked):
                fetcher.fetch(refused)
        assert fetcher.fetch(served).status == 200
    (state,) = fetcher.host_states()
    assert (state.blocked, state.refusals, state.requests) == (False, 0, 20)


def test_a_host_that_is_down_is_left_alone(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes |= {f"/{number}": reply(500, b"") for number in range(20)}
    fetcher = make_fetcher(attempts=1)
    fetched = list(fetcher.fetch_all(requests(page, server, 20)))
    reasons = [item.error.reason for item in fetched if item.error is not None]
    assert reasons == [FailureReason.SERVER_ERROR] * 5 + [FailureReason.NOT_REACHED] * 15
    assert len(server.visits) == 5
    waited = list(clock.slept)
    clock.seconds += 600
    with pytest.raises(RetryLater) as caught:
        fetcher.fetch(requests(page, server, 1)[0])
    assert caught.value.reason == FailureReason.NOT_REACHED
    assert clock.slept == waited
    clock.seconds += 301
    server.routes["/0"] = json_page(reply)
    assert fetcher.fetch(requests(page, server, 1)[0]).status == 200
    assert fetcher.host_states()[0].failures == 0


ROBOTS = [
    (b"User-agent: *\nDisallow: /", False),
    (b"\xef\xbb\xbfUser-agent: *\nDisallow: /", False),
    (b"User-agent: *\nDisallow: /\n\nUser-agent: ipwatch\nAllow: /", True),
    (b"User-agent: IPWatch\nDisallow: /", False),
    (b"User-agent: *\nDisallow: /item\nAllow: /item/1", True),
    (b"User-agent: *\nDisallow: /*/1$", False),
    (b"User-agent: *\nDisallow: /%69tem", False),
    (b"User-agent: *\nDisallow:", True),
    (b"", True),
    (b"\x00\xff garbage", True),
    (b"# " + b"x" * 600 * 1024 + b"\nUser-agent: *\nDisallow: /", True),
]


@pytest.mark.parametrize(("body", "allowed"), ROBOTS)
def test_robots_txt_is_obeyed(
    *, body: bytes, allowed: bool, server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes |= {"/robots.txt": reply(200, body, content_type="text/plain"), "/item/1": reply()}
    if allowed:
        assert fetcher.fetch(page(server.url("/item/1"))).status == 200
        return
    with pytest.raises(NotAllowed) as caught:
        fetcher.fetch(page(server.url("/item/1")))
    assert caught.value.reason == FailureReason.ROBOTS
    assert server.paths() == ["/robots.txt"]


@pytest.mark.parametrize(("status", "asked"), [(401, 1), (403, 1), (429, 1), (500, 3), (503, 3)])
def test_a_robots_txt_that_is_refused_or_fails_stops_us_for_now(
    *, status: int, asked: int, server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes |= {"/robots.txt": reply(status, b""), "/x": reply()}
    for _ in range(2):
        with pytest.raises(RetryLater) as caught:
            fetcher.fetch(page(server.url("/x")))
        assert caught.value.reason == FailureReason.NOT_REACHED
    assert server.paths() == ["/robots.txt"] * asked
    clock.seconds += 3600
    server.routes["/robots.txt"] = reply(404, b"")
    assert fetcher.fetch(page(server.url("/x"))).status == 200


@pytest.mark.parametrize("status", [400, 404, 410, 418])
def test_a_missing_robots_txt_sets_no_rules(
    status: int, server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes |= {"/robots.txt": reply(status, b"User-agent: *\nDisallow: /"), "/x": reply()}
    assert fetcher.fetch(page(server.url("/x"))).status == 200


def test_robots_txt_is_read_once_a_day_for_each_origin(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes["/x"] = reply()
    for host in ("a.localhost", "b.localhost"):
        for _ in range(3):
            fetcher.fetch(page(server.url("/x", host)))
    assert server.paths().count("/robots.txt") == 2
    clock.seconds += 86_401
    fetcher.fetch(page(server.url("/x", "a.localhost")))
    assert server.paths().count("/robots.txt") == 3


def test_robots_txt_is_found_through_redirects(server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply) -> None:
    server.routes |= {"/robots.txt": reply(301, b"", location="/r"), "/r": reply(200, b"User-agent: *\nDisallow: /x")}
    with pytest.raises(NotAllowed):
        fetcher.fetch(page(server.url("/x")))


def test_a_redirect_is_asked_of_the_robots_txt_it_leads_to(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["a.localhost/x"] = reply(302, b"", location=server.url("/y", "b.localhost"))
    server.routes["b.localhost/robots.txt"] = reply(200, b"User-agent: *\nDisallow: /y")
    with pytest.raises(NotAllowed):
        fetcher.fetch(page(server.url("/x", "a.localhost")))
    assert "/y" not in server.paths()


@pytest.mark.parametrize(("line", "waited"), [("Crawl-delay: 9", 9.0), ("Request-rate: 1/20", 20.0), ("", 5.0)])
def test_the_delay_in_robots_txt_is_a_floor(
    *, line: str, waited: float, server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes |= {"/robots.txt": reply(200, f"User-agent: *\n{line}\nDisallow: /no".encode()), "/x": reply()}
    fetcher = make_fetcher(interval=5.0)
    for _ in range(3):
        fetcher.fetch(page(server.url("/x")))
    assert clock.slept[1:] == [waited]
    assert fetcher.host_states()[0].interval == waited


def test_a_host_that_asks_for_more_than_a_minute_is_skipped(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes |= {"/robots.txt": reply(200, b"User-agent: *\nCrawl-delay: 61"), "/x": reply()}
    with pytest.raises(NotAllowed, match="61 s"):
        fetcher.fetch(page(server.url("/x")))


@pytest.mark.parametrize("kind", [RequestKind.API, RequestKind.TOKEN, RequestKind.BULK])
def test_interfaces_are_governed_by_their_own_terms(
    kind: RequestKind, server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes |= {
        "/robots.txt": reply(200, b"User-agent: *\nDisallow: /"),
        "/x": reply(200, b"{}", content_type="application/json"),
    }
    assert fetcher.fetch(page(server.url("/x"), kind)).status == 200
    assert server.paths() == ["/x"]


def test_an_interface_that_anyone_may_call_is_subject_to_robots_txt(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes |= {"/robots.txt": reply(200, b"User-agent: *\nDisallow: /products.json"), "/q": json_page(reply)}
    with pytest.raises(NotAllowed):
        fetcher.fetch(page(server.url("/products.json"), RequestKind.API, secret_headers=()))
    assert fetcher.fetch(page(server.url("/q?applicationId=k"), RequestKind.API, secret_headers=())).status == 200
    assert server.paths() == ["/robots.txt", "/q?applicationId=k"]


def test_pictures_and_sitemaps_are_subject_to_robots_txt(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/robots.txt"] = reply(200, b"User-agent: *\nDisallow: /")
    for kind in (RequestKind.IMAGE, RequestKind.SITEMAP):
        with pytest.raises(NotAllowed):
            fetcher.fetch(page(server.url("/x"), kind))


def test_the_state_of_hosts_is_there_for_the_source(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = reply(403, b"")
    with pytest.raises(FetchError):
        fetcher.fetch(page(server.url("/x")))
    assert fetcher.host_states() == [
        HostState(
            host=f"shop.localhost:{server.port}",
            requests=2,
            blocked=False,
            refusals=1,
            failures=0,
            cooling_for=0.0,
            interval=0.0,
            robots=f"http://shop.localhost:{server.port}/: no rules",
        )
    ]
