"""One process of the session compiles the engine; the others wait for it and load what is kept on disk."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from made_once import made_once

from ipwatch.matching.term_index import TermIndex
from ipwatch.text.folding.packed import FoldedTexts


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    if find_spec("numba") is not None:
        made_once(tmp_path_factory, "compiled-term-index", search)


def search(_folder: Path) -> None:
    index = TermIndex(engine="numba")
    index.add(["zz"], [0])
    index.search(FoldedTexts.of(["zz"]))
