"""Draw each picture of the sandboxes once for all tests: its file depends on what it shows and on the seed alone.

The files are kept in the folder of ``extracted_once``.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ipwatch.sandbox import drawing
from ipwatch.sandbox.pictures import DrawnImage


def remember(folder: Path) -> None:
    """Share the memory from now on, in what imports ``draw_file`` after this."""
    folder.mkdir(exist_ok=True)
    draw = drawing.draw_file

    def draw_once(picture: DrawnImage, seed: int) -> bytes:
        path = folder / f"drawn-{hashlib.sha256(repr((picture, seed)).encode()).hexdigest()}"
        if path.exists():
            return path.read_bytes()
        drawn = draw(picture, seed)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(drawn)
        unfinished.replace(path)
        return drawn

    drawing.draw_file = draw_once
