"""Offline verification of a store: hashes every body again and follows every line of the chain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ipwatch.errors import ConfigError, EvidenceError
from ipwatch.evidence.capture import GENESIS, SHA256, line_hash, read_capture
from ipwatch.evidence.journal import capture_files, read_lines
from ipwatch.terms import message, os_reason


class ProblemKind(StrEnum):
    """The closed list of problems. The last two are harmless: an interrupted run leaves them."""

    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"
    CHAIN = "chain"
    UNREADABLE = "unreadable"
    TORN = "torn"
    UNREFERENCED = "unreferenced"


_HARMLESS = frozenset({ProblemKind.TORN, ProblemKind.UNREFERENCED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One deviation from what was written; ``where`` is a path, for a line followed by ``:number``."""

    kind: ProblemKind
    where: str
    message: str

    @property
    def harmless(self) -> bool:
        """Whether it is a leftover of an interrupted run that affects no capture."""
        return self.kind in _HARMLESS


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """Result of a verification. ``head`` is the hash of the last line, to be compared with one kept elsewhere."""

    captures: int
    bodies: int
    size: int
    head: str
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether everything captured is unchanged."""
        return all(problem.harmless for problem in self.problems)


@dataclass(slots=True)
class _Chain:
    """The state of following the chain, and the captured size of each body."""

    head: str | None = None
    lines: int = 0
    sizes: dict[str, tuple[int, str]] = field(default_factory=dict)


def blob_path(root: Path, sha256: str) -> Path:
    """Return the path of the body of that hash; raises ``EvidenceError`` where it is no hash."""
    if not SHA256.fullmatch(sha256):
        raise EvidenceError(message("evidence.no_sha256", sha256=sha256))
    return root / "blobs" / sha256[:2] / sha256[2:4] / sha256


def verify_path(path: Path) -> VerifyReport:
    """Verify a store's directory, or one capture file with the bodies it names where these are next to it.

    The first line of a single file refers to the file before it, so only the links inside are checked. Raises
    ``ConfigError`` where the path is neither, ``EvidenceError`` where it cannot be read.
    """
    try:
        if path.is_file() and path.suffix == ".jsonl":
            root = path.resolve().parent.parent
            return _verify(root, [path], _Chain(), whole=False, bodies=(root / "blobs").is_dir())
        if (path / "captures").is_dir():
            return _verify(path, capture_files(path / "captures"), _Chain(head=GENESIS), whole=True, bodies=True)
    except OSError as error:
        raise EvidenceError(message("evidence.unreadable", path=error.filename, reason=os_reason(error))) from error
    raise ConfigError(message("evidence.no_store", path=path))


def _verify(root: Path, files: list[Path], chain: _Chain, *, whole: bool, bodies: bool) -> VerifyReport:
    problems: list[Problem] = []
    for position, path in enumerate(files):
        problems.extend(_check_lines(path, chain, last=position == len(files) - 1))
    count = size = 0
    if bodies:
        kept = dict(_bodies(root / "blobs", problems)) if whole else _named_bodies(root, chain)
        for sha256, body in sorted(kept.items()):
            count += 1
            size += body.stat().st_size
            problems.extend(_check_body(body, sha256, chain.sizes.get(sha256)))
        problems.extend(
            Problem(
                kind=ProblemKind.MISSING,
                where=str(blob_path(root, sha256)),
                message=message("evidence.body_gone", where=where),
            )
            for sha256, (_, where) in sorted(chain.sizes.items())
            if sha256 not in kept
        )
    return VerifyReport(
        captures=chain.lines, bodies=count, size=size, head=chain.head or GENESIS, problems=tuple(problems)
    )


def _check_lines(path: Path, chain: _Chain, *, last: bool) -> Iterator[Problem]:
    for number, raw in enumerate(read_lines(path), start=1):
        where = f"{path}:{number}"
        if not raw.endswith(b"\n"):
            kind = ProblemKind.TORN if last else ProblemKind.CHAIN
            yield Problem(kind=kind, where=where, message=message("evidence.unfinished"))
            return
        line = raw[:-1]
        try:
            capture = read_capture(line)
        except ValueError as error:
            yield Problem(
                kind=ProblemKind.UNREADABLE, where=where, message=message("evidence.not_as_written", error=error)
            )
            chain.head = line_hash(line)
            continue
        if chain.head is not None and capture.previous != chain.head:
            problem = message("evidence.chain")
            yield Problem(kind=ProblemKind.CHAIN, where=where, message=problem)
        known = chain.sizes.setdefault(capture.sha256, (capture.size, where))
        if known[0] != capture.size:
            problem = message(
                "evidence.sizes_differ",
                sha256=capture.sha256,
                size=capture.size,
                other_size=known[0],
                other_file=known[1],
            )
            yield Problem(kind=ProblemKind.CHAIN, where=where, message=problem)
        chain.head = line_hash(line)
        chain.lines += 1


def _bodies(directory: Path, problems: list[Problem]) -> Iterator[tuple[str, Path]]:
    """Yield every body by the hash in its name; a file with another path is added to ``problems``."""
    for path in sorted(directory.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        name = path.name
        placed = bool(SHA256.fullmatch(name)) and path == directory / name[:2] / name[2:4] / name
        if placed and path.is_file() and not path.is_symlink():
            yield name, path
        else:
            problems.append(Problem(kind=ProblemKind.EXTRA, where=str(path), message=message("evidence.misplaced")))


def _named_bodies(root: Path, chain: _Chain) -> Mapping[str, Path]:
    paths = {sha256: blob_path(root, sha256) for sha256 in chain.sizes}
    return {sha256: path for sha256, path in paths.items() if path.is_file()}


def _check_body(path: Path, sha256: str, captured: tuple[int, str] | None) -> Iterator[Problem]:
    with path.open("rb") as stream:
        actual = hashlib.file_digest(stream, "sha256").hexdigest()
    if actual != sha256:
        yield Problem(kind=ProblemKind.CHANGED, where=str(path), message=message("evidence.sha256_now", actual=actual))
    elif captured is None:
        yield Problem(kind=ProblemKind.UNREFERENCED, where=str(path), message=message("evidence.unknown_body"))
    elif captured[0] != path.stat().st_size:
        problem = message("evidence.size_now", file=captured[1], size=captured[0], actual=path.stat().st_size)
        yield Problem(kind=ProblemKind.CHANGED, where=str(path), message=problem)
