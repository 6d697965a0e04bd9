"""Source ``uspto``: daily trademark XML, split into case-files as a stream; their codes and records.

What any register's source needs (archives, dates) is in ``toolkit``; deadlines are in ``ipwatch.deadlines``.
"""

from ipwatch.sources.uspto.source import INFO, follow, parse, plan

__all__ = ["INFO", "follow", "parse", "plan"]
