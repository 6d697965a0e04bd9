"""Lexicon: words as data, by role and language (``*.toml``), and how common ordinary words are.

What a word says for or against a match is decided in ``ipwatch.matching``.
"""
