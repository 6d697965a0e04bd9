"""Folding: what a text looks like once case, width, kana spelling, look-alikes and hidden characters are removed.

How it sounds is in ``phonetics``; which words are ordinary, or tell of goods and trade, in ``lexicon``.
"""
