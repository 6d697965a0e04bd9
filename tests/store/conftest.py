from __future__ import annotations

from collections.abc import Iterator

import pytest
from store_records import NOW

from ipwatch.store import runs
from ipwatch.store.session import Database, Session


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write_session() as opened:
        yield opened


@pytest.fixture
def run_id(session: Session) -> int:
    return runs.start_run(session, kind="collect", source="rakuten", now=NOW)
