"""Progress of long work, as plain data that each entry point displays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``done`` of ``total`` steps of ``stage``; ``total`` may grow, and is ``None`` where it is not known yet."""

    stage: str
    done: int
    total: int | None
    detail: str = ""


Report = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Show nothing."""
