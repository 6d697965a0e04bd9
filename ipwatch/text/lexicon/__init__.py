"""Lexicon: words as data, by role and language (``*.toml``), and how common ordinary words are.

How a word affects a match is decided in ``ipwatch.matching``.
"""
