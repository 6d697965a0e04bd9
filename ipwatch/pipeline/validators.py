"""The memory of conditional requests: what the store knows of an address, and when it is not to be relied on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ipwatch.fetch import Validator
from ipwatch.pipeline.workspace import Workspace
from ipwatch.store import captures
from ipwatch.store.rows import text_sha256

# Whatever a server says of it, an address is asked for in full at least so often: a server may be wrong.
LONGEST_TRUST = timedelta(days=7)
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredValidators:
    """The newest capture of an address that is to be trusted and whose body is still kept as evidence."""

    workspace: Workspace

    def get(self, url: str) -> Validator | None:
        """Return what is known of the URL, or ``None`` where it is to be asked for in full."""
        known = self.workspace.database.read(lambda session: captures.validator(session, url))
        if known is None or is_due_in_full(url, known.read_in_full_at, self.workspace.now()):
            return None
        path = self.workspace.evidence.path(known.sha256)
        if not path.is_file():
            return None
        return Validator(etag=known.etag, last_modified=known.last_modified, sha256=known.sha256, path=path)


def is_due_in_full(url: str, read_in_full_at: datetime, now: datetime) -> bool:
    """Say whether the turn of a URL has come since it was last read in full.

    Each has a moment of the week of its own, drawn from its hash, so that a shop that was first read in one night is
    not read in full in one night again.
    """
    own_moment = timedelta(seconds=int(text_sha256(url)[:8], 16) % int(LONGEST_TRUST.total_seconds()))
    begin = _EPOCH + own_moment
    return (read_in_full_at - begin) // LONGEST_TRUST < (now - begin) // LONGEST_TRUST
