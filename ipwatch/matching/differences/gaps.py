"""What is between two letters: separators, hidden characters, the mark of a long vowel (ー)."""

from __future__ import annotations

import unicodedata

from ipwatch.text.folding.confusables import MASKING_SIGNS

PROLONGED = "ーｰ"
_VOICING = "゛゜ﾞﾟ"
_HYPHENS = frozenset("-‐‑‒–—―−⁃﹣－─━﹘⸺")
_WAVES = frozenset("~〜～∼")
_LOOKS_PROLONGED = _HYPHENS | _WAVES | frozenset("一丨|｜_＿")
_DOTS = frozenset(".．·・･•‧∙⋅。｡︒")
_MAX_NAMES = 4


def is_mark(char: str) -> bool:
    """Whether the character is a visible mark that belongs to the preceding letter."""
    return char in _VOICING or (unicodedata.category(char)[0] == "M" and not is_hidden(char))


def is_hidden(char: str) -> bool:
    """Whether the character is invisible: format and control characters, selectors, lone surrogates."""
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or char in "\u034f\u180b\u180c\u180d":
        return True
    return unicodedata.category(char) in {"Cf", "Cc", "Cs", "Co", "Cn"} and not char.isspace()


def separators(gap: str) -> str:
    """Return the signs and spaces of a gap, without hidden characters and marks."""
    kept = (char for char in gap if not (char in PROLONGED or is_hidden(char) or is_mark(char)))
    return "".join(kept)


def separator_kind(signs: str) -> str:
    """Return ``space``, ``hyphen``, ``dot`` or ``sign``; empty without a separator."""
    shown = set("".join(signs.split()))
    if not shown:
        return "space" if signs else ""
    if shown <= _HYPHENS:
        return "hyphen"
    return "dot" if shown <= _DOTS else "sign"


def masks(gap: str) -> bool:
    """Whether the gap contains a sign that may replace a letter."""
    signs = separators(gap)
    return separator_kind(signs) == "sign" or not MASKING_SIGNS.isdisjoint(signs)


def hidden_names(watched: str, observed: str) -> str:
    """Return the numbers (``U+200B``) of the hidden characters of the second text that the first does not have."""
    strange = dict.fromkeys(char for char in observed if is_hidden(char) and char not in watched)
    return " ".join([f"U+{ord(char):04X}" for char in strange][:_MAX_NAMES])


def prolonged(tail: str) -> str:
    """Return the ー at the beginning of a tail."""
    return tail[: len(tail) - len(tail.lstrip(PROLONGED))]


def passes_for_prolonged(watched: str, observed: str) -> str:
    """Return the sign of the observed tail that replaces the ー of the watched one, or nothing."""
    return (
        observed[:1] if prolonged(watched) and observed[:1] and observed[:1] in _LOOKS_PROLONGED | MASKING_SIGNS else ""
    )
