"""Logging: structlog events through the standard library's loggers, without secrets and personal data.

Event names are static snake_case, values are keywords. Logs go to stderr, data to stdout.

Everything passes through ``scrubbed``: structlog events, records of every library when they are created, and uncaught
exceptions. A traceback has file, line and function of each frame, never its variables, which may be passwords, cookies
or tokens.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from traceback import TracebackException
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.typing import ExcInfo

REMOVED = "[removed]"
MAX_FRAMES = 40
"""Maximum number of frames of a traceback, the innermost."""
MAX_MESSAGE = 2000
"""Maximum characters of an exception's message."""
MIN_HIDDEN = 4
"""Minimum length of a hidden value: shorter ones occur in ordinary words."""

_HIDDEN_NAMES = r"(?:token|secret|passw(?:or)?d|authorization|api_?key|access_?key|credential|cookie)"
_HIDDEN_NAME = re.compile(_HIDDEN_NAMES, re.IGNORECASE)
_PERSONAL = frozenset({"seller", "seller_name", "seller_id", "applicants", "representatives"})
# Keys set by ``configure`` and the formatters, with no value from outside.
_OWN_KEYS = frozenset({"level", "timestamp", "exception", "_record", "_from_structlog"})
_PATTERNS = (
    # Parameters in SQLAlchemy's errors.
    (re.compile(r"\[parameters: .*\]", re.DOTALL), f"[parameters: {REMOVED}]"),
    (re.compile(r"(\w://[^\s:/@]*):[^\s/@]+@"), rf"\1:{REMOVED}@"),
    (
        re.compile(
            r"([?&](?:applicationId|accessKey|app_?id|key|token|sign|signature|secret)=)[^&#\s]+", re.IGNORECASE
        ),
        rf"\1{REMOVED}",
    ),
    # A header ends with its line.
    (
        re.compile(r"\b((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\r\n]+", re.IGNORECASE),
        rf"\1\2{REMOVED}",
    ),
    (
        re.compile(
            rf"({_HIDDEN_NAMES}\w{{0,40}}['\"]?\s*[:=]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s,;&'\"\[\](){{}}]+)", re.IGNORECASE
        ),
        rf"\1{REMOVED}",
    ),
)

_of_process: frozenset[str] = frozenset()
_of_task: ContextVar[frozenset[str]] = ContextVar("hidden_values", default=frozenset())


def hide(values: Iterable[str], *, only: bool = False) -> None:
    """Hide these values in logs of this thread or task from now on; ``only`` replaces earlier ones."""
    _of_task.set((frozenset() if only else _of_task.get()) | frozenset(values))


