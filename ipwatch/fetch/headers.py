"""Request headers, and which of them may be stored."""

from __future__ import annotations

from ipwatch.fetch.content_types import accept
from ipwatch.fetch.policy import FetchPolicy, Validator
from ipwatch.fetch.redact import is_secret_header
from ipwatch.records import Request

Headers = tuple[tuple[str, str], ...]


def identity_headers(policy: FetchPolicy) -> Headers:
    """Return the fields that identify the crawler and its contact."""
    agent = policy.user_agent
    contact = policy.contact
    if contact and contact not in agent:
        agent = f"{agent} (+{contact})"
    mail = (("From", contact),) if contact and "@" in contact and "/" not in contact else ()
    return (("User-Agent", agent), *mail, ("Accept-Encoding", "gzip"), ("Accept-Language", "ja,en;q=0.8"))


def request_headers(policy: FetchPolicy, request: Request, validator: Validator | None, *, secrets: bool) -> Headers:
    """Return every field of one hop; the request's own override defaults, except identity and encoding.

    ``secrets`` is whether the hop goes to the request's own origin: elsewhere its secret fields are left out.
    """
    fields = [*identity_headers(policy), ("Accept", accept(request.kind)), *_conditions(validator)]
    fixed = {"user-agent", "from", "accept-encoding", "host", "content-length", "transfer-encoding"}
    own = [*request.headers, *(request.secret_headers if secrets else ())]
    own = [(name, value) for name, value in own if name.lower() not in fixed]
    replaced = {name.lower() for name, _ in own}
    return (*((name, value) for name, value in fields if name.lower() not in replaced), *own)


def without_secrets(request: Request, headers: Headers) -> Headers:
    """Return the fields that may be stored and logged."""
    secret = {name.lower() for name, _ in request.secret_headers}
    return tuple((name, value) for name, value in headers if name.lower() not in secret and not is_secret_header(name))


def _conditions(validator: Validator | None) -> Headers:
    if validator is None:
        return ()
    etag = (("If-None-Match", validator.etag),) if validator.etag else ()
    modified = (("If-Modified-Since", validator.last_modified),) if validator.last_modified else ()
    return (*etag, *modified)
