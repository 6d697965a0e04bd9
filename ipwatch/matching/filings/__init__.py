"""Filings: how a filed mark looks, sounds and reads beside the watched ones, its goods and figurative elements.

Names within the text of a listing are found in ``names``, pictures of filings in ``images``.
"""
