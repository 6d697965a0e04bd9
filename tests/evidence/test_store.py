"""A body is stored once, read-only and in a hash chain; only an incomplete last line is repaired."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ipwatch.errors import EvidenceError
from ipwatch.evidence import Capture, EvidenceStore

Keep = Callable[..., Capture]


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def day_file(root: Path, day: str = "2026-01-05") -> Path:
    return root / "captures" / f"{day}.jsonl"


def test_a_body_is_kept_once_and_each_capture_is_a_line(root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    first = keep(store, b"one")
    second = keep(store, b"one", fetched_at=datetime(2026, 1, 5, 13, tzinfo=UTC))
    assert store.captures(sha(b"one")) == [first, second]
    assert store.read(sha(b"one")) == b"one"
    path = store.path(sha(b"one"))
    digest = sha(b"one")
    assert path == root / "blobs" / digest[:2] / digest[2:4] / digest
    assert path.stat().st_mode & 0o777 == 0o400
    assert len([item for item in (root / "blobs").rglob("*") if item.is_file()]) == 1
    assert list((root / "tmp").iterdir()) == []


def test_a_line_describes_the_response_and_carries_no_secret(root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    keep(store, b"one")
    (line,) = day_file(root).read_text(encoding="utf-8").splitlines()
    values = json.loads(line)
    digest = values.pop("digest")
    assert digest == sha(json.dumps(values, sort_keys=True, separators=(",", ":")).encode())
    assert values == {
        "source": "shop",
        "kind": "page",
        "method": "GET",
        "url": "https://shop.example/items/1",
        "final_url": "https://shop.example/items/1",
        "status": 200,
        "request_headers": [["User-Agent", "ipwatch/1.0"]],
        "response_headers": [["Content-Type", "text/html"], ["Set-Cookie", "sid=[removed]; Path=/"]],
        "fetched_at": "2026-01-05T12:00:00+00:00",
        "sha256": sha(b"one"),
        "size": 3,
        "remote_address": "93.184.215.14",
        "from_cache": False,
        "previous": "0" * 64,
    }
    assert "s3cret" not in line


def test_each_line_names_the_one_before_it_across_days_and_openings(root: Path, keep: Keep) -> None:
    for day in (5, 6, 4):
        store = EvidenceStore(root)
        keep(store, b"x", fetched_at=datetime(2026, 1, day, tzinfo=UTC))
    lines = day_file(root).read_bytes().splitlines() + day_file(root, "2026-01-06").read_bytes().splitlines()
    previous = ["0" * 64] + [hashlib.sha256(line).hexdigest() for line in lines]
    assert [json.loads(line)["previous"] for line in lines] == previous[:-1]
    assert len(lines) == 3
    assert EvidenceStore(root).verify().ok


def test_a_batch_is_durable_at_its_end_even_when_it_fails(root: Path, keep: Keep) -> None:
    def fill(store: EvidenceStore) -> None:
        with store.batch():
            keep(store, b"one")
            keep(store, b"one")
            keep(store, b"two")
            assert store.captures(sha(b"one")) == []
            raise KeyError("parser")

    store = EvidenceStore(root)
    with pytest.raises(KeyError):
        fill(store)
    report = EvidenceStore(root).verify()
    assert (report.ok, report.captures, report.bodies, report.size) == (True, 3, 2, 6)


def test_a_large_body_comes_from_its_file(root: Path, keep: Keep, tmp_path: Path) -> None:
    spooled = tmp_path / "bulk"
    spooled.write_bytes(b"large" * 1000)
    store = EvidenceStore(root)
    capture = keep(store, b"large" * 1000, content=None, path=spooled)
    spooled.unlink()
    assert store.read(capture.sha256) == b"large" * 1000


def test_a_page_confirmed_by_its_host_is_a_capture_of_the_stored_body(root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    path = store.path(keep(store, b"one").sha256)
    again = keep(store, b"one", content=None, path=path, status=304, from_cache=True)
    assert (again.from_cache, again.status) == (True, 304)
    assert path.read_bytes() == b"one"
    assert EvidenceStore(root).verify().ok


def test_a_body_that_is_not_what_it_says_is_refused(root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    with pytest.raises(EvidenceError, match="hash"):
        keep(store, b"one", sha256=sha(b"two"))
    assert list((root / "tmp").iterdir()) == []


def test_a_changed_body_is_not_read(root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    path = store.path(keep(store, b"one").sha256)
    path.chmod(0o644)
    path.write_bytes(b"two")
    with pytest.raises(EvidenceError, match="not what was captured"):
        store.read(sha(b"one"))
    path.write_bytes(b"longer")
    with pytest.raises(EvidenceError, match="6 bytes"):
        keep(store, b"one")
    with pytest.raises(EvidenceError, match="cannot be read"):
        store.read(sha(b"never"))
    with pytest.raises(EvidenceError, match="no SHA-256"):
        store.path("../../etc/passwd")


def test_odd_text_survives_the_line(root: Path, keep: Keep) -> None:
    url = "https://shop.example/今治タオル\u2028\ud800\n"
    store = EvidenceStore(root)
    capture = keep(store, b"x", url=url)
    assert store.captures(sha(b"x")) == [capture]
    assert EvidenceStore(root).verify().ok


def test_a_writer_that_times_out_learns_the_process_it_waited_for(root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    with store.batch():
        other = EvidenceStore(root, patience=0.05)
        with pytest.raises(EvidenceError, match=rf"pid {os.getpid()}"):
            keep(other, b"two")
    keep(store, b"one")
    assert other.read(sha(b"one")) == b"one"


def test_writers_take_turns_and_keep_one_chain(root: Path, keep: Keep) -> None:
    stores = [EvidenceStore(root), EvidenceStore(root)]

    def write(number: int) -> None:
        for turn in range(5):
            keep(stores[number % 2], f"{number} {turn}".encode())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    report = EvidenceStore(root).verify()
    assert (report.ok, report.captures, report.problems) == (True, 20, ())


@pytest.mark.parametrize("cut", [1, 10, 100, 300])
def test_a_torn_last_line_is_cut_off_and_reported(cut: int, root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    keep(store, b"one")
    keep(store, b"two")
    path = day_file(root)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    torn = EvidenceStore(root).verify()
    assert torn.ok
    assert "torn" in {problem.kind for problem in torn.problems}
    store = EvidenceStore(root)
    keep(store, b"three")
    assert store.recovered is not None
    assert store.recovered.path == path
    assert store.recovered.dropped == len(whole.splitlines(keepends=True)[-1]) - cut
    report = EvidenceStore(root).verify()
    assert (report.ok, report.captures) == (True, 2)


def test_anything_but_a_torn_end_is_not_repaired(root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    keep(store, b"one")
    with day_file(root).open("ab") as file:
        file.write(b"not a capture\n")
    store = EvidenceStore(root)
    with pytest.raises(EvidenceError, match="no capture"):
        keep(store, b"two")
    day_file(root).unlink()
    (root / "captures" / "notes.jsonl").write_text("x")
    store = EvidenceStore(root)
    with pytest.raises(EvidenceError, match="named by its day"):
        keep(store, b"two")


def test_what_the_disk_refuses_is_an_evidence_error(tmp_path: Path, keep: Keep) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    store = EvidenceStore(blocked / "evidence")
    with pytest.raises(EvidenceError, match="cannot be kept"):
        keep(store, b"one")


def test_a_failed_batch_leaves_a_store_that_goes_on(root: Path, keep: Keep) -> None:
    store = EvidenceStore(root)
    keep(store, b"one")
    obstacle = store.path(sha(b"two")).parents[1]
    obstacle.write_text("in the way")
    with pytest.raises(EvidenceError, match="cannot be kept"):
        keep(store, b"two")
    obstacle.unlink()
    keep(store, b"two")
    report = EvidenceStore(root).verify()
    assert (report.ok, report.captures, report.bodies) == (True, 2, 2)


WRITER = """
import hashlib, sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from ipwatch.evidence import Capture, EvidenceStore

