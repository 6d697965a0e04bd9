"""Lets each Python process in whose path this folder is share the memory of ``extracted_once``.

Python imports this module when it starts. The memory is joined where the process imports what extracts features or
draws pictures, so that a command loads no more than it does elsewhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType

EXTRACTING = {"ipwatch.pipeline.feature_extraction", "ipwatch.pipeline.references"}
DRAWING = {"ipwatch.sandbox.servers.state"}


class Joining(MetaPathFinder):
    """Finds nothing; joins the memory before the first of those modules is imported."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> None:
        if name not in EXTRACTING | DRAWING:
            return
        sys.meta_path.remove(self)
        tests = str(Path(__file__).parents[1])
        sys.path.append(tests)
        memory = Path(os.environ["PICTURES_OF_THE_TESTS"])
        if name in EXTRACTING:
            import extracted_once  # noqa: PLC0415 - see above

            extracted_once.remember(memory)
        else:
            import drawn_once  # noqa: PLC0415 - see above

            drawn_once.remember(memory)
        sys.path.remove(tests)


sys.meta_path.insert(0, Joining())
