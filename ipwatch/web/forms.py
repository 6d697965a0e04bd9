"""Reads a posted form: urlencoded, bounded, every field at most once."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from ipwatch import logs
from ipwatch.web.failures import Problem

MAX_FORM_BYTES = 64 * 1024
MAX_LOGIN_BYTES = 20 * 1024
"""Size of the login form: a name, a password of 1,024 letters of any script, and a target path."""
_MAX_FIELDS = 20


async def read_form(request: Request, *, max_bytes: int = MAX_FORM_BYTES) -> Mapping[str, str]:
    """Return the fields of a form of at most ``max_bytes``; its values are hidden from the log from then on.

    Raises ``Problem`` with 413, 415 or 400 where it is too large, of another type or broken. A body whose declared
    length is too large is not read.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise Problem(415, "problem.form_type")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise Problem(413, "problem.form_large", most=max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise Problem(413, "problem.form_large", most=max_bytes)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError:
        raise Problem(400, "problem.form_unreadable") from None
    fields = dict(pairs)
    logs.hide([body.decode("ascii"), *(value for _, value in pairs)])
    if len(fields) < len(pairs):
        raise Problem(400, "problem.form_twice")
    if any("\x00" in value for value in fields.values()):
        raise Problem(400, "problem.form_unreadable")
    return fields
