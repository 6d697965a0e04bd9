"""Listings and pictures per second of the store, compared with bare SQLite in the same run.

Each line of output is one JSON object: listings per second for new listings and for unchanged ones, in batches of 50
with one transaction each, and for ``executemany`` of the bare sqlite3 module with rows of the same size in the same
batches. The last line is for pictures with features of the usual size: stored per second, read back for screening per
second, peak memory of a batch, and the time of a query without due records; reading is timed in seconds of CPU.
Run: ``python -m benchmarks.system.store [LISTINGS]``.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import numpy as np

from ipwatch.matching.images.features import Emblems, Ground, ImageFeatures, Keypoints, Regions, View, pack
from ipwatch.records import Listing, Seller
from ipwatch.store import listings, pictures, runs
from ipwatch.store.rows import dump
from ipwatch.store.screening import ScreeningKey
from ipwatch.store.session import Database, upgrade

BATCH = 50
Item = TypeVar("Item")
SCREENED = 500
LISTINGS_WITH_PICTURES = 600
REGIONS, KEYPOINTS, EMBLEMS, SKETCH = 8, 400, 8, (360, 480)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def invent(count: int) -> list[Listing]:
    """Return listings of about the usual size."""
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


def rate(items: Sequence[Item], write: Callable[[Sequence[Item]], None]) -> float:
    """Return items per second written in batches."""
    start = time.perf_counter()
    for first in range(0, len(items), BATCH):
        write(items[first : first + BATCH])
    return len(items) / (time.perf_counter() - start)


def measure(folder: Path, items: Sequence[Listing], *, durable: bool) -> dict[str, object]:
    """Return the rates of the store and of bare SQLite with the same durability."""
    url = f"sqlite:///{folder / f'store-{durable}.db'}"
    upgrade(url)
    database = Database(url)
    with database.write_session() as session:
        first, second = (runs.start_run(session, kind="collect", source="rakuten", now=NOW) for _ in range(2))

    def store(run_id: int) -> Callable[[Sequence[Listing]], None]:
        def write(batch: Sequence[Listing]) -> None:
            with database.write_session(durable=durable) as session:
                listings.upsert_many(session, batch, run_id=run_id, now=NOW)

        return write

    def store_singly(batch: Sequence[Listing]) -> None:
        with database.write_session(durable=durable) as session:
            for listing in batch:
                listings.upsert(session, listing, run_id=second, now=NOW)

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
        values = [(item.listing_id, rows[item.listing_id], NOW.isoformat(), NOW.isoformat()) for item in batch]
        connection.executemany("INSERT INTO listing (key, data, seen, last) VALUES (?, ?, ?, ?)", values)
        connection.execute("COMMIT")

    per_second = rate(items, write)
    connection.close()
    return per_second


def describe(number: int) -> ImageFeatures:
    """Return features of the usual size and compressibility."""
    chance = np.random.default_rng(number)
    regions = Regions(
        kinds=np.zeros(REGIONS, dtype=np.uint8),
        outlines=chance.random((REGIONS, 4, 2), dtype=np.float32),
        hashes=chance.integers(0, 2**63, (REGIONS, 1, 4), dtype=np.uint64),
        qualities=np.full(REGIONS, 90, dtype=np.uint8),
    )
    keypoints = Keypoints(
        points=chance.random((KEYPOINTS, 2), dtype=np.float32),
        sizes=chance.random(KEYPOINTS, dtype=np.float32),
        angles=chance.random(KEYPOINTS, dtype=np.float32),
        descriptors=chance.integers(0, 256, (KEYPOINTS, 64), dtype=np.uint8),
    )
    emblems = Emblems(
        frames=chance.random((EMBLEMS, 2, 3), dtype=np.float32),
        shapes=chance.integers(0, 256, (EMBLEMS, 128), dtype=np.uint8),
    )
    view = View(
        frame=0,
        ground=Ground.WHITE,
        regions=regions,
        keypoints=keypoints,
        emblems=emblems,
        sketch=chance.integers(0, 2, SKETCH, dtype=np.uint8),
    )
    return ImageFeatures(sha256=f"{number:064x}", width=800, height=600, phash="0" * 16, dhash="0" * 16, views=(view,))


def measure_pictures(folder: Path, items: Sequence[Listing]) -> dict[str, object]:
    """Return the rates of storing pictures, of reading them back, and the time of a query without due records."""
    url = f"sqlite:///{folder / 'pictures.db'}"
    upgrade(url)
    database = Database(url)
    shown = {image: describe(number) for number, image in enumerate(url for listing in items for url in listing.images)}
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        listings.upsert_many(session, items, run_id=run_id, now=NOW)

    def store(batch: Sequence[str]) -> None:
        with database.write_session(durable=False) as session:
            for image in batch:
                pictures.add_features(session, pictures.packed(shown[image]), NOW)
                pictures.record(session, url=image, sha256=shown[image].sha256)

    stored_per_s = rate(list(shown), store)
    read, seconds = screen_all(database, ScreeningKey(records="timed"))
    tracemalloc.start()
    screen_all(database, ScreeningKey(records="traced"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    _, nothing_due = screen_all(database, ScreeningKey(records="traced"))
    database.dispose()
    return {
        "pictures": len(shown),
        "packed_kb": round(len(pack(describe(0))) / 1000, 1),
        "stored_per_s": round(stored_per_s),
        "read_per_s": round(read / seconds),
        "batch_peak_mb": round(peak / 1e6, 1),
        "nothing_due_s": round(nothing_due, 3),
    }


def screen_all(database: Database, key: ScreeningKey) -> tuple[int, float]:
    """Read every due listing with its pictures; return the number of pictures, and the CPU seconds of reading."""
    read, after, seconds = 0, 0, 0.0
    while True:
        start = time.process_time()
        with database.read_session() as session:
            batch = listings.to_screen(session, key=key, after_id=after, limit=SCREENED)
        seconds += time.process_time() - start
        if not batch:
            return read, seconds
        read += sum(len(screenable.pictures) for screenable in batch)
        after = batch[-1].row_id
        with database.write_session() as session:
            listings.mark_screened(session, {screenable.row_id: screenable.input_hash for screenable in batch})


def main() -> None:
    """Measure and print one line of JSON for each level of durability, and one for pictures."""
    items = invent(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
    with tempfile.TemporaryDirectory() as folder:
        for durable in (False, True):
            print(json.dumps({"benchmark": "store", **measure(Path(folder), items, durable=durable)}))
        figures = measure_pictures(Path(folder), items[:LISTINGS_WITH_PICTURES])
        print(json.dumps({"benchmark": "store-pictures", **figures}))


main()
