"""The page on the benchmarks names every file of their rooms, and no other; each is found by the command it gives."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
ROOMS = ("text", "images", "system", "training")


def test_every_benchmark_is_on_the_page_once_and_no_other() -> None:
    page = (BENCHMARKS / "README.md").read_text(encoding="utf-8").partition("## The data")[0]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = sorted(name.rstrip("/") for row in rows for name in re.findall(r"`([\w./]+)`", row))
    there = (path.relative_to(BENCHMARKS).as_posix() for path in BENCHMARKS.glob("*/*"))
    assert named == sorted(path for path in there if not path.endswith("__init__.py") and "__pycache__" not in path)


@pytest.mark.parametrize("room", ROOMS)
def test_every_program_of_a_room_can_be_loaded_and_has_a_main(room: str) -> None:
    for path in sorted((BENCHMARKS / room).glob("[!_]*.py")):
        source = path.read_text(encoding="utf-8")
        if '__name__ == "__main__"' in source:
            assert hasattr(importlib.import_module(f"benchmarks.{room}.{path.stem}"), "main"), path
