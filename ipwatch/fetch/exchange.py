"""One HTTP exchange with one host: returns an answer or raises a sorted error; no rate limit, robots or retries."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
import tempfile
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import IO

import h11
import httpx

from ipwatch.errors import FetchError, InstallationError, NotAllowed, Refused, RetryLater
from ipwatch.fetch.address_guard import AddressRefusedError, GuardedTransport
from ipwatch.fetch.content_types import check_type, looks_like_picture
from ipwatch.fetch.decode import BodyRefusedError, Decoder, coding_of
from ipwatch.fetch.min_rate import Pace
from ipwatch.records import FailureReason, RequestKind
from ipwatch.terms import message, os_reason, text_of

_SNIPPET = 64 * 1024
_HEADER_OVERFLOW = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


class TransientError(Exception):
    """A transient failure of the exchange; ``error`` is to be raised where no retry is left."""

    def __init__(self, error: FetchError) -> None:
        super().__init__(text_of(error))
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to send and how much to accept. ``shown`` is the URL for errors; ``kind=None`` is robots.txt."""

    url: httpx.URL
    shown: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    kind: RequestKind | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer. Of a refusal (an error status whose page is not used) only the beginning of the body is kept."""

    status: int
    headers: tuple[tuple[str, str], ...]
    remote_address: str | None
    sha256: str = ""
    size: int = 0
    content: bytes | None = None
    path: Path | None = None

    def header(self, name: str) -> str | None:
        """Return the first header of that lower-case name."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def by_name(self) -> Mapping[str, str]:
        """Return the headers by lower-case name."""
        return {key.lower(): value for key, value in self.headers}


def is_result(status: int, kind: RequestKind | None) -> bool:
    """Return whether an answer of this status is returned as a document.

    404 and 410 mean that a listing is gone. APIs explain other 4xx answers in their body (wrong parameter, version
    withdrawn, grant refused), which only their adapter can parse.
    """
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} or HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return True
    return (
        kind in {RequestKind.API, RequestKind.TOKEN}
        and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        and status not in NOT_A_RESULT
    )


NOT_A_RESULT = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


@dataclass
class _Sink:
    """Destination of a body: memory, or a file in the spool for bulk files."""

    file: IO[bytes] | None
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        self.digest.update(piece)
        self.size += len(piece)
        if self.file is None:
            self.chunks.append(piece)
        else:
            self.file.write(piece)


class Wire:
    """Sends orders through the guarded transport. Used in one event loop only."""

    def __init__(
        self,
        transport: GuardedTransport,
        *,
        spool: Path,
        connect_timeout: float,
        read_timeout: float,
        max_header_bytes: int,
        pace: Pace,
    ) -> None:
        self._transport = transport
        self._spool = spool
        self._timeout = httpx.Timeout(read_timeout, connect=connect_timeout, pool=None).as_dict()
        self._max_header_bytes = max_header_bytes
        self._pace = pace

    async def send(self, order: Order, *, budget: float) -> Answer:
        """Return the answer, whatever its status; at most ``budget`` seconds.

        Raises ``Refused``, ``NotAllowed``, or ``TransientError`` with the error to be raised after the last retry.
        """
        try:
            async with asyncio.timeout(budget):
                return await self._exchange(order)
        except TimeoutError:
            raise Refused(
                message("fetch.deadline", url=order.shown), url=order.shown, reason=FailureReason.TIMEOUT
            ) from None
        except AddressRefusedError as error:
            raise NotAllowed(text_of(error), url=order.shown, reason=FailureReason.ADDRESS) from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def _exchange(self, order: Order) -> Answer:
        request = httpx.Request(
            order.method,
            order.url,
            headers=list(order.headers),
            content=order.body,
            extensions={"timeout": self._timeout},
        )
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.TransportError as error:
            raise _sorted(error, order) from error
        try:
            return await self._receive(order, response)
        finally:
            with contextlib.suppress(httpx.TransportError):
                await response.aclose()

    async def _receive(self, order: Order, response: httpx.Response) -> Answer:
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1", errors="replace")) for name, value in response.headers.raw
        )
        if sum(len(name) + len(value) for name, value in headers) > self._max_header_bytes:
            raise _refused(order, message("fetch.headers"), FailureReason.TOO_LARGE, response.status_code)
        remote = _remote_address(response)
        status = response.status_code
        if not is_result(status, order.kind):
            snippet = b"" if status < HTTPStatus.BAD_REQUEST else await _snippet(response, headers, self._pace)
            return Answer(status=status, headers=headers, remote_address=remote, content=snippet)
        try:
            if order.kind is None:
                start = await _start_of(response, headers, order.limit, self._pace)
                return Answer(status=status, headers=headers, remote_address=remote, content=start)
            return await self._keep(order, order.kind, response, headers, remote)
        except BodyRefusedError as error:
            refused = _refused(order, text_of(error), error.reason, status)
            if error.reason is FailureReason.TRUNCATED:
                raise TransientError(refused) from error
            raise refused from error
        except httpx.RemoteProtocolError as error:
            why = message("fetch.broke_off", error=error)
            raise TransientError(_refused(order, why, FailureReason.TRUNCATED, status)) from error
        except httpx.TransportError as error:
            raise _sorted(error, order) from error

    async def _keep(
        self,
        order: Order,
        kind: RequestKind,
        response: httpx.Response,
        headers: tuple[tuple[str, str], ...],
        remote: str | None,
    ) -> Answer:
        status = response.status_code
        wanted = status < HTTPStatus.MULTIPLE_CHOICES
        to_file = wanted and kind is RequestKind.BULK
        if status == HTTPStatus.PARTIAL_CONTENT:
            raise BodyRefusedError(message("fetch.part"), FailureReason.TRUNCATED)
        unproven = wanted and check_type(kind, response.headers.get("content-type"))
        try:
            with self._opened() if to_file else contextlib.nullcontext() as file:
                sink = _Sink(file)
                async with contextlib.aclosing(_pieces(response, headers, order.limit, self._pace)) as pieces:
                    async for piece in pieces:
                        if unproven and not looks_like_picture(piece):
                            raise BodyRefusedError(message("fetch.no_picture"), FailureReason.WRONG_TYPE)
                        unproven = False
                        sink.write(piece)
        except OSError as error:
            raise InstallationError(
                message("fetch.spool_unwritable", spool=self._spool, reason=os_reason(error))
            ) from error
        return Answer(
            status=status,
            headers=headers,
            remote_address=remote,
            sha256=sink.digest.hexdigest(),
            size=sink.size,
            content=None if to_file else b"".join(sink.chunks),
            path=None if file is None else Path(file.name),
        )

    @contextlib.contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        with tempfile.NamedTemporaryFile(dir=self._spool, prefix="bulk-", delete=False) as file:
            try:
                yield file
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise


