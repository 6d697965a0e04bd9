"""Source ``jpo``: the tables of the JPO's standard data, joined into filings; their codes, records and mark images.

What any register's source needs (archives, dates) is in ``toolkit``; deadlines are in ``ipwatch.deadlines``.
"""

from ipwatch.sources.jpo.source import INFO, follow, parse, plan

__all__ = ["INFO", "follow", "parse", "plan"]
