"""Sound keys: one spelling for every way a name is written in kana or Latin letters.

``sound_key("Sony") == sound_key("ソニー")``. A key forgets what Japanese does not tell apart (l and r, v and b), the
length of vowels and consonants, and the u that kana put between consonants.
"""

from __future__ import annotations

import re
import unicodedata

from ipwatch.text.kana import romaji
from ipwatch.text.normalize import plain

_KANA = re.compile(r"[ぁ-ゖァ-ヺー]")
_NOT_LETTER = re.compile(r"[^a-z]")
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"x", "ks"),
        (r"tch", "ch"),
        (r"ck", "k"),
        (r"ph", "h"),
        (r"sh(?=i)|th", "s"),
        (r"sh", "sy"),
        (r"ch(?=i)", "t"),
        (r"ch(?=[aeou])", "ty"),
        (r"ch", "k"),
        (r"ts", "t"),
        (r"j(?=i)", "z"),
        (r"j", "zy"),
        (r"c(?=[eiy])", "s"),
        (r"[cq]", "k"),
        (r"f", "h"),
        (r"v", "b"),
        (r"l", "r"),
        (r"(?<=[aiueo])h(?![aiueoy])", ""),
        (r"m(?=[bp])", "n"),
        (r"y(?![aiueo])", "i"),
        (r"er(?![aiueo])", "a"),
        (r"(?<=[aiueo])r(?![aiueor])", ""),
        (r"ou", "o"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[bdghkmnprstz])u(?![aiueo])", ""),
        (r"(?<=[td])o(?![aiueoy])", ""),
    )
)


def sound_key(text: str) -> str:
    """Return the sound key of a name in kana or Latin letters; empty where it holds neither."""
    spelled = romaji(text) if _KANA.search(text) else text
    letters = unicodedata.normalize("NFD", plain(spelled))
    key = _NOT_LETTER.sub("", letters)
    for pattern, replacement in _RULES:
        key = pattern.sub(replacement, key)
    return key
