"""Filings: appearance, sound, goods and figurative elements of a filed mark compared with the watched ones.

Names within the text of a listing are found in ``names``, pictures of filings in ``images``.
"""