Keep = Callable[..., Capture]
from ipwatch.records import Document, Request, RequestKind
store = EvidenceStore(Path(sys.argv[1]))
number = 0
while True:
    with store.batch():
        done = []
        for _ in range(7):
            number += 1
            body = f"{sys.argv[2]} {number}".encode() * 500
            sha256 = hashlib.sha256(body).hexdigest()
            store.put(
                Document(source="s", kind=RequestKind.PAGE, url="u", final_url="u", status=200, headers=(),
                         fetched_at=datetime(2026, 1, 5, tzinfo=UTC), sha256=sha256, size=len(body), content=body),
                request=Request(source="s", url="u", kind=RequestKind.PAGE), request_headers=(), remote_address=None)
            done.append(sha256)
    print("\\n".join(done), flush=True)
"""


def test_nothing_that_was_kept_is_lost_by_a_kill(root: Path) -> None:
    promised: list[str] = []
    for run in range(6):
        with subprocess.Popen(  # noqa: S603 - our own interpreter with our own text
            [sys.executable, "-c", WRITER, str(root), str(run)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            promised += [process.stdout.readline().strip() for _ in range(7 * (1 + run * 3))]
            process.send_signal(signal.SIGKILL)
            # A line that the kill cut off promises nothing.
            promised += [line.strip() for line in process.stdout if len(line) == 65]
    store = EvidenceStore(root)
    with store.batch():
        pass
    report = EvidenceStore(root).verify()
    assert report.ok, report.problems
    assert {problem.kind for problem in report.problems} <= {"unreferenced"}
    assert report.captures >= len(promised)
    store = EvidenceStore(root)
    kept = {line["sha256"] for line in map(json.loads, day_file(root).read_text().splitlines())}
    assert set(promised) <= kept
    assert all(store.read(digest) for digest in promised)
