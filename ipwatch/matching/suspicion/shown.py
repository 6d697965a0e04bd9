"""Signs as text for people."""

from __future__ import annotations

import re

from ipwatch.matching.suspicion.prices import NOUN
from ipwatch.terms import KEYS, render
from ipwatch.text.lexicon.roles import first_phrases

_OF_KIND = frozenset({"medium", "publication", "made_with", "often_unlicensed", "no_licence_named"})
"""Signs that may compare the mark with a kind of goods."""

_NOUN = re.compile(rf"(?<=[ (]){NOUN}([a-z0-9_]+)")


def sign_text(term: str, watched: str, observed: str, lang: str) -> str:
    """Return the explanation of a sign in a language, with kinds and nouns of goods by their names in it.

    ``watched`` and ``observed`` are the compared values of the sign.
    """
    if term in _OF_KIND:
        observed = _kind(observed, lang)
    elif term.startswith("price_"):
        watched = _NOUN.sub(lambda match: _noun(match[1], lang), watched)
    return render(f"sign.{term}", lang, watched=watched, seen=observed)


def _kind(name: str, lang: str) -> str:
    return render(key, lang) if (key := f"goods_kind.{name}") in KEYS else name


def _noun(noun: str, lang: str) -> str:
    return first_phrases("goods_noun", lang).get(noun) or _kind(noun, lang)
