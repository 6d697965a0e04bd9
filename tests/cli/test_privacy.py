"""What an installation keeps is open to its owner alone, whatever the umask, and also what earlier versions left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.command import PROGRAM, SECONDS, clean_environment
from extracted_once import shared_by
from installations import market_of, small_world, write_watchlists
from made_once import memory_of

from ipwatch.bootstrap import close_to_others, make_data_dir
from ipwatch.sandbox.installation import settings_for


def open_to_others(top: Path) -> list[str]:
    return sorted(
        f"{path.relative_to(top)} {path.lstat().st_mode & 0o777:o}"
        for path in (top, *top.rglob("*"))
        if path.lstat().st_mode & 0o077
    )


def test_everything_a_run_writes_is_closed_whatever_the_umask(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = small_world()
    write_watchlists(world, tmp_path / "watchlists")
    data = tmp_path / "data"
    memory = memory_of(tmp_path_factory)
    with market_of(world, memory) as sandbox:
        settings = settings_for(sandbox, data, tmp_path / "watchlists", sources=("shopify", "jpo"))
        environment = clean_environment(**settings.as_environment(), **shared_by(memory))
        # Another connection keeps the log of the database in place.
        holding = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM run'); input()"
        first = subprocess.run(  # noqa: S603 - our own program
            [str(PROGRAM), "run"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            umask=0,
        )
        assert first.returncode in {0, 3}, first.stderr
        reader = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", holding, str(data / "ipwatch.db")], stdin=subprocess.PIPE, umask=0
        )
        try:
            again = subprocess.run(  # noqa: S603 - our own program
                [str(PROGRAM), "run", "--source", "shopify"],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                timeout=SECONDS,
                check=False,
                umask=0,
            )
            assert again.returncode in {0, 3}, again.stderr
            names = {path.name for path in data.iterdir()}
            assert {"ipwatch.db", "ipwatch.db-wal", "evidence", "spool", "locks"} <= names
            assert open_to_others(data) == []
        finally:
            reader.communicate(b"\n")


def test_what_an_earlier_version_left_open_is_closed_by_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = clean_environment(IPWATCH_DATA_DIR=str(data))
    subprocess.run([str(PROGRAM), "db", "upgrade"], cwd=tmp_path, env=environment, check=True)  # noqa: S603 - our own
    for name in ("evidence/blobs/ab/cd", "evidence/captures", "logs", "prefect/storage", "reports"):
        (data / name).mkdir(parents=True)
    for name in ("evidence/blobs/ab/cd/body", "evidence/captures/2026-11-22.jsonl", "logs/worker.log"):
        (data / name).write_text("as it was")
    for path in data.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (data / "evidence/blobs/ab/cd/body").chmod(0o444)
    data.chmod(0o755)
    subprocess.run([str(PROGRAM), "db", "upgrade"], cwd=tmp_path, env=environment, check=True)  # noqa: S603 - our own
    assert open_to_others(data) == []
    assert (data / "evidence/blobs/ab/cd/body").stat().st_mode & 0o777 == 0o400


def test_a_directory_that_holds_other_things_too_is_left_as_it_is(tmp_path: Path) -> None:
    """Where the working directory is the data directory, only what is ours in it is closed."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    (shared / "letter.txt").write_text("not ours")
    (shared / "letter.txt").chmod(0o644)
    (shared / "evidence").mkdir()
    before = Path.cwd()
    os.chdir(shared)
    try:
        make_data_dir(shared)
        close_to_others(shared)
    finally:
        os.chdir(before)
    assert open_to_others(shared) == [". 755", "letter.txt 644"]
