"""Phonetics: how a text sounds, in kana, Latin letters and Hangul, and how similar two spellings of a sound are.

How two readings are compared by the rules of trademark examination is in ``ipwatch.matching.readings``.
"""
