"""Forms of a mark: every spelling under which it is looked for, and the text it is looked for in."""

from __future__ import annotations

from ipwatch.matching.forms.form import (
    COMMON_WORD,
    MAX_FORM_CHARACTERS,
    MIN_FORM_LETTERS,
    Form,
    FormOrigin,
    form_of,
)
from ipwatch.matching.forms.marks import MAX_DECLARED, MOST_GENERATED, PLACE_KINDS, Refused, forms_of
from ipwatch.matching.forms.scripts import Script, script_of, scripts_of
from ipwatch.matching.forms.seen import SeenText

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
