"""Parses records and titles from a stream of lines, with a problem for each line that is no record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ipwatch.jsonlines.checks import kind_of, record_of, unknown_keys
from ipwatch.jsonlines.lines import decoded, numbered, parsed, repaired
from ipwatch.jsonlines.problems import LineError, RecordProblem
from ipwatch.matching.hosts import host_of_line
from ipwatch.records import HostName, Record
from ipwatch.terms import message

_GZIP = b"\x1f\x8b"
_JSON_BEGINS = frozenset(b'{["')


def read_records(stream: BinaryIO, name: str) -> Iterator[Record | RecordProblem]:
    """Yield the records of a JSON Lines stream, and a problem for each line that is none.

    A host name is the value of ``host`` or ``domain`` in an object, a JSON string, or bare (``host_of_line``). An
    unknown key is reported once for the whole stream, with ``kept``, and ignored. A lone surrogate becomes U+FFFD, as
    in the sources, and is reported with ``kept`` for each field. A compressed stream gives one problem and no record.
    """
    reported: set[str] = set()
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
            table, fields = repaired(parsed(line))
            for field in fields:
                yield RecordProblem(name, number, field, message("records.surrogate"), kept=True)
            kind = kind_of(table)
            for key in unknown_keys(table, kind):
                if key not in reported:
                    reported.add(key)
                    yield RecordProblem(name, number, key, message("records.unknown_key"), kept=True)
            yield record_of(table, kind)
        except LineError as error:
            yield RecordProblem(name, number, error.field, error.message)


def read_titles(stream: BinaryIO) -> Iterator[str]:
    """Yield the title of every listing of a JSON Lines stream; lines with problems are skipped."""
    for _, line in numbered(stream):
        if line is None or b'"title"' not in line:
            continue
        try:
            table, _ = repaired(parsed(line))
        except LineError:
            continue
        title = table.get("title")
        if isinstance(title, str):
            yield title


def _bare_host(line: bytes) -> Iterator[HostName]:
    """Yield the host of a line that is not JSON, nothing where the line is a comment."""
    try:
        host = host_of_line(decoded(line))
    except ValueError as error:
        raise LineError(None, message("records.neither", error=error)) from error
    if host is not None:
        yield HostName(host=host)
