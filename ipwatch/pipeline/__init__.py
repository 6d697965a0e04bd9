"""The use cases in plain synchronous Python; every effect arrives as an argument.

Schedules are in ``flows``, words for people in ``cli`` and ``web``; nothing here reads a setting or a clock.
"""
