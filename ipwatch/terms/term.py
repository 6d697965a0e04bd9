"""One word or sentence of the project in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One word or sentence in both languages; ``{name}`` in it stands for an argument."""

    key: str
    ja: str
    en: str
