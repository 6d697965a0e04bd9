"""Quality of parsing generic shop pages: precision, recall and F1 for each field on pages with ground truth.

Usage: ``python -m benchmarks.system.product_pages DIR [--mistakes]``, where DIR is the public benchmark:
``ground-truth.json`` and the pages as ``<id>.html.gz``. Prints one JSON line; ``--mistakes`` lists each on stderr.

Values are compared as in that benchmark, except that brands are compared without case and spaces, and currencies by
the possible meanings of the annotated sign. A price where the truth has none is a false positive; missing annotations
of other fields are ignored. The truth has no product names, so only the presence of a name is counted.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ipwatch.errors import IpwatchError
from ipwatch.records import Document, Listing, RequestKind
from ipwatch.sources import webshop

# Possible currencies of the signs in the annotations.
SIGNS = {
    "€": {"EUR"},
    "EUR": {"EUR"},
    "£": {"GBP"},
    "$": {"USD", "CAD", "TWD", "ARS", "CLP"},
    "Rs": {"PKR", "INR"},
    "Lei": {"RON"},
    "₽": {"RUB"},
    "ر.س": {"SAR"},
}


def read(folder: Path, page: str, url: str) -> Listing | None:
    """Return the listing that the adapter parses from a page, or ``None``."""
    body = gzip.decompress((folder / f"{page}.html.gz").read_bytes())
    document = Document(
        source="webshop",
        kind=RequestKind.PAGE,
        url=url,
        final_url=url,
        status=200,
        headers=(),
        fetched_at=datetime(2020, 12, 1, tzinfo=UTC),
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        content=body,
    )
    try:
        return next((parsed for parsed in webshop.parse(document) if isinstance(parsed, Listing)), None)
    except IpwatchError as error:
        print(f"{url}: {error}", file=sys.stderr)
        return None


def judge(truth: dict[str, Any], listing: Listing | None) -> Iterator[tuple[str, bool | None, object, object]]:
    """Yield (field, right or ``None`` for missing, expected, actual) for each field that can be judged."""
    actual = listing or Listing(marketplace="webshop", listing_id="")
    expected = [Decimal(value) for value in truth.get("price", [])]
    if expected or actual.price is not None:
        yield "price", actual.price in expected if actual.price is not None else None, expected, actual.price
    if "currency" in truth:
        codes = set().union(*(SIGNS.get(sign, {sign}) for sign in truth["currency"]))
        yield "currency", actual.currency in codes if actual.currency else None, truth["currency"], actual.currency
    states = {{"InStock": "in_stock", "OutOfStock": "out_of_stock"}[state] for state in truth["availability"]}
    yield "availability", actual.status in states if actual.status else None, states, actual.status
    if "brand" in truth:
        brands = {_plain(brand) for brand in truth["brand"]}
        yield "brand", _plain(actual.brand) in brands if actual.brand else None, truth["brand"], actual.brand
    yield "name", True if actual.title else None, "present", actual.title


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def figures(counts: Counter[tuple[str, bool | None]], priceless: int) -> dict[str, dict[str, float | int]]:
    """Return counts, precision, recall and F1 by field. ``priceless`` is the number of prices where there is none."""
    result: dict[str, dict[str, float | int]] = {}
    for field in ("price", "currency", "availability", "brand", "name"):
        right, wrong, missing = counts[field, True], counts[field, False], counts[field, None]
        sought = right + wrong + missing - (priceless if field == "price" else 0)
        precision = right / (right + wrong) if right + wrong else 0.0
        recall = right / sought if sought else 0.0
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        result[field] = {
            "right": right,
            "wrong": wrong,
            "missing": missing,
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "f1": round(f1, 3),
        }
    return result


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--mistakes", action="store_true")
    chosen = arguments.parse_args()
    truths = json.loads((chosen.folder / "ground-truth.json").read_text(encoding="utf-8"))
    counts: Counter[tuple[str, bool | None]] = Counter()
    priceless = pages = 0
    seconds = 0.0
    for page, truth in truths.items():
        if not (chosen.folder / f"{page}.html.gz").exists():
            continue
        pages += 1
        started = time.thread_time()
        listing = read(chosen.folder, page, truth["url"])
        seconds += time.thread_time() - started
        for field, right, expected, actual in judge(truth, listing):
            counts[field, right] += 1
            priceless += field == "price" and not expected
            if chosen.mistakes and not right:
                print(f"{field}: {expected} != {actual!r}  {page[:8]} {truth['url'][:90]}", file=sys.stderr)
    line = {"benchmark": "product_pages", "pages": pages, "cpu_ms_per_page": round(1000 * seconds / max(pages, 1), 1)}
    print(json.dumps(line | figures(counts, priceless)))


if __name__ == "__main__":
    main()
