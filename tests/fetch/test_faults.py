"""What comes out of every way in which a host can fail us, over real connections on loopback."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import resource
import time
import zlib
from pathlib import Path

import pytest
from fetch.faults import DialLog, FakeClock, FaultServer, Make, Page, Reply, Visit

from ipwatch.errors import Blocked, FetchError, NotAllowed, Refused, RetryLater
from ipwatch.fetch import Fetcher
from ipwatch.records import FailureReason, RequestKind

MAX_SECONDS = 3.6  # the deadline of the test and two seconds


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


async def reset(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def empty(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def short_length(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1000\r\n\r\nhalf")
    writer.close()


async def short_chunked(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(b"half"))
    writer.close()


async def short_gzip(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    body = gzip.compress(b"x" * 1000)[:-12]
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\n")
    writer.write(b"content-length: %d\r\n\r\n%s" % (len(body), body))


async def slow_body(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.05)


async def slow_headers(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-drip: 1\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(_visit: Visit, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def huge_header(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 1024 * 1024 + b"\r\n\r\n")


async def endless(_visit: Visit, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(chunked(b"x" * 65536))
        await writer.drain()


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b"\0" * 1024 * 1024) for _ in range(200)) + packer.flush()


def encoded(reply: Reply, body: bytes, encoding: str) -> bytes:
    return reply(200, body, content_encoding=encoding)


FAULTS = {
    "reset": (reset, RetryLater, FailureReason.NETWORK),
    "empty": (empty, RetryLater, FailureReason.NETWORK),
    "silence": (silence, RetryLater, FailureReason.TIMEOUT),
    "short_length": (short_length, Refused, FailureReason.TRUNCATED),
    "short_chunked": (short_chunked, Refused, FailureReason.TRUNCATED),
    "short_gzip": (short_gzip, Refused, FailureReason.TRUNCATED),
    "slow_body": (slow_body, Refused, FailureReason.TIMEOUT),
    "slow_headers": (slow_headers, Refused, FailureReason.TIMEOUT),
    "huge_header": (huge_header, Refused, FailureReason.TOO_LARGE),
    "endless": (endless, Refused, FailureReason.TOO_LARGE),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_connection_has_its_reason(
    fault: str, server: FaultServer, make_fetcher: Make, page: Page
) -> None:
    handler, kind, reason = FAULTS[fault]
    server.routes["/x"] = handler
    fetcher = make_fetcher(read_timeout=0.4, deadlines={RequestKind.PAGE: 1.6})
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(page(server.url("/x")))
    assert type(caught.value) is kind
    assert caught.value.reason == reason
    assert time.monotonic() - started < MAX_SECONDS


STATUSES = [
    (401, Blocked, FailureReason.AUTH, 1),
    (403, Blocked, FailureReason.BLOCKED, 1),
    (400, Refused, FailureReason.CLIENT_ERROR, 1),
    (451, Refused, FailureReason.CLIENT_ERROR, 1),
    (408, RetryLater, FailureReason.TIMEOUT, 3),
    (429, RetryLater, FailureReason.RATE_LIMITED, 3),
    (500, RetryLater, FailureReason.SERVER_ERROR, 3),
    (502, RetryLater, FailureReason.SERVER_ERROR, 3),
    (503, RetryLater, FailureReason.SERVER_ERROR, 3),
    (504, RetryLater, FailureReason.SERVER_ERROR, 3),
    (501, Refused, FailureReason.SERVER_ERROR, 1),
    (300, Refused, FailureReason.REDIRECT, 1),
    (304, Refused, FailureReason.UNREADABLE, 1),
]


@pytest.mark.parametrize(("status", "kind", "reason", "tries"), STATUSES)
def test_a_status_has_its_error_and_its_number_of_tries(
    *,
    status: int,
    kind: type[FetchError],
    reason: FailureReason,
    tries: int,
    server: FaultServer,
    fetcher: Fetcher,
    page: Page,
    reply: Reply,
) -> None:
    server.routes["/x"] = reply(status, b"" if status == 304 else b"no")
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(page(server.url("/x")))
    assert (type(caught.value), caught.value.reason, caught.value.status) == (kind, reason, status)
    assert server.paths().count("/x") == tries


@pytest.mark.parametrize("status", [404, 410])
def test_a_listing_that_is_gone_is_a_result(
    status: int, server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = reply(status, b"gone")
    document = fetcher.fetch(page(server.url("/x")))
    assert (document.status, document.read()) == (status, b"gone")


def test_an_interface_explains_its_refusal_in_a_document(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/api"] = reply(400, b'{"error":"wrong_parameter"}', content_type="application/json")
    assert fetcher.fetch(page(server.url("/api"), RequestKind.API)).status == 400


def test_a_document_carries_what_came(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply, clock: FakeClock
) -> None:
    server.routes["/x"] = encoded(reply, gzip.compress("今治タオル".encode()), "gzip")
    document = fetcher.fetch(page(server.url("/x"), context=(("page", "2"),)))
    assert document.read().decode() == "今治タオル"
    assert document.sha256 == hashlib.sha256("今治タオル".encode()).hexdigest()
    assert document.size == len("今治タオル".encode())
    assert document.fetched_at == clock.now()
    assert document.context == (("page", "2"),)
    assert document.header("Content-Encoding") == "gzip"
    assert server.visits[-1].headers["accept-encoding"] == "gzip"
    assert server.visits[-1].headers["user-agent"] == "ipwatch/1.0 (+https://example.org/ipwatch)"


ENCODINGS = {
    "brotli": (lambda: b"\x0b\x02\x80hello\x03", "br", FailureReason.BAD_ENCODING),
    "nested": (lambda: gzip.compress(gzip.compress(b"x")), "gzip, gzip", FailureReason.BAD_ENCODING),
    "unknown": (lambda: b"x", "zstd", FailureReason.BAD_ENCODING),
    "broken": (lambda: b"\x1f\x8b\x08\x00 this is not deflate", "gzip", FailureReason.BAD_ENCODING),
    "bomb": (bomb, "gzip", FailureReason.TOO_LARGE),
}


@pytest.mark.parametrize("case", ENCODINGS)
def test_an_encoding_we_cannot_trust_is_refused(
    case: str, server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    make_body, encoding, reason = ENCODINGS[case]
    body = make_body()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    server.routes["/x"] = encoded(reply, body, encoding)
    with pytest.raises(Refused) as caught:
        fetcher.fetch(page(server.url("/x")))
    assert caught.value.reason == reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_body_may_come_in_several_gzip_members_with_padding(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = encoded(reply, gzip.compress(b"one") + gzip.compress(b"two") + b"\0" * 16, "gzip")
    assert fetcher.fetch(page(server.url("/x"))).read() == b"onetwo"


def test_a_body_of_the_maximum_size_is_kept_and_one_byte_more_refused(
    server: FaultServer, make_fetcher: Make, page: Page, reply: Reply
) -> None:
    fetcher = make_fetcher(max_bytes={RequestKind.PAGE: 1000})
    server.routes |= {"/fits": reply(200, b"x" * 1000), "/over": reply(200, b"x" * 1001)}
    server.routes["/hidden"] = encoded(reply, gzip.compress(bytes(range(256)) * 4), "gzip")
    assert fetcher.fetch(page(server.url("/fits"))).size == 1000
    for path in ("/over", "/hidden"):
        with pytest.raises(Refused) as caught:
            fetcher.fetch(page(server.url(path)))
        assert caught.value.reason == FailureReason.TOO_LARGE


TYPES = [
    (RequestKind.PAGE, "text/html; charset=shift_jis", True),
    (RequestKind.PAGE, "application/pdf", False),
    (RequestKind.API, "application/json", True),
    (RequestKind.API, "application/ld+json", True),
    (RequestKind.API, "text/html", False),
    (RequestKind.API, "application/xhtml+xml", False),
    (RequestKind.TOKEN, "text/html", False),
    (RequestKind.SITEMAP, "text/xml", True),
    (RequestKind.SITEMAP, "image/png", False),
    (RequestKind.IMAGE, "image/webp", True),
    (RequestKind.IMAGE, "text/html", False),
    (RequestKind.IMAGE, "application/octet-stream", False),
    (RequestKind.BULK, "application/zip", True),
    (RequestKind.BULK, "text/html", False),
]


@pytest.mark.parametrize(("kind", "content_type", "accepted"), TYPES)
def test_the_content_type_must_be_that_of_the_kind(
    *,
    kind: RequestKind,
    content_type: str,
    accepted: bool,
    server: FaultServer,
    fetcher: Fetcher,
    page: Page,
    reply: Reply,
) -> None:
    server.routes["/x"] = reply(200, b"{}", content_type=content_type)
    if accepted:
        assert fetcher.fetch(page(server.url("/x"), kind)).read() == b"{}"
        return
    with pytest.raises(Refused) as caught:
        fetcher.fetch(page(server.url("/x"), kind))
    assert caught.value.reason == FailureReason.WRONG_TYPE


def test_a_picture_without_a_type_proves_itself(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = reply(200, b"\x89PNG\r\n\x1a\n....", content_type="")
    assert fetcher.fetch(page(server.url("/x"), RequestKind.IMAGE)).size == 12


def test_a_bulk_body_is_a_file_and_leaves_nothing_when_it_fails(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply, tmp_path: Path
) -> None:
    body = bytes(range(256)) * 4096
    server.routes |= {"/all.zip": reply(200, body, content_type="application/zip"), "/cut.zip": short_length}
    document = fetcher.fetch(page(server.url("/all.zip"), RequestKind.BULK))
    assert document.content is None
    assert document.path is not None
    assert document.path.parent == tmp_path / "spool"
    assert document.read() == body
    assert document.sha256 == hashlib.sha256(body).hexdigest()
    with pytest.raises(FetchError):
        fetcher.fetch(page(server.url("/cut.zip"), RequestKind.BULK))
    assert list((tmp_path / "spool").iterdir()) == [document.path]


def test_redirects_are_followed_up_to_five(server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply) -> None:
    for hop in range(7):
        server.routes[f"/{hop}"] = reply(302, b"", location=f"/{hop + 1}")
    server.routes["/7"] = reply()
    assert fetcher.fetch(page(server.url("/2"))).final_url == server.url("/7")
    with pytest.raises(Refused) as caught:
        fetcher.fetch(page(server.url("/1")))
    assert caught.value.reason == FailureReason.REDIRECT


@pytest.mark.parametrize(
    ("location", "kind", "reason"),
    [
        ("/x", Refused, FailureReason.REDIRECT),
        ("", Refused, FailureReason.REDIRECT),
        ("file:///etc/passwd", NotAllowed, FailureReason.SCHEME),
        ("gopher://example.com/", NotAllowed, FailureReason.SCHEME),
        ("http://127.0.0.1/", NotAllowed, FailureReason.ADDRESS),
        ("http://169.254.169.254/latest/meta-data/", NotAllowed, FailureReason.ADDRESS),
        ("http://[::1]/", NotAllowed, FailureReason.ADDRESS),
        ("//localhost/", NotAllowed, FailureReason.ADDRESS),
        ("http://127.0.0.1:22/", NotAllowed, FailureReason.ADDRESS),
        ("http://[::1", NotAllowed, FailureReason.ADDRESS),
    ],
)
def test_a_redirect_leads_nowhere_it_should_not(
    *,
    location: str,
    kind: type[FetchError],
    reason: FailureReason,
    server: FaultServer,
    fetcher: Fetcher,
    page: Page,
    reply: Reply,
    dials: DialLog,
) -> None:
    server.routes["/x"] = reply(302, b"", location=location)
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(page(server.url("/x")))
    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert set(dials.dials) == {("127.0.0.1", server.port)}


def test_a_redirected_post_is_not_sent_on(server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply) -> None:
    server.routes["/token"] = reply(307, b"", location="/elsewhere")
    with pytest.raises(Refused) as caught:
        fetcher.fetch(page(server.url("/token"), RequestKind.TOKEN, method="POST", body=b"client_secret=s3cret"))
    assert caught.value.reason == FailureReason.REDIRECT
    assert "/elsewhere" not in server.paths()


CHALLENGES = [
    (403, b"<script src='/cdn-cgi/challenge-platform/h/b'></script>", {}),
    (503, b"<form action='/errors/validateCaptcha'>", {}),
    (503, b"", {"cf_mitigated": "challenge"}),
    (429, b"<div id='px-captcha'>", {}),
]


@pytest.mark.parametrize(("status", "body", "headers"), CHALLENGES)
def test_a_challenge_blocks_and_is_not_tried_again(
    *,
    status: int,
    body: bytes,
    headers: dict[str, str],
    server: FaultServer,
    fetcher: Fetcher,
    page: Page,
    reply: Reply,
) -> None:
    server.routes["/x"] = reply(status, body, **headers)
    with pytest.raises(Blocked) as caught:
        fetcher.fetch(page(server.url("/x")))
    assert caught.value.reason == FailureReason.BLOCKED
    assert server.paths().count("/x") == 1


def test_a_retry_succeeds_after_a_transient_error(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes["/x"] = [reply(503, b""), reply(502, b""), reply(200, b"there")]
    assert fetcher.fetch(page(server.url("/x"))).read() == b"there"


def test_a_post_is_tried_again_only_for_a_token(
    server: FaultServer, fetcher: Fetcher, page: Page, reply: Reply
) -> None:
    server.routes |= {"/token": reply(503, b""), "/api": reply(503, b"")}
    for path, kind, tries in (("/token", RequestKind.TOKEN, 3), ("/api", RequestKind.API, 1)):
        with pytest.raises(RetryLater):
            fetcher.fetch(page(server.url(path), kind, method="POST", body=b"x"))
        assert server.paths().count(path) == tries
