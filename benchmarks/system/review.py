"""Response times of the review page with many cases: one JSON line with the milliseconds of each request.

The audit trail has as many events as there are cases; the time of its verification is printed, too.

python -m benchmarks.system.review [--cases 100000] [--rounds 20]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
from sqlalchemy import insert

from ipwatch.pipeline.audit import verify_audit
from ipwatch.store import audit
from ipwatch.store.session import Database, upgrade
from ipwatch.store.tables import CaseRow, FindingRow, ListingRow, RunRow, WatchlistVersionRow
from ipwatch.web import create_app

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CHUNK = 5000
HOLDERS = 30
PATHS = {
    "first_page": "/",
    "every_state": "/?state=all",
    "filtered": "/?source=ebay&band=high&country=CN",
    "by_date": "/?sort=newest",
    "by_due_date": "/?sort=due",
    "deep_page": "/?after=0.75~50000",
    "text": "/?q=towel+7",
    "signal": "/?signal=image",
    "case": "/cases/500",
    "audit": "/audit",
    "audit_deep": "/audit?before=50000",
}


def rows(number: int, dice: random.Random) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return a listing, its case and its finding."""
    holder = f"holder-{dice.randrange(HOLDERS):02}"
    source, country = (
        dice.choice(("rakuten", "ebay", "shopify", "webshop")),
        dice.choice(("JP", "CN", "KR", "VN", "US")),
    )
    subject, mark, title = f"{source}:{number}", f"{holder}/main", f"風見タオル towel {number} {dice.random():.6f}"
    sha256 = hashlib.sha256(subject.encode()).hexdigest()
    when = NOW - timedelta(seconds=number)
    score = round(0.7 + 0.3 * dice.random(), 4)
    name = dice.choice(("name", "name", "sound", "image"))
    signal = {
        "name": name,
        "score": score,
        "term": "name_exact",
        "compared": [mark, title],
        "field": "title",
        "span": [0, 5],
    }
    listing = {
        "id": number,
        "key": sha256,
        "marketplace": source,
        "listing_id": str(number),
        "url_sha256": sha256,
        "data": {"marketplace": source, "listing_id": str(number), "title": title, "description": title * 10},
        "content_hash": sha256,
        "title": title,
        "country": country,
        "document_sha256": sha256,
        "first_seen_at": when,
        "last_seen_at": when,
    }
    case = {
        "id": number,
        "subject": subject,
        "mark": mark,
        "holder": holder,
        "right_kind": "trademark",
        "source": source,
        "country": country,
        "listing_id": number,
        "state": "open" if dice.random() < 0.7 else "closed_genuine",
        "score": score,
        "due_on": (NOW + timedelta(days=dice.randrange(60))).date() if number % 10 == 0 else None,
        "opened_at": when,
        "updated_at": when,
        "version": 0,
    }
    finding = {
        "case_id": number,
        "run_id": 1,
        "subject": subject,
        "mark": mark,
        "score": score,
        "threshold": 0.7,
        "matcher_version": "0.1.0",
        "input_hash": sha256,
        "watchlist_sha256": hashlib.sha256(holder.encode()).hexdigest(),
        "signals": [signal],
        "found_at": when,
    }
    return listing, case, finding


def fill(database: Database, count: int) -> None:
    """Fill a database with cases, the same for the same count."""
    dice = random.Random(1)  # noqa: S311 - invented cases
    mark = {"watchlist": "", "id": "main", "text": "風見タオル", "kind": "trademark"}
    with database.write_session() as session:
        session.execute(
            insert(RunRow), [{"id": 1, "kind": "screen", "state": "done", "started_at": NOW, "ended_at": NOW}]
        )
        watchlists = [
            {
                "sha256": hashlib.sha256(holder.encode()).hexdigest(),
                "holder": holder,
                "name_ja": f"{holder}組合",
                "name_en": f"{holder} guild",
                "holder_kind": "regional",
                "marks": {"main": {**mark, "watchlist": holder}},
                "loaded_at": NOW,
            }
            for holder in (f"holder-{number:02}" for number in range(HOLDERS))
        ]
        session.execute(insert(WatchlistVersionRow), watchlists)
        for start in range(1, count + 1, CHUNK):
            made = [rows(number, dice) for number in range(start, min(start + CHUNK, count + 1))]
            for table, part in zip((ListingRow, CaseRow, FindingRow), zip(*made, strict=True), strict=True):
                session.execute(insert(table), list(part))


def fill_audit(database: Database, count: int) -> dict[str, float]:
    """Append that many events to the audit trail, and return the time of its verification."""
    with database.write_session() as session:
        for number in range(count):
            detail = {"verdict": "genuine", "from": "open", "to": "closed_genuine", "finding": number, "note": "正規店"}
            target = f"case:{number + 1}"
            audit.append(session, actor="白井 花", action="case.decided", target=target, detail=detail, now=NOW)
    start = time.perf_counter()
    check = verify_audit(database, now=NOW)
    seconds = time.perf_counter() - start
    if not check.ok or check.events != count:
        raise SystemExit(f"the audit trail does not verify: {check}")
    return {"events": count, "seconds": round(seconds, 2), "events_per_second": round(count / seconds)}


async def times(app: Any, rounds: int) -> dict[str, dict[str, float]]:
    """Return median and 95th percentile of each request."""
    transport = httpx.ASGITransport(app=app)
    timings = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for name, path in PATHS.items():
            taken = []
            for _ in range(rounds):
                start = time.perf_counter()
                response = await client.get(path)
                taken.append((time.perf_counter() - start) * 1000)
                response.raise_for_status()
            timings[name] = summary(taken)
        taken = []
        for number in range(1000, 1000 + rounds):
            form = {"version": "0", "verdict": "needs_more", "reviewer": "bench", "note": "seen"}
            start = time.perf_counter()
            response = await client.post(
                f"/cases/{number}/decisions?state=all", data=form, headers={"Sec-Fetch-Site": "same-origin"}
            )
            taken.append((time.perf_counter() - start) * 1000)
            if response.status_code != httpx.codes.SEE_OTHER:
                raise SystemExit(f"decision {number}: {response.status_code}")
        timings["decision"] = summary(taken)
    return timings


def summary(taken: list[float]) -> dict[str, float]:
    """Return the statistics of a list of times."""
    return {"p50": round(statistics.median(taken), 1), "p95": round(sorted(taken)[int(0.95 * (len(taken) - 1))], 1)}


def arguments() -> tuple[int, int]:
    """Return the numbers of cases and rounds from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    read = parser.parse_args()
    return read.cases, read.rounds


def main() -> None:
    """Fill, measure, print."""
    count, rounds = arguments()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ipwatch.db'}"
        upgrade(url)
        database = Database(url)
        fill(database, count)
        verified = fill_audit(database, count)
        app = create_app(
            database, evidence_root=Path(folder) / "evidence", now=lambda: NOW, allowed_hosts=("127.0.0.1",), setups={}
        )
        ms = anyio.run(times, app, rounds)
        print(json.dumps({"benchmark": "review", "cases": count, "rounds": rounds, "ms": ms, "audit": verified}))
        database.dispose()


if __name__ == "__main__":
    main()
