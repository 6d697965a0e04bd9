"""Many requests at once, conditional requests, secrets, and the edges of the fetcher's life."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fetch.faults import FaultServer, Handler, Make, Page, Reply, Visit

from ipwatch.errors import Blocked, ConfigError, FetchError
from ipwatch.fetch import Fetcher, FetchPolicy, Validator, redact_url
from ipwatch.fetch.redact import shown_url
from ipwatch.records import FailureReason, Request, RequestKind


def slow(reply: Reply, seconds: float) -> Handler:
    async def handler(_visit: Visit, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(reply(200, b"{}", content_type="application/json"))

    return handler


def test_hosts_are_asked_in_parallel_and_each_one_thing_at_a_time(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    active: dict[str, int] = {}
    peak = {"host": 0, "all": 0}

    async def handler(visit: Visit, writer: asyncio.StreamWriter) -> None:
        active[visit.host] = active.get(visit.host, 0) + 1
        peak["host"] = max(peak["host"], active[visit.host])
        peak["all"] = max(peak["all"], sum(active.values()))
        await asyncio.sleep(0.05)
        active[visit.host] -= 1
        writer.write(reply(200, b"{}", content_type="application/json"))

    server.routes["/x"] = handler
    requests = [page(server.url("/x", f"h{n % 8}.localhost"), RequestKind.API) for n in range(32)]
    started = time.monotonic()
    fetched = list(fetcher.fetch_all(requests))
    assert [item.error for item in fetched] == [None] * 32
    assert sorted(item.request.url for item in fetched) == sorted(request.url for request in requests)
    assert peak["host"] == 1
    assert peak["all"] == 8
    assert time.monotonic() - started < 32 * 0.05


def test_no_more_hosts_are_asked_at_once_than_the_policy_says(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = slow(reply, 0.1)
    fetcher = make_fetcher(concurrency=2)
    requests = [page(server.url("/x", f"h{n}.localhost"), RequestKind.API) for n in range(8)]
    started = time.monotonic()
    assert len(list(fetcher.fetch_all(requests))) == 8
    assert time.monotonic() - started >= 0.4


def test_a_bad_host_does_not_hold_up_the_good_ones(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply
) -> None:
    async def hang(_visit: Visit, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    server.routes |= {"bad.localhost/x": hang, "/x": reply(200, b"{}", content_type="application/json")}
    fetcher = make_fetcher(read_timeout=0.5, attempts=1)
    bad = [page(server.url("/x", "bad.localhost"), RequestKind.API)] * 3
    good = [page(server.url("/x", f"good{n}.localhost"), RequestKind.API) for n in range(20)]
    order = [item.error is None for item in fetcher.fetch_all([*bad, *good])]
    assert order == [True] * 20 + [False] * 3


def test_requests_are_read_ahead_within_bounds(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = slow(reply, 0.0)
    taken = 0

    def endless() -> Iterator[Request]:
        nonlocal taken
        while True:
            taken += 1
            yield page(server.url("/x", f"h{taken % 4}.localhost"), RequestKind.API)

    fetched = make_fetcher(prefetch=10).fetch_all(endless())
    for number in range(1, 21):
        assert next(fetched).error is None
        assert taken <= number + 10
    fetched.close()


def test_unread_documents_hold_the_fetching_back(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = slow(reply, 0.0)
    fetcher = make_fetcher(concurrency=2, prefetch=100)
    requests = [page(server.url("/x", f"h{n}.localhost"), RequestKind.API) for n in range(50)]
    fetched = fetcher.fetch_all(requests)
    next(fetched)
    time.sleep(0.5)
    assert len(server.visits) <= 2 * 2 + 1
    assert len(list(fetched)) == 49


def test_a_queue_that_grows_from_the_results_is_emptied(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = reply(200, b"{}", content_type="application/json")

    class Growing:
        def __init__(self, first: Request) -> None:
            self.waiting = deque([first])

        def __iter__(self) -> Iterator[Request]:
            return self

        def __next__(self) -> Request:
            if not self.waiting:
                raise StopIteration
            return self.waiting.popleft()

    queue = Growing(page(server.url("/x"), RequestKind.API))
    fetched = 0
    for _ in fetcher.fetch_all(queue):
        fetched += 1
        if fetched < 5:
            queue.waiting.append(page(server.url("/x"), RequestKind.API))
    assert fetched == 5


def test_closing_the_iterator_cancels_what_is_under_way(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = slow(reply, 0.2)
    fetched = fetcher.fetch_all(page(server.url("/x"), RequestKind.API) for _ in range(50))
    next(fetched)
    fetched.close()
    under_way = len(server.visits) + 1  # one at a time may have been sent and not yet been noted
    time.sleep(0.5)
    assert len(server.visits) <= under_way < 50
    assert fetcher.fetch(page(server.url("/x"), RequestKind.API)).status == 200


def test_an_error_of_one_request_is_its_result(server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply) -> None:
    server.routes |= {"/a": reply(200, b"{}", content_type="application/json"), "/b": reply(403, b"")}
    results = {
        item.request.url: item
        for item in fetcher.fetch_all(page(server.url(path), RequestKind.API) for path in ("/a", "/b"))
    }
    good, bad = results[server.url("/a")], results[server.url("/b")]
    assert good.document is not None
    assert (good.error, good.attempts, good.remote_address) == (None, 1, "127.0.0.1")
    assert bad.document is None
    assert isinstance(bad.error, Blocked)
    assert bad.elapsed > 0


def test_a_closed_fetcher_says_so_and_leaves_no_thread(make_fetcher: Make, page: Page) -> None:
    fetcher = make_fetcher()
    fetcher.close()
    fetcher.close()
    with pytest.raises(ValueError, match="closed"):
        fetcher.fetch(page("http://shop.localhost/"))
    assert not [thread for thread in threading.enumerate() if thread.name == "ipwatch-fetch"]


class Memory(dict[str, Validator]):
    """The store's memory of conditional requests, as a dictionary."""


