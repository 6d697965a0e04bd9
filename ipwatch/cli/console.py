"""Progress of the commands on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from ipwatch.pipeline.progress import Progress, Report


def utc_now() -> datetime:
    """Return the current time; entry points pass it down, and nothing below them reads the clock."""
    return datetime.now(UTC)


@contextmanager
def progress_bars() -> Iterator[Report]:
    """Yield a progress report that draws one bar for each stage on a terminal, and nothing elsewhere."""
    console = Console(stderr=True)
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    tasks: dict[str, TaskID] = {}

    def report(progress: Progress) -> None:
        if progress.stage not in tasks:
            tasks[progress.stage] = bars.add_task(progress.stage, total=None)
        bars.update(tasks[progress.stage], completed=progress.done, total=progress.total)

    with bars:
        yield report
