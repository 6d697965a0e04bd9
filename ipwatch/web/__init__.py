"""The review page: server-rendered, works without JavaScript."""

from __future__ import annotations

from ipwatch.web.app import create_app

__all__ = ["create_app"]
