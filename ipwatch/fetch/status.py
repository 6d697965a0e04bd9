"""Classifies the status of an answer: result, retry, refusal by the host, or error."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime
from http import HTTPStatus

from ipwatch.errors import Blocked, FetchError, Refused, RetryLater
from ipwatch.fetch.challenge import challenge_of
from ipwatch.fetch.exchange import Answer, Order, is_result
from ipwatch.fetch.host_limiter import Host
from ipwatch.records import FailureReason
from ipwatch.terms import message, text_of

REDIRECTS = frozenset({301, 302, 303, 307, 308})

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})
_MAY_BE_CHALLENGE = frozenset({403, 429, 503})


class TryAgainError(Exception):
    """A transient failure of the host; ``error`` is to be raised where no retry is left.

    ``retry_after`` is the host's Retry-After in seconds.
    """

    def __init__(self, error: FetchError, host: Host, retry_after: float | None = None) -> None:
        super().__init__(text_of(error))
        self.error = error
        self.host = host
        self.retry_after = retry_after


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After field (RFC 9110 §10.2.3), or ``None`` where it is missing or invalid.

    It has seconds or an HTTP-date; a date in the past is 0.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def check_status(host: Host, order: Order, answer: Answer, now: datetime) -> None:
    """Return for a redirect, a 304 or a result, and record success or refusal on the host.

    Raises ``Blocked`` (401, 403, a challenge, the refusal that opens the circuit), ``TryAgainError``, ``Refused``.
    """
    status = answer.status
    vendor = challenge_of(answer.by_name(), answer.content or b"") if status in _MAY_BE_CHALLENGE else None
    if status in REDIRECTS or status == HTTPStatus.NOT_MODIFIED or is_result(status, order.kind):
        host.answered()
        return
    refused = vendor is not None or status in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
    closed = refused and host.refused()
    if vendor is not None:
        raise _blocked(order, status, message("fetch.challenge", vendor=vendor))
    if status == HTTPStatus.UNAUTHORIZED:
        raise _blocked(order, status, message("fetch.unauthorised"), FailureReason.AUTH)
    if status == HTTPStatus.FORBIDDEN:
        raise _blocked(order, status, message("fetch.forbidden"))
    if closed:
        raise _blocked(order, status, message("fetch.refused_again"))
    if status in RETRIED:
        retry_after = parse_retry_after(answer.header("retry-after"), now)
        raise TryAgainError(_retry_later(order, status, retry_after), host, retry_after)
    raise Refused(
        message("fetch.status", url=order.shown, status=status), url=order.shown, reason=_reason(status), status=status
    )


def _blocked(order: Order, status: int, why: str, reason: FailureReason = FailureReason.BLOCKED) -> Blocked:
    return Blocked(
        message("fetch.status_because", url=order.shown, status=status, why=why),
        url=order.shown,
        reason=reason,
        status=status,
    )


def _retry_later(order: Order, status: int, retry_after: float | None) -> RetryLater:
    return RetryLater(
        message("fetch.status", url=order.shown, status=status),
        url=order.shown,
        reason=_reason(status),
        status=status,
        retry_after=retry_after,
    )


def _reason(status: int) -> FailureReason:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FailureReason.RATE_LIMITED
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return FailureReason.TIMEOUT
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FailureReason.SERVER_ERROR
    return FailureReason.CLIENT_ERROR if status >= HTTPStatus.BAD_REQUEST else FailureReason.REDIRECT
