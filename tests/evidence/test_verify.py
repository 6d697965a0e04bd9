"""Whatever is done to a store afterwards is found and named."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from ipwatch.cli.evidence import evidence
from ipwatch.errors import ConfigError
from ipwatch.evidence import Capture, EvidenceStore, verify_path

Keep = Callable[..., Capture]


@pytest.fixture
def store(root: Path, keep: Keep) -> EvidenceStore:
    filled = EvidenceStore(root)
    with filled.batch():
        for number in range(12):
            keep(
                filled,
                f"body {number % 8} 今治".encode() * 40,
                fetched_at=datetime(2026, 1, 1 + number // 4, tzinfo=UTC),
            )
    return filled


def kinds(store: EvidenceStore) -> set[str]:
    return {problem.kind.value for problem in store.verify().problems}


def bodies(store: EvidenceStore) -> list[Path]:
    return sorted(path for path in (store.root / "blobs").rglob("*") if path.is_file())


def test_an_untouched_store_is_whole(store: EvidenceStore) -> None:
    report = store.verify()
    assert report.problems == ()
    assert (report.ok, report.captures, report.bodies) == (True, 12, 8)
    assert report.size == sum(path.stat().st_size for path in bodies(store))


def test_every_flipped_bit_is_found(store: EvidenceStore) -> None:
    dice = random.Random(5)  # noqa: S311 - which bit is flipped must be the same in every run
    files = [*bodies(store), *sorted((store.root / "captures").iterdir())]
    for _ in range(400):
        path = dice.choice(files)
        path.chmod(0o644)
        before = path.read_bytes()
        changed = bytearray(before)
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        path.write_bytes(changed)
        report = store.verify()
        # The last byte of the newest file is its line feed: without it the line looks like that of a killed run.
        assert not report.ok or any(problem.kind == "torn" for problem in report.problems)
        assert any(
            str(path) in f"{problem.where} {problem.message}" or problem.kind in {"chain", "missing"}
            for problem in report.problems
        )
        path.write_bytes(before)
    assert store.verify().problems == ()


@pytest.mark.parametrize("edit", ["drop", "swap", "repeat", "rewrite", "drop_file", "reformat"])
def test_a_changed_history_breaks_the_chain(edit: str, store: EvidenceStore) -> None:
    path = store.root / "captures" / "2026-01-02.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    match edit:
        case "drop":
            del lines[1]
        case "swap":
            lines[1], lines[2] = lines[2], lines[1]
        case "repeat":
            lines.insert(1, lines[0])
        case "rewrite":
            lines[1] = lines[1].replace(b'"status":200', b'"status":404')
        case "reformat":
            lines[1] = json.dumps(json.loads(lines[1])).encode() + b"\n"
        case "drop_file":
            lines = []
    path.write_bytes(b"".join(lines))
    assert not store.verify().ok
    assert kinds(store) & {"chain", "unreadable"}


def test_a_removed_body_is_missing_and_named(store: EvidenceStore) -> None:
    gone = bodies(store)[3]
    gone.unlink()
    (problem,) = store.verify().problems
    assert (problem.kind, problem.where) == ("missing", str(gone))
    assert "2026-01-0" in problem.message


def test_a_foreign_file_and_an_exchanged_body_are_named(store: EvidenceStore) -> None:
    first, second = bodies(store)[:2]
    stray = store.root / "blobs" / "notes.txt"
    stray.write_text("hello")
    first.unlink()
    first.symlink_to(second)
    assert {(problem.kind.value, problem.where) for problem in store.verify().problems} == {
        ("extra", str(stray)),
        ("extra", str(first)),
        ("missing", str(first)),
    }


def test_a_body_nobody_captured_does_no_harm(store: EvidenceStore, root: Path, keep: Keep) -> None:
    other = EvidenceStore(root)
    keep(other, b"later", fetched_at=datetime(2026, 1, 9, tzinfo=UTC))
    (root / "captures" / "2026-01-09.jsonl").unlink()
    assert kinds(store) == {"unreferenced"}
    assert store.verify().ok


def test_the_removal_of_the_last_lines_shows_in_the_head(store: EvidenceStore) -> None:
    before = store.verify().head
    path = store.root / "captures" / "2026-01-03.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert store.verify().head != before


def test_a_single_capture_file_is_checked_with_its_bodies(store: EvidenceStore, tmp_path: Path) -> None:
    path = store.root / "captures" / "2026-01-02.jsonl"
    assert verify_path(path).ok
    assert verify_path(path).captures == 4
    alone = tmp_path / "alone.jsonl"
    shutil.copy(path, alone)
    assert (verify_path(alone).ok, verify_path(alone).bodies) == (True, 0)
    for body in bodies(store):
        body.unlink()
    assert not verify_path(path).ok


def test_the_command_prints_problems_and_a_summary(store: EvidenceStore) -> None:
    whole = CliRunner().invoke(evidence, ["verify", str(store.root)])
    assert whole.exit_code == 0
    assert json.loads(whole.stdout) == {
        "ok": True,
        "captures": 12,
        "bodies": 8,
        "bytes": store.verify().size,
        "head": store.verify().head,
        "problems": 0,
    }
    gone = bodies(store)[0]
    gone.unlink()
    broken = CliRunner().invoke(evidence, ["verify", str(store.root)])
    problem, summary = map(json.loads, broken.stdout.splitlines())
    assert broken.exit_code == 1
    assert (problem["problem"], problem["where"], problem["harmless"]) == ("missing", str(gone), False)
    assert (summary["ok"], summary["problems"]) == (False, 1)


def test_what_is_no_evidence_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="neither"):
        verify_path(tmp_path)


def test_nonsense_in_a_line_is_unreadable_and_the_rest_is_checked(store: EvidenceStore) -> None:
    path = store.root / "captures" / "2026-01-03.jsonl"
    for nonsense in (b"[" * 100_000, b"null", b"{}", b"\xff\xfe", b'"x"', b""):
        before = path.read_bytes()
        path.write_bytes(before + nonsense + b"\n")
        report = store.verify()
        assert not report.ok
        assert report.captures == 12
        path.write_bytes(before)
