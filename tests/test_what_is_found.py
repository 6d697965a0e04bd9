"""Each row of what is found and what is not, as the pages for rights holders have it, is what the matcher does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from ipwatch.matching.screener import Screener
from ipwatch.records import HostName, Listing, MarkRecord, Record, RightKind, WatchedMark

PAGE = Path(__file__).resolve().parents[1] / "docs" / "what-is-found.md"
RESULTS = {"found": True, "not found": False}
DECLARABLE = {"readings", "variants", "nice_classes"}


@dataclass(frozen=True)
class Row:
    """A row of the page: the watched name, the observed text and its place, and whether the page claims a match."""

    what: str
    mark: str
    declared: str
    observed: str
    where: str
    detected: bool

    def watched(self) -> WatchedMark:
        """The mark with what the watchlist declares besides its name."""
        more: dict[str, tuple[str, ...] | tuple[int, ...]] = {}
        if self.declared != "–":
            key, _, value = self.declared.strip("`").partition(" = ")
            assert key in DECLARABLE, self.declared
            more[key] = (int(value),) if key == "nice_classes" else (value,)
        return WatchedMark(watchlist="w", id="m", text=self.mark, kind=RightKind.TRADEMARK, **more)  # type: ignore[arg-type]

    def record(self) -> Record:
        """Return the listing, filing or host name with the text."""
        if self.where == "title":
            return Listing(marketplace="shop", listing_id="1", title=self.observed)
        if self.where == "host name":
            return HostName(host=self.observed)
        filing = re.fullmatch(r"filing(?:, class (\d+))?", self.where)
        assert filing, self.where
        classes = (int(filing[1]),) if filing[1] else ()
        return MarkRecord(office="JP", application_number="2026000001", mark_text=self.observed, nice_classes=classes)


def rows_of(page: str) -> list[Row]:
    """Return the rows of every table of the page that has the columns of a row; raises where one has another result."""
    rows: list[Row] = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0] != "what" and not cells[0].startswith("-"):
            what, mark, declared, observed, where, result = cells
            rows.append(Row(what, mark.strip("`"), declared, observed.strip("`"), where, RESULTS[result]))
    return rows


def is_found(row: Row) -> bool:
    """Whether the matcher finds the row at the default threshold."""
    screener = Screener([row.watched()], [], rates={}, on=date(2026, 11, 30))
    assert not screener.issues
    return bool(list(screener.screen([row.record()], {})))


ROWS = rows_of(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_the_matcher_does_what_the_page_says(row: Row) -> None:
    assert is_found(row) is row.detected


def test_the_page_has_rows_of_both_kinds() -> None:
    assert sum(row.detected for row in ROWS) > 20
    assert sum(not row.detected for row in ROWS) > 20


@pytest.mark.parametrize(
    ("line", "truth"),
    [
        ("| NEC by its letters | `NEC` | – | `エヌイーシー ノートパソコン` | title | not found |", True),
        ("| another number | `Studio 54` | – | `Studio 45 shirt` | title | found |", False),
    ],
)
def test_a_row_that_is_not_true_is_noticed(line: str, truth: bool) -> None:
    (row,) = rows_of(line)
    assert is_found(row) is truth
    assert row.detected is not truth
