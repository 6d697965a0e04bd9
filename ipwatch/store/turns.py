"""A fair lock: the threads of a process write one after another, in the order of their requests.

SQLite has one writer and serves waiting ones in no order: a thread may starve while others keep writing. With a queue
in front of it, every wait is as long as the transactions before it.
"""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType
from typing import Self


class Turns:
    """A lock that is granted first come, first served; a context manager."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[tuple[int, threading.Event]] = deque()
        self._owner: int | None = None

    def take(self) -> None:
        """Wait for this thread's turn; raises ``RuntimeError`` where it has it already, as that would deadlock."""
        me = threading.get_ident()
        with self._mutex:
            if self._owner == me:
                raise RuntimeError("a transaction that writes was begun inside another one of the same thread")
            if self._owner is None:
                self._owner = me
                return
            turn = threading.Event()
            self._waiting.append((me, turn))
        try:
            turn.wait()
        except BaseException:  # an interrupt of the main thread: the next thread must not wait for it
            self._leave(me, turn)
            raise

    def give_back(self) -> None:
        """End the turn of this thread and begin that of the next."""
        with self._mutex:
            self._pass_on()

    def _leave(self, me: int, turn: threading.Event) -> None:
        with self._mutex:
            if turn.is_set():
                self._pass_on()
            else:
                self._waiting.remove((me, turn))

    def _pass_on(self) -> None:
        if not self._waiting:
            self._owner = None
            return
        self._owner, turn = self._waiting.popleft()
        turn.set()

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.give_back()


_TURNS: dict[str, Turns] = {}
_TURNS_MUTEX = threading.Lock()


def turns_at(file: str) -> Turns:
    """Return the turns at that file, the same for every caller of this process."""
    with _TURNS_MUTEX:
        return _TURNS.setdefault(file, Turns())
