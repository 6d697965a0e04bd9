"""Product identifiers of invented goods: GTIN-13, as which JAN codes and ISBNs are written, and model numbers."""

from __future__ import annotations

from ipwatch.identifiers import check_digit
from ipwatch.sandbox.chance import digest

_DIGITS = 12


def gtin_of(pattern: str, number: int) -> str:
    """Return the GTIN-13 of that number under a pattern such as ``4599810*``; raises ``ValueError`` without room."""
    prefix = pattern.removesuffix("*")
    item = str(number).zfill(_DIGITS - len(prefix))
    if len(prefix) + len(item) != _DIGITS:
        raise ValueError(f"{number} does not fit into {pattern}")
    return f"{prefix}{item}{check_digit(prefix + item)}"


def model_of(name: str, number: int) -> str:
    """Return the model number of the product of that number under a name in Latin letters."""
    letters = "".join(letter for letter in name.upper() if letter.isalpha())
    return f"{letters[0]}{letters[2]}-{int(digest('model', name, number)[:6], 16) % 900 + 100}"
