"""Every text shown to people, as data: one file per language in ``catalogue/``, read once.

A *message key* names one word, label or sentence, with ``{name}`` for an argument. Sections group the keys by their
use. The keys of ``STORED`` sections are stored with findings or are part of an interface and have no prefix
(``name_exact``); every other key begins with its section (``web.nav.queue``). Reasons and differences take the
arguments ``watched`` and ``seen``. A further language is one more file with the same keys.
"""

from __future__ import annotations

from ipwatch.terms.catalogue import STORED, Catalogue, shipped
from ipwatch.terms.message import Message, listed, message, os_reason, text_from_bytes, text_to_bytes
from ipwatch.terms.text import Joined, in_language, text_of

__all__ = [
    "DIFFERENCE_KEYS",
    "KEYS",
    "LANGUAGES",
    "REASON_KEYS",
    "STORED",
    "TERM_KEYS",
    "Catalogue",
    "Joined",
    "Message",
    "in_language",
    "listed",
    "message",
    "os_reason",
    "render",
    "template",
    "text_from_bytes",
    "text_of",
    "text_to_bytes",
]

_CATALOGUE = shipped()

LANGUAGES = _CATALOGUE.languages
"""The languages of the catalogue: the names of its files."""

KEYS = _CATALOGUE.keys()
"""Every message key."""

TERM_KEYS = frozenset(key for section in STORED for key in _CATALOGUE.keys_of(section))
"""The keys without prefix: terms of the field, names of signals, reasons, differences."""

REASON_KEYS = frozenset(
    key
    for section in ("reasons", "image_reasons", "name_reasons", "host_reasons")
    for key in _CATALOGUE.keys_of(section)
)

DIFFERENCE_KEYS = frozenset(
    key for section in ("spelling_differences", "sound_differences") for key in _CATALOGUE.keys_of(section)
)


def render(key: str, lang: str, /, **arguments: object) -> str:
    """Return a message in one language with its arguments; raises ``KeyError`` for an unknown key.

    Raises ``ValueError`` for an unknown language. Arguments are inserted unescaped, messages among them in that
    language; HTML pages must escape the result.
    """
    return _CATALOGUE.render(key, lang, **arguments)


def template(key: str, lang: str) -> str:
    """Return a message as a template with ``{arguments}``; raises ``KeyError`` for an unknown key."""
    return _CATALOGUE.template(key, lang)
