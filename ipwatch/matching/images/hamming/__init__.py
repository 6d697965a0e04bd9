"""Hamming search: which of millions of 256-bit hashes lie within a radius of a query, exactly.

``HammingIndex`` is the entry point; ``brute_force`` defines the result, and every way of searching agrees with it.
"""

from ipwatch.matching.images.hamming.hits import Hits, brute_force
from ipwatch.matching.images.hamming.index import HammingIndex

__all__ = ["HammingIndex", "Hits", "brute_force"]
