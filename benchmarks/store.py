"""How many listings a second the store takes, beside what SQLite itself takes in the same run.

Each line of output is one JSON object: listings a second for new listings and for the same listings seen again, in
batches of 50 with one transaction each, and for ``executemany`` of the bare sqlite3 module inserting rows of the same
size in the same batches. Run: ``python benchmarks/store.py [LISTINGS]``.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from ipwatch.records import Listing, Seller
from ipwatch.store import listings, runs
from ipwatch.store.rows import dump
from ipwatch.store.session import Database, upgrade

BATCH = 50
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def invent(count: int) -> list[Listing]:
    """Return listings of about the size that a marketplace's search brings."""
    return [
        Listing(
            marketplace="rakuten",
            listing_id=f"kazami-shop:{number}",
            url=f"https://item.example/kazami-shop/{number}",
            title=f"風見タオル バスタオル 2枚組 {number}",
            description="風見の里で織ったタオルです。" * 20,
            price=Decimal(1980 + number % 100),
            currency="JPY",
            images=tuple(f"https://img.example/{number}/{position}.jpg" for position in range(3)),
            seller=Seller(id="kazami-shop", name="かざみ商店", country="JP"),
            document_sha256=f"{number // 30:064x}",
        )
        for number in range(count)
    ]


def rate(items: Sequence[Listing], write: Callable[[Sequence[Listing]], None]) -> float:
    """Return how many items a second were written in batches."""
    start = time.perf_counter()
    for first in range(0, len(items), BATCH):
        write(items[first : first + BATCH])
    return len(items) / (time.perf_counter() - start)


def measure(folder: Path, items: Sequence[Listing], *, durable: bool) -> dict[str, object]:
    """Return the rates of the store and of bare SQLite with the same promise about a power cut."""
    url = f"sqlite:///{folder / f'store-{durable}.db'}"
    upgrade(url)
    database = Database(url)
    with database.writing() as session:
        first, second = (runs.start_run(session, kind="collect", source="rakuten", at=AT) for _ in range(2))

    def store(run_id: int) -> Callable[[Sequence[Listing]], None]:
        def write(batch: Sequence[Listing]) -> None:
            with database.writing(durable=durable) as session:
                listings.upsert_many(session, batch, run_id=run_id, at=AT)

        return write

    def store_singly(batch: Sequence[Listing]) -> None:
        with database.writing(durable=durable) as session:
            for listing in batch:
                listings.upsert(session, listing, run_id=second, at=AT)

    figures: dict[str, object] = {
        "durable": durable,
        "listings": len(items),
        "new_per_s": round(rate(items, store(first))),
        "seen_again_per_s": round(rate(items, store(second))),
        "seen_again_one_by_one_per_s": round(rate(items, store_singly)),
        "bare_sqlite_per_s": round(bare(folder / f"bare-{durable}.db", items, durable=durable)),
    }
    database.dispose()
    return figures


def bare(path: Path, items: Sequence[Listing], *, durable: bool) -> float:
    """Return the rate of ``executemany`` with the listing's JSON, a key and two times in each row."""
    rows = {item.listing_id: json.dumps(dump(item), ensure_ascii=False) for item in items}
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute(
        "CREATE TABLE listing (id INTEGER PRIMARY KEY, key TEXT UNIQUE, data TEXT, seen TEXT, last TEXT)"
    )

    def write(batch: Sequence[Listing]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        values = [(item.listing_id, rows[item.listing_id], AT.isoformat(), AT.isoformat()) for item in batch]
        connection.executemany("INSERT INTO listing (key, data, seen, last) VALUES (?, ?, ?, ?)", values)
        connection.execute("COMMIT")

    found = rate(items, write)
    connection.close()
    return found


def main() -> None:
    """Measure and print one line of JSON for each promise about a power cut."""
    items = invent(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
    with tempfile.TemporaryDirectory() as folder:
        for durable in (False, True):
            print(json.dumps({"benchmark": "store", **measure(Path(folder), items, durable=durable)}))


main()
