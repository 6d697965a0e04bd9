"""Folding: a text without differences of case, width, kana spelling, look-alikes and hidden characters.

How a text sounds is in ``phonetics``; which words are ordinary, or denote goods and trade, in ``lexicon``.
"""
