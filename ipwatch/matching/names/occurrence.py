"""Occurrences (出現箇所): where a text may show a variant of a mark, with the word boundaries around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ipwatch.matching.names.adjacent_words import ends_name
from ipwatch.matching.names.word_boundaries import Boundary, boundaries, run_around
from ipwatch.matching.variants import ObservedText, Variant


def kind_of(variant: Variant) -> str:
    """Return ``alphabetic``, ``kana`` or ``other``: the kind of script, which decides how word boundaries count."""
    if variant.is_alphabetic:
        return "alphabetic"
    return "kana" if variant.is_kana else "other"


@dataclass(frozen=True)
class Occurrence:
    """A range of a folded text that is compared with a variant of a mark; ``distance`` is in edits (OSA).

    ``start`` and ``end`` count folded letters; ``span`` is the same range in the original text. ``goods`` are the goods
    terms of the mark, folded.
    """

    variant: Variant
    observed: ObservedText
    start: int
    end: int
    distance: int
    goods: Sequence[str] = ()

    @cached_property
    def _token(self) -> tuple[tuple[int, int], Boundary]:
        edges = boundaries(self.observed)
        first, last = run_around(edges, self.start, self.end)
        if ends_name(self.observed, self.end, last):
            return (first, self.end), Boundary.CHANGE
        return (first, last), edges[self.end]

    @property
    def token(self) -> tuple[int, int]:
        """The range of folded letters up to the next boundaries; a particle behind it counts as a boundary."""
        return self._token[0]

    @property
    def right(self) -> Boundary:
        """The boundary behind it."""
        return self._token[1]

    @property
    def left(self) -> Boundary:
        """The boundary before it."""
        return boundaries(self.observed)[self.start]

    @property
    def runs_on(self) -> int:
        """Number of sides on which other letters follow without a boundary: 0 to 2."""
        return (self.left is Boundary.NONE) + (self.right is Boundary.NONE)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The range in the original text."""
        return self.observed.folded.span(self.start, self.end)

    @cached_property
    def surface(self) -> str:
        """The original text of ``span``."""
        return self.observed.source[slice(*self.span)]

    @property
    def written(self) -> str:
        """The folded letters of the range."""
        return self.observed.folded.text[self.start : self.end]

    @property
    def before(self) -> str:
        """The folded letters of ``token`` before it."""
        return self.observed.folded.text[self.token[0] : self.start]

    @property
    def after(self) -> str:
        """The folded letters of ``token`` behind it."""
        return self.observed.folded.text[self.end : self.token[1]]

    @property
    def token_surface(self) -> str:
        """The original text of ``token``."""
        return self.source(*self.token)

    @property
    def surface_key(self) -> str:
        """The folded letters of ``token``: the key that is counted over a crawl."""
        return self.observed.folded.text[slice(*self.token)]

    @property
    def kind(self) -> str:
        """The kind of script of its variant, see ``kind_of``."""
        return kind_of(self.variant)

    def source(self, start: int, end: int) -> str:
        """Return the original text of a range of folded letters, nothing for an empty one."""
        return self.observed.source[slice(*self.observed.folded.span(start, end))] if start < end else ""
