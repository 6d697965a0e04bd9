"""The project's words in Japanese and English, as data: user interface, reports and explanations read them here.

A term that explains a signal or names a difference takes the arguments ``watched`` and ``seen``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ipwatch.terms.differences import DIFFERENCES, FRAMES, SOUND_DIFFERENCES
from ipwatch.terms.evidence import EVIDENCE
from ipwatch.terms.explanation import EXPLANATION, FORMS
from ipwatch.terms.glossary import GLOSSARY, SIGNAL_NAMES
from ipwatch.terms.hosts import HOSTS
from ipwatch.terms.pictures import PICTURES
from ipwatch.terms.reasons import REASONS
from ipwatch.terms.term import Term

__all__ = ["DIFFERENCE_KEYS", "REASON_KEYS", "TERMS", "Term", "render"]

_REASONS = (*REASONS, *PICTURES, *EVIDENCE, *HOSTS)
_DIFFERENCES = (*DIFFERENCES, *SOUND_DIFFERENCES)
_WORDS = (*GLOSSARY, *SIGNAL_NAMES, *EXPLANATION, *FRAMES, *FORMS)

TERMS: Mapping[str, Term] = MappingProxyType({term.key: term for term in (*_WORDS, *_REASONS, *_DIFFERENCES)})

REASON_KEYS = frozenset(term.key for term in _REASONS)

DIFFERENCE_KEYS = frozenset(term.key for term in _DIFFERENCES)


def render(key: str, lang: str, **args: str) -> str:
    """Return the term in ``ja`` or ``en`` with its arguments in place; raises ``KeyError`` for any other key.

    Raises ``ValueError`` for another language. Arguments are inserted as they are: a page escapes the result.
    """
    term = TERMS[key]
    if lang not in {"ja", "en"}:
        raise ValueError(f"terms are in 'ja' and 'en', not {lang!r}")
    template = term.ja if lang == "ja" else term.en
    return template.format_map(args)
