"""Source ``webshop``: any shop page; its sitemaps, its HTML tree, its structured data and its visible content.

Platforms with an API are sources of their own; text, money and URLs are in ``toolkit``.
"""

from ipwatch.sources.webshop.source import INFO, follow, parse, plan

__all__ = ["INFO", "follow", "parse", "plan"]
