"""The review page: server-rendered, works without JavaScript.

Its words are in ``ipwatch.terms``, its queries in ``ipwatch.store.review``; it is started by ``ipwatch.cli.serve``.
"""

from __future__ import annotations

from ipwatch.web.app import create_app

__all__ = ["create_app"]
