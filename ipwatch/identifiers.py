"""Identifiers of products: JAN and ISBN with their check digits, model numbers, and patterns of a holder's products.

A number is 13 digits, or the 8 of a short JAN (GS1 General Specifications, EAN-13 and EAN-8): an ISBN of 10 digits
becomes that of 13 (ISO 2108), a UPC of 12 gets its 0. A pattern is a number, a model number, or the beginning of either
with a final ``*``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ANY_ENDING = "*"
MAX_DIGITS = 13

_SPACES_AND_HYPHENS = re.compile(r"[\s\-‐‑‒–—―−─ー－]+")
_SQUEEZED_MODEL = re.compile(r"[^0-9A-Z]+")
_MODEL = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z ./_+#-]*[0-9A-Za-z+#])?")
_MODEL_START = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./_+#-]*")
_LABEL = re.compile(r"(?:ISBN|JAN|EAN|GTIN|UPC)(?:-?1[034](?=[\s:]))?(?:コード)?[\s:]*(?=[0-9])", re.IGNORECASE)
_ISBN_10 = re.compile(r"[0-9]{9}[0-9X]")
_SHORT, _UPC, _LONG, _CASE = 8, 12, 13, 14


def number_of(text: str) -> str | None:
    """Return the number that a JAN, EAN, UPC or ISBN is, of 8 or 13 digits; ``None`` for what is none.

    Hyphens, spaces, width and a label (``ISBN``) before it make no difference; a wrong check digit makes it none.
    """
    digits = squeezed_digits(text)
    if _ISBN_10.fullmatch(digits):
        return _as_isbn_13(digits) if digits[-1] == _isbn_10_check(digits) else None
    if not digits.isdecimal() or not digits.isascii():
        return None
    if len(digits) == _CASE and digits.startswith("0"):
        digits = digits[1:]
    if len(digits) == _UPC:
        digits = f"0{digits}"
    return digits if len(digits) in {_SHORT, _LONG} and digits[-1] == check_digit(digits[:-1]) else None


def squeezed_digits(text: str) -> str:
    """Return a number without hyphens, spaces and a label (``ISBN``) before it, in half width; all else stays."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return _SPACES_AND_HYPHENS.sub("", _LABEL.sub("", plain, count=1) if _LABEL.match(plain) else plain).upper()


def check_digit(digits: str) -> str:
    """Return the check digit of an EAN without it: weights 3 and 1 in turn from the right, modulo 10."""
    total = sum(int(digit) * (1 if number % 2 else 3) for number, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def right_digit(digits: str) -> str | None:
    """Return the last digit that a number of 8, 10 or 13 digits should have; ``None`` for any other length."""
    if _ISBN_10.fullmatch(digits):
        return _isbn_10_check(digits)
    return check_digit(digits[:-1]) if digits.isdecimal() and len(digits) in {_SHORT, _LONG} else None


def is_model(text: str, *, is_start: bool = False) -> bool:
    """Return whether a text may be a model number, or the start of one: Latin letters and, but for a start, digits."""
    form = _MODEL_START if is_start else _MODEL
    letters = any(each.isalpha() for each in text)
    return bool(form.fullmatch(text)) and letters and (is_start or any(each.isdecimal() for each in text))


@lru_cache(maxsize=1 << 16)
def model_key(text: str) -> str:
    """Return what tells model numbers apart: their letters and digits, without case, width, hyphens and spaces."""
    return _SQUEEZED_MODEL.sub("", unicodedata.normalize("NFKC", text).upper())


def _as_isbn_13(digits: str) -> str:
    body = f"978{digits[:-1]}"
    return f"{body}{check_digit(body)}"


def _isbn_10_check(digits: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return "0123456789X"[-total % 11]
