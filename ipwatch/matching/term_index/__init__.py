"""Term index (照合候補): every hit that brute force finds, from an index of the search terms.

``hits_reference`` compares everything with everything and defines the result. ``TermIndex`` finds the same hits with
the same distances, in numpy or compiled by numba; tests and ``benchmarks/text/names_index.py`` compare the three.
"""

from __future__ import annotations

from ipwatch.matching.term_index.definition import MAX_TERM_LETTERS, Hits, allowed_edits, hits_reference
from ipwatch.matching.term_index.index import Engine, TermIndex

__all__ = ["MAX_TERM_LETTERS", "Engine", "Hits", "TermIndex", "allowed_edits", "hits_reference"]
