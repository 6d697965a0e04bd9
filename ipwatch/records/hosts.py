"""What is named in the DNS."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HostName:
    """Host name (ホスト名): a name in the domain name system, as lists of new domains and of certificates give it.

    ``host`` is in lower case, without scheme, port, wildcard and final dot; its labels stand as they were given, be it
    as ``xn--`` or in their own script.
    """

    host: str
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key by which findings name this host."""
        return f"domain:{self.host}"
