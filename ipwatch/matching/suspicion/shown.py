"""Signs as text for people."""

from __future__ import annotations

import re

from ipwatch.matching.suspicion.prices import NOUN
from ipwatch.terms import KEYS, render
from ipwatch.text.lexicon.roles import first_phrases

_NOUN = re.compile(rf"{NOUN}([a-z0-9_]+)")


def sign_text(term: str, watched: str, observed: str, lang: str) -> str:
    """Return the explanation of a sign in a language, with kinds and nouns of goods by their names in it.

    ``watched`` and ``observed`` are the compared values of the sign.
    """
    return render(f"sign.{term}", lang, watched=_named(watched, lang), seen=_named(observed, lang))


def _named(value: str, lang: str) -> str:
    if (kind := f"goods_kind.{value}") in KEYS:
        return render(kind, lang)
    return _NOUN.sub(lambda match: _noun(match[1], lang), value)


def _noun(noun: str, lang: str) -> str:
    if (kind := f"goods_kind.{noun}") in KEYS:
        return render(kind, lang)
    return first_phrases("goods_noun", lang).get(noun, noun)
