"""Validators for conditional requests from the store, and when they are not to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ipwatch.fetch import Validator
from ipwatch.pipeline.workspace import Workspace
from ipwatch.store import captures
from ipwatch.store.rows import text_sha256

# A URL is fetched in full at least so often, whatever its server answers: servers may be wrong.
MAX_TRUST = timedelta(days=7)
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredValidators:
    """Validators of the newest trusted capture of a URL whose body is still kept as evidence."""

    workspace: Workspace

    def get(self, url: str) -> Validator | None:
        """Return the validator of the URL, or ``None`` where it is to be fetched in full."""
        known = self.workspace.database.read(lambda session: captures.validator(session, url))
        if known is None or is_due_in_full(url, known.read_in_full_at, self.workspace.now()):
            return None
        path = self.workspace.evidence.path(known.sha256)
        if not path.is_file():
            return None
        return Validator(etag=known.etag, last_modified=known.last_modified, sha256=known.sha256, path=path)


def is_due_in_full(url: str, read_in_full_at: datetime, now: datetime) -> bool:
    """Return whether a URL is due to be fetched in full.

    Each URL has its own moment of the week, derived from its hash, so that the pages of a shop are spread over it.
    """
    own_moment = timedelta(seconds=int(text_sha256(url)[:8], 16) % int(MAX_TRUST.total_seconds()))
    begin = _EPOCH + own_moment
    return (read_in_full_at - begin) // MAX_TRUST < (now - begin) // MAX_TRUST