def test_an_unchanged_page_is_read_from_the_store(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, tmp_path: Path
) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"as stored")
    sha256 = hashlib.sha256(b"as stored").hexdigest()
    memory = Memory(
        {
            server.url("/x"): Validator(
                etag='W/"v1"', last_modified="Mon, 05 Jan 2026 00:00:00 GMT", sha256=sha256, path=body
            )
        }
    )
    server.routes["/x"] = reply(304, b"")
    document = make_fetcher(validators=memory).fetch(page(server.url("/x")))
    assert (document.status, document.from_cache, document.sha256, document.size) == (304, True, sha256, 9)
    assert document.read() == b"as stored"
    sent = server.visits[-1].headers
    assert sent["if-none-match"] == 'W/"v1"'
    assert sent["if-modified-since"] == "Mon, 05 Jan 2026 00:00:00 GMT"


def test_no_condition_is_sent_without_the_body(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, tmp_path: Path
) -> None:
    lost = Validator(etag='"v1"', last_modified=None, sha256="0" * 64, path=tmp_path / "lost")
    server.routes["/x"] = reply()
    document = make_fetcher(validators=Memory({server.url("/x"): lost})).fetch(page(server.url("/x")))
    assert document.from_cache is False
    assert "if-none-match" not in server.visits[-1].headers


def test_secret_headers_go_to_their_origin_alone(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes |= {
        "a.localhost/x": reply(302, b"", location="/y"),
        "a.localhost/y": reply(302, b"", location=server.url("/z", "b.localhost")),
        "b.localhost/z": reply(200, b"{}", content_type="application/json"),
    }
    request = page(
        server.url("/x", "a.localhost"),
        RequestKind.API,
        headers=(("Accept", "application/json"),),
        secret_headers=(("Authorization", "Bearer s3cret"), ("X-Shop", "s3cret")),
    )
    (fetched,) = fetcher.fetch_all([request])
    assert [visit.headers.get("authorization") for visit in server.visits] == ["Bearer s3cret", "Bearer s3cret", None]
    assert [visit.headers.get("x-shop") for visit in server.visits] == ["s3cret", "s3cret", None]
    assert "s3cret" not in repr(fetched.request_headers)
    assert ("Accept", "application/json") in fetched.request_headers


def test_no_cookie_is_sent_back(server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply) -> None:
    server.routes["/x"] = reply(200, set_cookie="session=1; Path=/")
    for _ in range(2):
        fetcher.fetch(page(server.url("/x")))
    assert all("cookie" not in visit.headers for visit in server.visits)


def test_a_key_in_the_query_is_sent_and_never_kept(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.routes |= {"/ok": reply(200, b"{}", content_type="application/json"), "/no": reply(500, b"")}
    (good,) = fetcher.fetch_all([page(server.url("/ok?applicationId=s3cret&page=2"), RequestKind.API)])
    assert server.visits[-1].path == "/ok?applicationId=s3cret&page=2"
    assert good.document is not None
    assert good.document.url == server.url("/ok?applicationId=REDACTED&page=2")
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(page(server.url("/no?accessKey=s3cret"), RequestKind.API))
    assert "s3cret" not in f"{caught.value} {caught.value.url} {good.document} {caplog.text}"


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("https://a.example/?q=towel&page=2", None),
        ("https://a.example/?applicationId=1&q=2", "https://a.example/?applicationId=REDACTED&q=2"),
        ("https://a.example/?access_key=1", "https://a.example/?access_key=REDACTED"),
        ("https://a.example/?Api-Key=1", "https://a.example/?Api-Key=REDACTED"),
        ("https://a.example/?X-Amz-Signature=1&b=%20", "https://a.example/?X-Amz-Signature=REDACTED&b=%20"),
        ("https://a.example/?%6bey=1", "https://a.example/?%6bey=REDACTED"),
        ("https://a.example/#access_token=1", "https://a.example/#access_token=REDACTED"),
        ("https://user:pass@a.example/x", "https://a.example/x"),
        ("https://a.example/user:pass@x", None),
        ("https://a.example/?key=", None),
        ("https://a.example/?keyword=towel&token_count", None),
    ],
)
def test_a_url_loses_its_secrets_and_nothing_else(url: str, redacted: str | None) -> None:
    assert redact_url(url) == (redacted or url)
    assert redact_url(redact_url(url)) == redact_url(url)


def test_the_address_of_a_page_stays_as_it_was_fetched() -> None:
    assert shown_url(RequestKind.PAGE, "https://a.example/?key=blue") == "https://a.example/?key=blue"


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": 0},
        {"interval": -1.0},
        {"user_agent": "a\r\nb"},
        {"allow": ("localhost",)},
        {"max_redirects": -1},
        {"timeouts": 0},
        {"body_rate": 0.0},
        {"patience": -1.0},
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        FetchPolicy(**{"user_agent": "ipwatch/1.0", "spool": tmp_path, **wrong})


def test_a_full_spool_ends_the_run(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply, tmp_path: Path
) -> None:
    fetcher = make_fetcher()
    (tmp_path / "spool").rmdir()
    server.routes["/x"] = reply(200, b"x", content_type="application/zip")
    with pytest.raises(Exception, match="spool"):
        fetcher.fetch(page(server.url("/x"), RequestKind.BULK))


def test_failures_are_reasons_from_the_closed_list(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = reply(500, b"")
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(page(server.url("/x")))
    assert FailureReason(caught.value.reason) is FailureReason.SERVER_ERROR
