from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ipwatch.errors import EvidenceError
from ipwatch.evidence import Verdicts
from ipwatch.evidence.verify import ProblemKind, blob_path

BODY = b"as it was captured"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bodies that were read and hashed, by their file descriptor."""
    calls: list[int] = []
    whole: Callable[..., hashlib._Hash] = hashlib.file_digest

    def counted(body: object, digest: str) -> hashlib._Hash:
        calls.append(1)
        return whole(body, digest)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    return calls


def keep(root: Path, body: bytes = BODY) -> tuple[str, Path]:
    sha256 = hashlib.sha256(body).hexdigest()
    path = blob_path(root, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return sha256, path


def test_a_body_is_hashed_once_as_long_as_its_file_stays(tmp_path: Path, hashed: list[int]) -> None:
    sha256, _ = keep(tmp_path)
    verdicts = Verdicts(tmp_path)
    assert [verdicts.fault(sha256) for _ in range(5)] == [None] * 5
    assert len(hashed) == 1


def test_a_changed_byte_shows_also_where_size_and_time_are_set_back(tmp_path: Path, hashed: list[int]) -> None:
    sha256, path = keep(tmp_path)
    verdicts = Verdicts(tmp_path)
    assert verdicts.fault(sha256) is None
    before = path.stat()
    path.write_bytes(b"A" + BODY[1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert verdicts.fault(sha256) is ProblemKind.CHANGED
    assert verdicts.fault(sha256) is ProblemKind.CHANGED
    assert len(hashed) == 2
    path.write_bytes(BODY)
    assert verdicts.fault(sha256) is None


def test_a_body_put_in_place_of_another_is_hashed_again(tmp_path: Path) -> None:
    sha256, path = keep(tmp_path)
    verdicts = Verdicts(tmp_path)
    assert verdicts.fault(sha256) is None
    other = tmp_path / "other"
    other.write_bytes(BODY[::-1])
    other.rename(path)
    assert verdicts.fault(sha256) is ProblemKind.CHANGED


def test_a_missing_body_is_missing_until_it_is_there(tmp_path: Path) -> None:
    verdicts = Verdicts(tmp_path)
    sha256 = hashlib.sha256(BODY).hexdigest()
    assert verdicts.fault(sha256) is ProblemKind.MISSING
    keep(tmp_path)
    assert verdicts.fault(sha256) is None
    blob_path(tmp_path, sha256).unlink()
    blob_path(tmp_path, sha256).mkdir()
    assert verdicts.fault(sha256) is ProblemKind.MISSING
    with pytest.raises(EvidenceError):
        verdicts.fault("../../etc/passwd")


def test_those_who_ask_together_wait_for_one_hashing(tmp_path: Path, hashed: list[int]) -> None:
    sha256, _ = keep(tmp_path, BODY * 2_000_000)
    verdicts = Verdicts(tmp_path)
    results: list[ProblemKind | None] = []
    threads = [threading.Thread(target=lambda: results.append(verdicts.fault(sha256))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [None] * 8
    assert len(hashed) == 1


def test_only_so_many_verdicts_are_kept(tmp_path: Path, hashed: list[int]) -> None:
    verdicts = Verdicts(tmp_path, kept=2)
    bodies = [keep(tmp_path, bytes([number]))[0] for number in range(3)]
    for sha256 in (*bodies, bodies[2], bodies[0]):
        assert verdicts.fault(sha256) is None
    assert len(hashed) == 4
