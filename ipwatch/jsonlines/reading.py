"""Records and titles from a stream of lines, with a problem for each line that is no record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ipwatch.jsonlines.checks import kind_of, record_of, unknown_keys
from ipwatch.jsonlines.lines import decoded, numbered, parsed, repaired
from ipwatch.jsonlines.problems import FaultError, RecordProblem
from ipwatch.matching.hosts import host_of_line
from ipwatch.records import HostName, Record
from ipwatch.terms import message

_GZIP = b"\x1f\x8b"
_JSON_BEGINS = frozenset(b'{["')


def read_records(stream: BinaryIO, name: str) -> Iterator[Record | RecordProblem]:
    """Yield the records of a JSON Lines stream, and a problem for each line that is none.

    A host name stands in an object under ``host`` or ``domain``, in a string, or bare (``host_of_line``).
    A key that the record does not have is told once for the whole stream, with ``kept``, and passed over. Half of a
    surrogate pair becomes U+FFFD, as in what the sources read, and is told with ``kept`` for each field. A stream that
    is compressed gives one problem and no record.
    """
    told: set[str] = set()
    for number, line in numbered(stream):
        if line is not None and not line.strip():
            continue
        if number == 1 and line is not None and line.startswith(_GZIP):
            yield RecordProblem(name, number, None, message("records.gzip"))
            return
        try:
            if line is not None and line.lstrip()[0] not in _JSON_BEGINS:
                yield from _bare_host(line)
                continue
            table, mended = repaired(parsed(line))
            for field in mended:
                yield RecordProblem(name, number, field, message("records.surrogate"), kept=True)
            kind = kind_of(table)
            for key in unknown_keys(table, kind):
                if key not in told:
                    told.add(key)
                    yield RecordProblem(name, number, key, message("records.unknown_key"), kept=True)
            yield record_of(table, kind)
        except FaultError as fault:
            yield RecordProblem(name, number, fault.field, fault.message)


def read_titles(stream: BinaryIO) -> Iterator[str]:
    """Yield the title of every listing of a JSON Lines stream; what ``read_records`` tells of is passed over."""
    for _, line in numbered(stream):
        if line is None or b'"title"' not in line:
            continue
        try:
            table, _ = repaired(parsed(line))
        except FaultError:
            continue
        title = table.get("title")
        if isinstance(title, str):
            yield title


def _bare_host(line: bytes) -> Iterator[HostName]:
    """Yield the host of a line that is not JSON, nothing where the line is a comment."""
    try:
        host = host_of_line(decoded(line))
    except ValueError as error:
        raise FaultError(None, message("records.neither", error=error)) from error
    if host is not None:
        yield HostName(host=host)
