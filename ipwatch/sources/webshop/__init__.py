"""Source ``webshop``: any shop page; its sitemaps, its HTML tree, its structured data and what a buyer sees of it.

Platforms with an interface of their own are sources of their own; text, money and addresses are in ``toolkit``.
"""

from ipwatch.sources.webshop.source import INFO, follow, parse, plan

__all__ = ["INFO", "follow", "parse", "plan"]
