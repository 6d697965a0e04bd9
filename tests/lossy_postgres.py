"""A way to PostgreSQL that breaks when a test wants it: before the server gets a COMMIT, or before its answer comes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

Moment = Literal["before", "after"]


class LossyWay:
    """A proxy socket in front of the server that breaks the connection at the next COMMIT.

    ``broken_at``: before the server gets the COMMIT, or after it has done it and before its answer arrives.
    """

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self._server = str(server)
        self.broken_at: Moment | None = None
        self.broken = 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / server.name))
        self._listening.listen()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def close(self) -> None:
        with suppress(OSError):  # it may be closed already
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(30)

    def _start(self, work: Callable[..., None], *given: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=given, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):  # it was closed: the test is over
            while True:
                ours, _ = self._listening.accept()
                self._start(self._pass_requests, ours)

    def _pass_requests(self, ours: socket.socket) -> None:
        with ours, socket.socket(socket.AF_UNIX) as theirs:
            theirs.connect(self._server)
            answers = threading.Thread(target=self._pass_answers, args=(theirs, ours), daemon=True)
            answers.start()
            with suppress(OSError):
                self._pass_until_broken(ours, theirs)
            for end, how in ((ours, socket.SHUT_RDWR), (theirs, socket.SHUT_WR)):
                with suppress(OSError):
                    end.shutdown(how)
            answers.join(30)

    def _pass_until_broken(self, ours: socket.socket, theirs: socket.socket) -> None:
        while data := ours.recv(65536):
            if b"COMMIT" in data and self.broken_at is not None:
                moment, self.broken_at = self.broken_at, None
                self.broken += 1
                if moment == "after":
                    # No answer passes any more, but the server gets the COMMIT, and does it although nobody is there.
                    ours.shutdown(socket.SHUT_RDWR)
                    theirs.sendall(data)
                return
            theirs.sendall(data)

    def _pass_answers(self, theirs: socket.socket, ours: socket.socket) -> None:
        with suppress(OSError):
            while data := theirs.recv(65536):
                with suppress(OSError):  # nobody is there: what the server says is still taken from it
                    ours.sendall(data)
        with suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)
