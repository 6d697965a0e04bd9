"""How well names are found in listing titles, and how well the score tells them from coincidences.

    python -m benchmarks.text.quality [--data DIR] [--titles N] [--brands N] [--seed S]
    python -m benchmarks.text.quality --freeze

Brands and titles are those of the half on which nothing was fitted. Planted titles are real ones with a variant of a
brand name or a decoy put in; real titles name the brand that people marked in them. Prints tables and one JSON line.
"found" is the share of the planted names that are candidates, "flagged" of those at the threshold.

``--freeze`` measures invented titles instead and writes the figures to ``FROZEN``, where a test compares them: a change
of scoring then shows as a difference.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.data.folders import ROOT, SHARED
from benchmarks.data.quality_data import invented_titles, planted_titles, real_titles
from benchmarks.data.quality_measure import by_group, figures
from benchmarks.data.quality_rows import rows_of

FROZEN = ROOT / "tests" / "matching" / "frozen" / "text_quality.json"
"""The figures of invented titles, as they were last accepted."""


def frozen() -> dict[str, Any]:
    """Return the figures of invented titles: the same on every machine."""
    brands, titles = invented_titles(titles=3_000, seed=1)
    rows = rows_of(brands, titles)
    return {"figures": figures(brands, titles, rows), "groups": by_group(brands, titles, rows)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--titles", type=int, default=20_000)
    parser.add_argument("--brands", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--freeze", action="store_true")
    options = parser.parse_args()
    if options.freeze:
        FROZEN.write_text(json.dumps(frozen(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return
    began = time.process_time()
    planted = planted_titles(options.data, "test", brands=options.brands, titles=options.titles, seed=options.seed)
    real = real_titles(options.data, "test", seed=options.seed)
    report: dict[str, Any] = {}
    for name, (brands, titles), counted in (
        ("planted", planted, True),
        ("planted, nothing counted", planted, False),
        ("real", real, True),
    ):
        rows = rows_of(brands, titles, counted=counted)
        report[name] = figures(brands, titles, rows)
        if name == "planted":
            _print_tables(by_group(brands, titles, rows))
    for name, values in report.items():
        print(f"\n{name}")
        for key, value in values.items():
            print(f"  {key:28} {value}")
    report["cpu_s"] = round(time.process_time() - began, 1)
    print(json.dumps(report))


def _print_tables(tables: dict[str, dict[str, dict[str, Any]]]) -> None:
    for name, table in tables.items():
        print(f"\n{name:16} named  found  flagged")
        for key, row in table.items():
            print(f"{key:16} {row['named']:5}  {row['found']:.3f}  {row['flagged']:.3f}")


if __name__ == "__main__":
    main()
