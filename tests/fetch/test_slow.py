"""What a slow host may cost us: a bounded time, however it is slow, and nobody else's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from fetch.faults import FaultServer, Handler, Make, Page, Reply, Visit

from ipwatch.errors import FetchError, Refused, RetryLater
from ipwatch.records import FailureReason, RequestKind

HEAD = b"HTTP/1.1 %d Status\r\ncontent-length: %d\r\n\r\n"
SLOW = {"body_grace": 0.2, "body_rate": 1000.0, "read_timeout": 3.0, "robots_deadline": 3.0}
MAX_SECONDS = 2.5  # before the deadline of 3 s, well after the grace


def drip(*, status: int = 200, size: int = 100_000, chunk: int = 1, pause: float = 0.02) -> Handler:
    async def answer(_visit: Visit, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD % (status, size))
        for sent in range(0, size, chunk):
            writer.write(b"." * min(chunk, size - sent))
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


async def stall(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD % (200, 1000))
    await writer.drain()
    await asyncio.sleep(60)


async def silence(_visit: Visit, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


def late(reply: bytes, after: float) -> Handler:
    async def answer(_visit: Visit, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(after)
        writer.write(reply)

    return answer


@pytest.fixture(autouse=True)
def _soon() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < MAX_SECONDS


@pytest.mark.parametrize("body", [drip(), stall], ids=["drip", "stall"])
@pytest.mark.parametrize("kind", [RequestKind.PAGE, RequestKind.BULK])
def test_a_body_that_does_not_keep_the_pace_is_given_up_and_not_asked_for_again(
    body: Handler, kind: RequestKind, server: FaultServer, make_fetcher: Make, page: Page
) -> None:
    server.routes["/x"] = body
    with pytest.raises(Refused) as caught:
        make_fetcher(**SLOW).fetch(page(server.url("/x"), kind))
    assert caught.value.reason == FailureReason.TIMEOUT
    assert "more slowly than 1000 bytes a second" in str(caught.value)
    assert server.paths().count("/x") == 1


def test_a_body_that_keeps_the_pace_may_take_longer_than_the_grace(
    server: FaultServer, make_fetcher: Make, page: Page
) -> None:
    server.routes["/x"] = drip(size=3000, chunk=200, pause=0.03)
    assert make_fetcher(**SLOW).fetch(page(server.url("/x"))).size == 3000


def test_a_robots_txt_that_drips_holds_nothing_up(server: FaultServer, make_fetcher: Make, page: Page) -> None:
    server.routes |= {"/robots.txt": drip(), "/x": drip()}
    with pytest.raises(RetryLater, match=r"robots\.txt was not read") as caught:
        make_fetcher(**SLOW).fetch(page(server.url("/x")))
    assert caught.value.reason == FailureReason.NOT_REACHED
    assert server.paths() == ["/robots.txt"]


def test_the_status_of_a_refusal_is_known_although_its_page_drips(
    server: FaultServer, make_fetcher: Make, page: Page
) -> None:
    server.routes["/x"] = drip(status=503)
    with pytest.raises(RetryLater) as caught:
        make_fetcher(**SLOW, attempts=1).fetch(page(server.url("/x")))
    assert (caught.value.status, caught.value.reason) == (503, FailureReason.SERVER_ERROR)


@pytest.mark.parametrize("handler", [drip(), silence], ids=["drip", "silence"])
def test_a_host_that_runs_out_of_time_twice_in_a_row_is_not_asked_again_in_the_run(
    handler: Handler, server: FaultServer, make_fetcher: Make, page: Page, reply: Reply
) -> None:
    server.routes |= {f"a.localhost/{number}": handler for number in range(10)}
    server.routes |= {f"b.localhost/{number}": reply() for number in range(10)}
    asked = [page(server.url(f"/{number}", host)) for number in range(10) for host in ("a.localhost", "b.localhost")]
    fetcher = make_fetcher(**SLOW, deadlines={RequestKind.PAGE: 0.3})
    fetched = list(fetcher.fetch_all(asked))
    reasons = [item.error.reason for item in fetched if item.error is not None]
    assert reasons == [FailureReason.TIMEOUT] * 2 + [FailureReason.NOT_REACHED] * 8
    assert sum(item.document is not None for item in fetched) == 10
    last = next(item.error for item in fetched if item.error and item.error.reason == FailureReason.NOT_REACHED)
    name = f"a.localhost:{server.port}"
    assert str(last) == f"{name} ran out of time 2 times in a row and is not asked again in this run"
    slow, prompt = fetcher.host_states()
    assert (slow.given_up, prompt.given_up) == ("ran out of time 2 times in a row", None)
    assert sum(visit.host == name for visit in server.visits) == 3  # robots.txt and two pages


def test_an_answer_in_time_ends_the_row(server: FaultServer, make_fetcher: Make, page: Page, reply: Reply) -> None:
    server.routes |= {"/slow": drip(), "/fine": reply()}
    fetcher = make_fetcher(**SLOW)
    for _ in range(3):
        with pytest.raises(Refused):
            fetcher.fetch(page(server.url("/slow")))
        assert fetcher.fetch(page(server.url("/fine"))).status == 200


def test_a_fetch_that_used_its_time_up_is_not_tried_again(server: FaultServer, make_fetcher: Make, page: Page) -> None:
    server.routes["/x"] = silence
    fetcher = make_fetcher(read_timeout=0.25, deadlines={RequestKind.PAGE: 0.25})
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(page(server.url("/x")))
    assert caught.value.reason == FailureReason.TIMEOUT
    assert server.paths().count("/x") == 1


def test_tries_that_time_out_count_once_for_their_fetch(server: FaultServer, make_fetcher: Make, page: Page) -> None:
    server.routes["/x"] = silence
    fetcher = make_fetcher(read_timeout=0.1)
    for _ in range(2):
        with pytest.raises(RetryLater) as caught:
            fetcher.fetch(page(server.url("/x")))
        assert caught.value.reason == FailureReason.TIMEOUT
    assert server.paths().count("/x") == 6
    with pytest.raises(RetryLater) as caught:
        fetcher.fetch(page(server.url("/x")))
    assert caught.value.reason == FailureReason.NOT_REACHED
    assert server.paths().count("/x") == 6


def test_a_host_that_is_slow_every_time_is_given_up_on_although_it_answers(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply
) -> None:
    server.routes |= {f"/{number}": late(reply(), 0.1) for number in range(20)}
    fetcher = make_fetcher(patience=0.3, mean_time=0.02)
    fetched = list(fetcher.fetch_all([page(server.url(f"/{number}")) for number in range(20)]))
    served = sum(item.document is not None for item in fetched)
    assert 1 <= served <= 5  # 0.3 s and 0.02 s for each, of the 0.1 s that each takes
    assert {item.error.reason for item in fetched if item.error} == {FailureReason.NOT_REACHED}
    (state,) = fetcher.host_states()
    assert state.given_up is not None
    assert state.given_up.startswith("took 0 s for ")


def test_files_are_not_held_against_a_host(server: FaultServer, make_fetcher: Make, page: Page, reply: Reply) -> None:
    server.routes["/all.zip"] = late(reply(200, b"PK", content_type="application/zip"), 0.15)
    fetcher = make_fetcher(patience=0.1, mean_time=0.01)
    for _ in range(3):
        assert fetcher.fetch(page(server.url("/all.zip"), RequestKind.BULK)).size == 2
    assert fetcher.host_states()[0].given_up is None