async def _pieces(
    response: httpx.Response, headers: tuple[tuple[str, str], ...], limit: int, pace: Pace, *, announced: bool = True
) -> AsyncGenerator[bytes, None]:
    """Yield the decoded body; raises ``BodyRefusedError`` as soon as it is clear that it will not be kept."""
    decoder = Decoder(coding_of([value for name, value in headers if name.lower() == "content-encoding"]), limit)
    length = response.headers.get("content-length", "")
    if announced and length.isdigit() and int(length[:20]) > limit:
        raise BodyRefusedError(message("fetch.announced", length=length, limit=limit), FailureReason.TOO_LARGE)
    async for chunk in pace.kept(response.aiter_raw()):
        for piece in decoder.feed(chunk):
            yield piece
    decoder.finish()


async def _start_of(response: httpx.Response, headers: tuple[tuple[str, str], ...], limit: int, pace: Pace) -> bytes:
    """Return the first ``limit`` bytes of the body; the rest is not read."""
    start = bytearray()
    async with contextlib.aclosing(_pieces(response, headers, limit * 2 + _SNIPPET, pace, announced=False)) as pieces:
        async for piece in pieces:
            start += piece
            if len(start) >= limit:
                break
    return bytes(start[:limit])


async def _snippet(response: httpx.Response, headers: tuple[tuple[str, str], ...], pace: Pace) -> bytes:
    """Return the beginning of a refusal's page, or nothing where it cannot be read."""
    try:
        return await _start_of(response, headers, _SNIPPET, pace)
    except (BodyRefusedError, httpx.TransportError):
        return b""


def _remote_address(response: httpx.Response) -> str | None:
    stream = response.extensions.get("network_stream")
    address = stream.get_extra_info("server_addr") if stream is not None else None
    return None if address is None else str(address[0])


def _refused(order: Order, why: str, reason: FailureReason, status: int | None = None) -> Refused:
    return Refused(message("lists.at", place=order.shown, text=why), url=order.shown, reason=reason, status=status)


def _sorted(error: httpx.TransportError, order: Order) -> FetchError | TransientError:
    """Return the error for a failure of the transport: transient, or not to be retried."""
    causes = _causes(error)
    if any(
        isinstance(cause, h11.RemoteProtocolError) and cause.error_status_hint == _HEADER_OVERFLOW for cause in causes
    ):
        return _refused(order, message("fetch.headers"), FailureReason.TOO_LARGE)
    timed_out = isinstance(error, httpx.TimeoutException)
    reason = FailureReason.TIMEOUT if timed_out else FailureReason.NETWORK
    # The library's messages may contain the host, never the query; they repeat those of our resolver.
    cause = error.__cause__
    why = text_of(cause if cause is not None and str(cause) == str(error) else error) or type(error).__name__
    failure = RetryLater(message("lists.at", place=order.shown, text=why), url=order.shown, reason=reason)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return failure
    return TransientError(failure)


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    return chain
