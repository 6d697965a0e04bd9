"""The texts of the summary: the section ``reports`` of the catalogue, and the names of kinds and prefectures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ipwatch.terms import KEYS, render

Language = Literal["ja", "en"]


def text(key: str, language: Language) -> str:
    """Return the text of a message key of the summary; raises ``KeyError`` for an unknown one."""
    return render(f"reports.{key}", language)


def label(key: str, language: Language, names: Mapping[str, tuple[str, str]]) -> str:
    """Return the name of a group in a breakdown: from ``names``, else from the catalogue; else the code itself."""
    if key in names:
        ja, en = names[key]
        return ja if language == "ja" else en
    known = next((full for full in (f"prefectures.{key}", f"reports.{key}", key) if full in KEYS), None)
    return key if known is None else render(known, language)
