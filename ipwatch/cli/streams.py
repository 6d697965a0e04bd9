"""Which files a command may read to their end."""

from __future__ import annotations

from pathlib import Path

_OWN_DESCRIPTORS = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def ends(path: Path) -> bool:
    """Return whether reading this existing path comes to an end: a file, or a descriptor the shell handed over.

    A named pipe or a device may never end; ``<(command)`` of a shell is a descriptor and ends with its command.
    """
    return path.is_file() or str(path).startswith(_OWN_DESCRIPTORS)
