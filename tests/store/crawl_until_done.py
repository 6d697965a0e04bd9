"""A small crawl without a network, in a process of its own so that a test can kill it: URL PAGES PER_PAGE."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from ipwatch.records import Listing, Request, RequestKind
from ipwatch.store import frontier, listings, runs
from ipwatch.store.listings import UpsertResult
from ipwatch.store.session import Database

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def crawl(url: str, pages: int, per_page: int) -> None:
    database = Database(url)
    with database.write_session(durable=False) as session:
        run_id, _ = runs.resume_or_start(session, kind="collect", source="shop", now=AT)
        frontier.release(session, run_id)
        planned = [Request(source="shop", url=f"https://shop.example/{n}", kind=RequestKind.PAGE) for n in range(pages)]
        runs.add_counts(session, run_id, planned=frontier.push(session, run_id, planned))
    while True:
        with database.write_session(durable=False) as session:
            leased = frontier.take(session, run_id, limit=5, owner="crawl", now=AT, lease=timedelta(hours=1))
        if not leased:
            break
        with database.write_session(durable=False) as session:
            for one in leased:
                page = one.request.url.rpartition("/")[2]
                found = [Listing(marketplace="shop", listing_id=f"{page}-{number}") for number in range(per_page)]
                seen = [listings.upsert(session, listing, run_id=run_id, now=AT) for listing in found]
                # Long enough inside the transaction that a kill falls into it.
                time.sleep(0.001)
                frontier.done(session, one.id, None)
                runs.add_counts(session, run_id, fetched=1, parsed=len(seen), new=seen.count(UpsertResult.NEW))
    with database.write_session() as session:
        runs.finish_run(session, run_id, state="done", now=AT)
    database.dispose()


crawl(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
