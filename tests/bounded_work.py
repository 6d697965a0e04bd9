"""What a process for pictures does in the tests: as it is asked. In a module that another process can import."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Never

from ipwatch.errors import ImageError
from ipwatch.images import decode
from ipwatch.records import ImageRefusal


def work(request: bytes) -> bytes | ImageRefusal:
    what, _, rest = request.partition(b" ")
    return _WORKS[what](rest) if what in _WORKS else request


def _allocate(size: bytes) -> bytes:
    return str(len(bytearray(int(size)))).encode()


def _keep(size: bytes) -> bytes:
    _KEPT.append(bytearray(int(size)))
    return b"kept"


def _compute(_rest: bytes) -> Never:
    while True:
        pass


def _hang(_rest: bytes) -> bytes:
    time.sleep(3600)
    return b""


def _die(_rest: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGSEGV)
    return b""


def _die_once(path: bytes) -> bytes:
    if not Path(path.decode()).exists():
        Path(path.decode()).touch()
        _die(b"")
    return b"second"


def _fail(_rest: bytes) -> Never:
    raise LookupError("nobody foresaw this")


def _decode(picture: bytes) -> bytes | ImageRefusal:
    try:
        return decode(picture, 512).frames[0].grey.tobytes()
    except ImageError as error:
        return ImageRefusal(error.reason)


def _pid(_rest: bytes) -> bytes:
    time.sleep(0.3)
    return str(os.getpid()).encode()


_KEPT: list[bytearray] = []
_WORKS: dict[bytes, Callable[[bytes], bytes | ImageRefusal]] = {
    b"allocate": _allocate,
    b"keep": _keep,
    b"compute": _compute,
    b"hang": _hang,
    b"die": _die,
    b"die-once": _die_once,
    b"fail": _fail,
    b"decode": _decode,
    b"pid": _pid,
}
