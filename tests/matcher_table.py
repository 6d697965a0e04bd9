"""Renders what the matcher computes into its page: ``.venv/bin/python tests/matcher_table.py --write``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from ipwatch.matching.model import MODEL, Computation

PAGE = Path(__file__).resolve().parents[1] / "docs" / "internals" / "matching.md"
BEGIN, END = "<!-- matcher: begin -->\n", "<!-- matcher: end -->"


def rendered(page: str) -> str:
    """Return the page with the table between its two markers; raises ``ValueError`` for a page without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN.strip()} and {END}")
    return "\n".join((f"{before}{begin}", *_table(), f"\n{end}{after}"))


def _table() -> Iterator[str]:
    yield "| signal | of | question | computed by | points of one unit |"
    yield "| --- | --- | --- | --- | --- |"
    for row in MODEL:
        module = row.by.__module__.removeprefix("ipwatch.matching.")
        yield f"| {row.signal} | {row.of} | {row.question} | `{module}.{row.by.__qualname__}` | {_points(row)} |"


def _points(row: Computation) -> str:
    cells = []
    for name, value in row.points.items():
        section, _, term = name.partition(".")
        signs = {"strength": f"× {value:g}", "similarity": f"{value:g}"}
        cells.append(f"{term} {signs.get(section, f'{value:+g}')}")
    return ", ".join(cells) or "measured"


def main() -> None:
    """Print the table, or write it into the page."""
    if "--write" in sys.argv[1:]:
        PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write("\n".join(_table()) + "\n")


if __name__ == "__main__":
    main()
