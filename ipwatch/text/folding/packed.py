"""Many folded texts in one array: the input of the term index, without a Python object for each text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEPARATOR = 0
"""The code that ends each text; no folded text contains it."""


@dataclass(frozen=True, slots=True)
class FoldedTexts:
    """Texts as code points in one array, each followed by one ``SEPARATOR``.

    ``codes`` is uint32 and as long as all texts with their separators; ``starts`` is int64 with one entry more than
    there are texts: text ``i`` is ``codes[starts[i] : starts[i + 1] - 1]``.
    """

    codes: NDArray[np.uint32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> FoldedTexts:
        """Return texts that are folded already; raises ``ValueError`` where one contains a NUL."""
        kept = list(texts)
        if any("\0" in text for text in kept):
            raise ValueError("a folded text holds letters and digits, no NUL")
        lengths = np.fromiter((len(text) + 1 for text in kept), np.int64, len(kept))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        joined = "".join(f"{text}\0" for text in kept)
        return cls(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def text(self, index: int) -> str:
        """Return one text as a string; raises ``IndexError`` outside of 0..len-1."""
        if not 0 <= index < len(self):
            raise IndexError(f"no text {index} among {len(self)}")
        codes = self.codes[self.starts[index] : self.starts[index + 1] - 1]
        return codes.tobytes().decode("utf-32-le", "surrogatepass")
