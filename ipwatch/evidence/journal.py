"""The capture files: append lines durably, truncate a torn last line, read them in the order of the chain."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ipwatch.errors import EvidenceError
from ipwatch.evidence.capture import GENESIS, line_hash, read_capture
from ipwatch.terms import message

_TAIL = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TornTail:
    """An incomplete last line, left by a killed run, that was cut off: its capture was never completed."""

    path: Path
    dropped: int


class Journal:
    """The capture files below one directory, with a single writer; ``head`` is the hash of the last line."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._directory.mkdir(parents=True, exist_ok=True)
        self.recovered = self._truncate_torn_tail()
        self.head, self._last = self._find_head()

    def append(self, lines: Sequence[tuple[date, bytes]]) -> None:
        """Append the lines durably to the file of their day.

        A line dated before the last file goes into that one, so that the order of the files is that of the chain.
        """
        days: dict[date, list[bytes]] = {}
        for day, line in lines:
            self._last = max(day, self._last)
            days.setdefault(self._last, []).append(line + b"\n")
            self.head = line_hash(line)
        for day, batch in days.items():
            path = self._directory / f"{day.isoformat()}.jsonl"
            new = not path.exists()
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                write_all(descriptor, b"".join(batch))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if new:
                sync_path(self._directory)

    def _truncate_torn_tail(self) -> TornTail | None:
        files = capture_files(self._directory)
        if not files:
            return None
        path = files[-1]
        size = path.stat().st_size
        keep = _end_of_last_line(path, size)
        if keep == size:
            return None
        with path.open("r+b") as file:
            file.truncate(keep)
            os.fsync(file.fileno())
        return TornTail(path=path, dropped=size - keep)

    def _find_head(self) -> tuple[str, date]:
        files = capture_files(self._directory)
        newest = date.fromisoformat(files[-1].stem) if files else date.min
        for path in reversed(files):
            line = _last_line(path)
            if line is None:
                continue
            try:
                read_capture(line)
            except ValueError as error:
                raise EvidenceError(message("evidence.last_line", path=path, error=error)) from error
            return line_hash(line), newest
        return GENESIS, newest


def capture_files(directory: Path) -> list[Path]:
    """Return the capture files in the order of the chain; raises ``EvidenceError`` for a name that is no day."""
    files = sorted(directory.glob("*.jsonl"))
    for path in files:
        try:
            date.fromisoformat(path.stem)
        except ValueError:
            raise EvidenceError(message("evidence.file_name", path=path)) from None
    return files


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file with their line feed; a torn last line has none."""
    with path.open("rb") as file:
        yield from file


def find_lines(path: Path, needle: bytes) -> Iterator[bytes]:
    """Yield the complete lines that contain ``needle``, without their line feed, by a memory-mapped search."""
    if path.stat().st_size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        position = 0
        while (match := text.find(needle, position)) >= 0:
            end = text.find(b"\n", match)
            if end < 0:
                return
            yield text[text.rfind(b"\n", 0, match) + 1 : end]
            position = end + 1


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of the data, also after short writes."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_path(path: Path) -> None:
    """Sync a file or a directory to disk (fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _end_of_last_line(path: Path, size: int) -> int:
    """Return the offset after the last line feed."""
    with path.open("rb") as file:
        end = size
        while end > 0:
            start = max(0, end - _TAIL)
            file.seek(start)
            index = file.read(end - start).rfind(b"\n")
            if index >= 0:
                return start + index + 1
            end = start
    return 0


def _last_line(path: Path) -> bytes | None:
    """Return the last line of a file that ends in a line feed, without it; ``None`` where the file is empty."""
    size = path.stat().st_size
    if size == 0:
        return None
    start = _end_of_last_line(path, size - 1)
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size - 1 - start)
