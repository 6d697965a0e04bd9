"""Variants of a mark (every spelling under which it is searched for), and the text that is searched.

How a variant sounds is in ``readings``, where it occurs in a text in ``names``.
"""

from __future__ import annotations

from ipwatch.matching.variants.marks import MAX_DECLARED, MAX_GENERATED, PLACE_KINDS, Refused, variants_of
from ipwatch.matching.variants.observed import ObservedText
from ipwatch.matching.variants.scripts import Script, script_of, scripts_of
from ipwatch.matching.variants.variant import (
    MAX_VARIANT_CHARACTERS,
    MIN_VARIANT_LETTERS,
    Variant,
    VariantOrigin,
    variant_of,
)

__all__ = [
    "MAX_DECLARED",
    "MAX_GENERATED",
    "MAX_VARIANT_CHARACTERS",
    "MIN_VARIANT_LETTERS",
    "PLACE_KINDS",
    "ObservedText",
    "Refused",
    "Script",
    "Variant",
    "VariantOrigin",
    "script_of",
    "scripts_of",
    "variant_of",
    "variants_of",
]
