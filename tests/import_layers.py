"""Draws the layers of ``pyproject.toml``'s import contracts: ``.venv/bin/python tests/import_layers.py --write``."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "internals" / "architecture.md"
BEGIN, END = "<!-- layers: begin -->\n", "<!-- layers: end -->"


def picture(project: Mapping[str, Any]) -> str:
    """Return a box for each layers contract, its highest layer on top: what stands on a line imports what is below."""
    contracts = [contract for contract in project["tool"]["importlinter"]["contracts"] if contract["type"] == "layers"]
    boxes = [
        "\n".join(_box(container, contract["layers"])) for contract in contracts for container in contract["containers"]
    ]
    return "```text\n" + "\n\n".join(boxes) + "\n```\n"


def _box(container: str, layers: list[str]) -> Iterator[str]:
    lines = [" · ".join(part.strip() for part in layer.split("|")) for layer in layers]
    width = max(map(len, lines)) + 2
    yield container
    yield f"┌{'─' * width}┐"
    for number, line in enumerate(lines):
        if number:
            yield f"├{'─' * width}┤"
        yield f"│ {line.ljust(width - 1)}│"
    yield f"└{'─' * width}┘"


def drawn(page: str, project: Mapping[str, Any]) -> str:
    """Return the page with the picture between its two markers; raises ``ValueError`` for a page without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN.strip()} and {END}")
    return f"{before}{begin}\n{picture(project)}\n{end}{after}"


def main() -> None:
    """Print the picture, or write it into the page."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8"), project), encoding="utf-8")
    else:
        sys.stdout.write(picture(project))


if __name__ == "__main__":
    main()
