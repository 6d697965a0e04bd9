"""Logging: structlog events through the standard library's loggers, with secrets and sellers taken out.

Event names are static snake_case, values are keywords. Logs go to stderr, data to stdout.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog

_SECRET = re.compile(r"token|secret|password|authorization|api_?key|access_?key|credential|cookie", re.IGNORECASE)
_PERSONAL = frozenset({"seller", "seller_name", "seller_id", "applicants", "representatives"})
_QUERY = re.compile(
    r"([?&](?:applicationId|accessKey|app_?id|key|token|sign|signature|secret)=)[^&#\s]+", re.IGNORECASE
)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of keys that hold secrets or name people, and secrets inside URLs."""
    for key, value in event.items():
        if _SECRET.search(key) or key in _PERSONAL:
            event[key] = "[removed]"
        elif isinstance(value, str):
            event[key] = _QUERY.sub(r"\1[removed]", value)
    return event


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what ``sys.stderr`` is at the time: a progress display replaces it, to keep its bars below the logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        self.stream = sys.stderr
        super().emit(record)


def configure(level: str = "INFO", *, as_json: bool = False, also: Iterable[logging.Handler] = ()) -> None:
    """Send the events of ipwatch to stderr at ``level`` and above; ``as_json`` writes one object a line.

    The handlers of ``also`` get the same events, without colours.
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logger = logging.getLogger("ipwatch")
    logger.handlers = []
    for handler in (_Stderr(), *also):
        colors = isinstance(handler, _Stderr) and sys.stderr.isatty()
        renderer: Any = (
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if as_json
            else structlog.dev.ConsoleRenderer(colors=colors)
        )
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=shared,
                processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            )
        )
        logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
