"""A small crawl without a network, in a process of its own so that a test can kill it: URL PAGES PER_PAGE."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from ipwatch.records import Listing, Request, RequestKind
from ipwatch.store import frontier, listings, runs
from ipwatch.store.listings import UpsertResult
from ipwatch.store.session import Database

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def crawl(url: str, pages: int, per_page: int) -> None:
    database = Database(url)
    with database.write_session(durable=False) as session:
        run_id, _ = runs.resume_or_start(session, kind="collect", source="shop", now=NOW)
        frontier.release(session, run_id)
        planned = [Request(source="shop", url=f"https://shop.example/{n}", kind=RequestKind.PAGE) for n in range(pages)]
        runs.add_counts(session, run_id, planned=frontier.push(session, run_id, planned))
    while True:
        with database.write_session(durable=False) as session:
            leased = frontier.take(session, run_id, limit=5, owner="crawl", now=NOW, lease=timedelta(hours=1))
        if not leased:
            break
        with database.write_session(durable=False) as session:
            for request in leased:
                page = request.request.url.rpartition("/")[2]
                page_listings = [
                    Listing(marketplace="shop", listing_id=f"{page}-{number}") for number in range(per_page)
                ]
                results = [listings.upsert(session, listing, run_id=run_id, now=NOW) for listing in page_listings]
                # Long enough inside the transaction that a kill falls into it.
                time.sleep(0.001)
                frontier.done(session, request.id, None)
                runs.add_counts(session, run_id, fetched=1, parsed=len(results), new=results.count(UpsertResult.NEW))
    with database.write_session() as session:
        runs.finish_run(session, run_id, state="done", now=NOW)
    database.dispose()


crawl(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
