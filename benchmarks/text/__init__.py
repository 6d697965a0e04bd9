"""Matching of names and titles, compared with brute force and rapidfuzz; pictures are in ``benchmarks.images``."""
