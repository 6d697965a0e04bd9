"""Fetching: the only user of httpx. Hands out documents, or errors sorted by what the caller does about them.

What holds for every request: robots.txt is obeyed where it applies, each host is asked one thing at a time on one
clock, ``Retry-After`` binds the whole host, only public addresses are dialled, bodies are decoded under our own cap
and one deadline bounds the time on the wire. Challenges are never solved and blocks never worked round.
"""

from __future__ import annotations

from ipwatch.fetch.credentials import CREDENTIAL_KINDS
from ipwatch.fetch.fetcher import Fetched, Fetcher
from ipwatch.fetch.host_limiter import HostState
from ipwatch.fetch.policy import FetchPolicy, Validator, Validators
from ipwatch.fetch.redact import redact_url

__all__ = [
    "CREDENTIAL_KINDS",
    "FetchPolicy",
    "Fetched",
    "Fetcher",
    "HostState",
    "Validator",
    "Validators",
    "redact_url",
]