def scrubbed(text: str, *, of_task: bool = True) -> str:
    """Return a text without known secret values and without anything that looks like a secret.

    Known are the ``secrets`` of ``configure`` and, with ``of_task``, the values of ``hide``.
    """
    hidden = _of_process | _of_task.get() if of_task else _of_process
    for value in sorted((secret for secret in hidden if len(secret) >= MIN_HIDDEN), key=len, reverse=True):
        for written in _spellings(value):
            text = text.replace(written, REMOVED)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _spellings(value: str) -> Iterator[str]:
    """Yield a value as it is, URL-encoded, in JSON, and as Python's repr."""
    yield value
    escaped = value.encode("utf-8", "surrogatepass")
    yield from {quote(escaped, safe=""), quote_plus(escaped), json.dumps(value)[1:-1], repr(value)[1:-1]} - {value}


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of keys for secrets or personal data, and secrets inside texts, at any depth."""
    for key, value in event.items():
        if key not in _OWN_KEYS:
            # Event names are constants: values of a request must not be able to remove them.
            event[key] = scrubbed(value, of_task=False) if key == "event" else _cleaned(key, value)
    return event


def _cleaned(key: str, value: Any) -> Any:
    if _HIDDEN_NAME.search(key) or key in _PERSONAL:
        return REMOVED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {scrubbed(str(name)): _cleaned(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned("", inner) for inner in value]
    return scrubbed(str(value))


def described(error: BaseException) -> str:
    """Return the traceback of an exception: file, line and function of each frame, its type and scrubbed message."""
    return "\n".join(_lines(TracebackException.from_exception(error, limit=-MAX_FRAMES, lookup_lines=False), ""))


def _lines(error: TracebackException, indent: str) -> Iterator[str]:
    if error.__cause__ is not None:
        yield from _lines(error.__cause__, indent)
        yield f"{indent}which was the direct cause of:"
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from _lines(error.__context__, indent)
        yield f"{indent}during whose handling came:"
    for frame in error.stack:
        yield f'{indent}  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    message = "".join(error.format_exception_only()).rstrip()
    yield indent + scrubbed(message[:MAX_MESSAGE])
    for inner in error.exceptions or ():
        yield from _lines(inner, indent + "    ")


def _describe_event(exc_info: ExcInfo) -> str:
    return described(exc_info[1])


class _ScrubbedRecord(logging.LogRecord):
    """A record of the standard library's logging, scrubbed on creation, independent of handlers and formatters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[1] is not None:
            self.exc_text = described(self.exc_info[1])
        # Without the exception no formatter can access its frames; each uses ``exc_text``.
        self.exc_info = None
        # Messages of structlog are mappings that have passed ``redact``.
        if not isinstance(self.msg, Mapping):
            self.msg = scrubbed(self._merged())
            self.args = ()

    def _merged(self) -> str:
        try:
            return self.getMessage()
        except (TypeError, ValueError, KeyError):
            # A message that does not match its arguments is logged without them.
            return str(self.msg)


def _take_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Copy the traceback of a standard library record to the key that structlog events use."""
    if event["_record"].exc_text:
        event["exception"] = event["_record"].exc_text
    return event


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to the current ``sys.stderr``, which a progress display replaces to keep its bars below the logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        self.stream = sys.stderr
        super().emit(record)


def configure(
    level: str = "INFO", *, as_json: bool = False, also: Iterable[logging.Handler] = (), secrets: Iterable[str] = ()
) -> None:
    """Send the events of ipwatch to stderr at ``level`` and above; ``as_json`` writes one object a line.

    Libraries log from WARNING on, in the same format, unless they have handlers of their own. The handlers of ``also``
    get the events of ipwatch, without colours. ``secrets`` are values that no log of this process may contain.
    """
    global _of_process  # noqa: PLW0603 - the log of a process is one, like the loggers of the standard library
    _of_process = frozenset(secrets)
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_describe_event),
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
    logging.setLogRecordFactory(_ScrubbedRecord)
    logger, root = logging.getLogger("ipwatch"), logging.getLogger()
    logger.handlers = [_Stderr(), *also]
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Stderr)] or [_Stderr()]
    own = (handler for handler in root.handlers if isinstance(handler, _Stderr))
    for handler in {*logger.handlers, *own}:
        handler.setFormatter(_formatter(shared, as_json=as_json, colors=isinstance(handler, _Stderr)))
    logger.setLevel(level.upper())
    logger.propagate = False
    root.setLevel(max(logger.level, logging.WARNING))
    _catch_unhandled()


def _formatter(shared: list[Any], *, as_json: bool, colors: bool) -> logging.Formatter:
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=colors and sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _take_exception],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _catch_unhandled() -> None:
    """Log uncaught exceptions and warnings, unless another hook (a test runner) handles them.

    Python would print them unscrubbed.
    """
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _log_unhandled
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _log_unraisable
    logging.captureWarnings(capture=True)


def _log_unhandled(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger("ipwatch").critical("failed_unexpectedly", exc_info=error)


def _log_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and not issubclass(failed.exc_type, SystemExit):
        name = failed.thread.name if failed.thread else None
        structlog.get_logger("ipwatch").critical("thread_failed", thread=name, exc_info=failed.exc_value)


def _log_unraisable(failed: sys.UnraisableHookArgs) -> None:
    if failed.exc_value is not None:
        structlog.get_logger("ipwatch").error("failed_in_passing", what=failed.err_msg, exc_info=failed.exc_value)
