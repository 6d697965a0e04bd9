"""Reproducible randomness: the same parts give the same numbers on every machine and in every process."""

from __future__ import annotations

import hashlib
from random import Random


def generator(*parts: object) -> Random:
    """Return a random generator seeded by ``parts``."""
    return Random(digest(*parts))  # noqa: S311 - invents goods, protects nothing


def digest(*parts: object) -> str:
    """Return 20 hexadecimal digits of a hash of ``parts``."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
