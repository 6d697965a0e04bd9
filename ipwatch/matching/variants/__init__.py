"""Forms of a mark: every spelling under which it is looked for, and the text it is looked for in."""

from __future__ import annotations

from ipwatch.matching.variants.form import (
    COMMON_WORD,
    MAX_FORM_CHARACTERS,
    MIN_FORM_LETTERS,
    Form,
    FormOrigin,
    form_of,
)
from ipwatch.matching.variants.marks import MAX_DECLARED, MOST_GENERATED, PLACE_KINDS, Refused, forms_of
from ipwatch.matching.variants.scripts import Script, script_of, scripts_of
from ipwatch.matching.variants.seen import SeenText

__all__ = [
    "COMMON_WORD",
    "MAX_DECLARED",
    "MAX_FORM_CHARACTERS",
    "MIN_FORM_LETTERS",
    "MOST_GENERATED",
    "PLACE_KINDS",
    "Form",
    "FormOrigin",
    "Refused",
    "Script",
    "SeenText",
    "form_of",
    "forms_of",
    "script_of",
    "scripts_of",
]
