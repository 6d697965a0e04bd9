"""Product identifiers: JAN and EAN (GS1 General Specifications), ISBN (ISO 2108), and model numbers as declared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ipwatch.identifiers import ANY_ENDING, model_key, number_of, squeezed_digits

_JAPANESE_OR_BOOK = ("45", "49", "978", "979")
_IN_TEXT = re.compile(r"(?<![0-9])(?:[0-9][ -]?){12}[0-9](?![0-9])|(?<![0-9])(?:[0-9]-?){9}[0-9Xx](?![0-9])")
_LABELLED = re.compile(
    r"(?:jan|ean|isbn|gtin|upc)\W{0,3}(?:コード|code)?\W{0,4}([0-9][0-9 -]{6,16}[0-9Xx])", re.IGNORECASE
)

_GAP = r"[\s./_-]?"
"""What may stand between two characters of a model number."""


def identifiers(*texts: str) -> tuple[str, ...]:
    """Return the valid identifiers in the texts of a listing as GTIN-13 digits or GTIN-8.

    A number without a label counts only with a Japanese or a book prefix.
    """
    numbers: dict[str, None] = {}
    for text in texts:
        folded = unicodedata.normalize("NFKC", text)
        labelled = (match.group(1) for match in _LABELLED.finditer(folded))
        bare = (match.group() for match in _IN_TEXT.finditer(folded))
        for number in map(number_of, labelled):
            if number:
                numbers[number] = None
        for number in map(number_of, bare):
            if number and number.startswith(_JAPANESE_OR_BOOK):
                numbers[number] = None
    return tuple(numbers)


def is_of_range(pattern: str, numbers: Iterable[str], text: str) -> str | None:
    """Return what a declared pattern matches: one of the numbers, or a model number that stands in the text.

    ``*`` at the end of a pattern stands for any ending; hyphens, spaces and case do not count.
    """
    parsed = _parsed(pattern)
    if isinstance(parsed, str):
        return next((each for each in numbers if each.startswith(parsed)), None)
    match = parsed.search(unicodedata.normalize("NFKC", text)) if parsed is not None else None
    return match.group() if match else None


@lru_cache(maxsize=1 << 14)
def _parsed(pattern: str) -> str | re.Pattern[str] | None:
    """Return the digits that a number begins with, all of them where there is no ``*``, or the pattern of a model."""
    declared = unicodedata.normalize("NFKC", pattern).strip()
    stem = declared.rstrip(ANY_ENDING)
    digits = squeezed_digits(stem)
    if digits.isdecimal() or number_of(stem):
        return number_of(stem) or digits
    letters = _GAP.join(re.escape(each) for each in model_key(stem))
    ending = r"[0-9a-z\-]*" if declared.endswith(ANY_ENDING) else ""
    return re.compile(rf"(?<![0-9a-z]){letters}{ending}(?![0-9a-z])", re.IGNORECASE) if letters else None
