"""The page on the benchmarks names every file of their folder, and no other."""

from __future__ import annotations

import re
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def test_every_benchmark_is_on_the_page_once_and_no_other() -> None:
    page = (BENCHMARKS / "README.md").read_text(encoding="utf-8").partition("## The data")[0]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = sorted(name.rstrip("/") for row in rows for name in re.findall(r"`([\w./]+)`", row))
    there = (path.name for path in BENCHMARKS.iterdir())
    assert named == sorted(name for name in there if not name.startswith(("README", "__pycache__", ".")))
