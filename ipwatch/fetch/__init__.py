"""Fetching: the only user of httpx. Returns documents, or errors sorted by what the caller does about them.

For every request: robots.txt is obeyed where it applies, requests to a host are serialised and rate-limited,
``Retry-After`` applies to the whole host, only public addresses are connected to, decoded bodies are limited in size,
and one deadline limits the time of exchanges. Challenges are never solved and blocks never circumvented.
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
