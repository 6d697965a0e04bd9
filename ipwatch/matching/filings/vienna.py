"""Figurative elements (図形要素): what a mark and a filing show, by the codes of the Vienna Classification.

A code names category, division and section (``26.1.1``: geometrical figures, circles, circles); the JPO adds a fourth
level of its own. Codes classify what is drawn, not whether two drawings are similar, so they weigh little.
"""

from __future__ import annotations

from collections.abc import Iterable

from ipwatch.matching.score import qualifier
from ipwatch.records import MarkRecord, Signal, WatchedMark

Code = tuple[int, ...]

_LEVELS = ("figure_category", "figure_division", "figure_section")
"""The term of a shared code, by the level that is shared."""

_NON_FIGURATIVE = frozenset({27, 28, 29})
"""Categories of writing, inscriptions and colours, which nearly every stylised word has."""


def filing_elements(mark: WatchedMark, filing: MarkRecord) -> Signal | None:
    """Return whether a filing and the mark share a kind of figurative element, with the most specific shared code.

    ``None`` where either has no valid code of a figurative element.
    """
    watched, filed = _elements(mark.vienna_codes), _elements(filing.vienna_codes)
    if not watched or not filed:
        return None
    shared = max((_shared(first, second) for first in watched for second in filed), key=lambda code: (len(code), code))
    if shared:
        compared = (_written(watched), _written([shared]))
        return qualifier("figure", _LEVELS[len(shared) - 1], compared, field="vienna_codes")
    return qualifier("figure", "figure_apart", (_written(watched), _written(filed)), field="vienna_codes")


def _elements(codes: Iterable[str]) -> list[Code]:
    """Return the codes of figurative elements to the level of the section, without leading zeros, each once."""
    read = (_read(code) for code in codes)
    return list(dict.fromkeys(code for code in read if code and code[0] not in _NON_FIGURATIVE))


def _read(code: str) -> Code:
    """Return the numbers of a code, nothing for one that is not written as numbers with dots between them."""
    parts = code.split(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= len("00") for part in parts):
        return ()
    return tuple(map(int, parts[: len(_LEVELS)]))


def _shared(first: Code, second: Code) -> Code:
    """Return the leading levels that two codes share."""
    levels = zip(first, second, strict=False)
    shared = next((level for level, (a, b) in enumerate(levels) if a != b), min(len(first), len(second)))
    return first[:shared]


def _written(codes: Iterable[Code]) -> str:
    return ", ".join(".".join(map(str, code)) for code in codes)
