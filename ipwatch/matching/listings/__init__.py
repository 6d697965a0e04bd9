"""Listings: signals for or against a suspicion other than names and pictures.

Names are found in ``names``, pictures in ``images``.
"""
