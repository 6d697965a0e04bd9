"""Listings: what a listing says for or against a suspicion besides its name and its pictures.

Names are found in ``names``, pictures in ``images``.
"""
