"""What an operator's machine may do to an installation: each command says it in one sentence and ends with 2."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli.command import CommandResult, clean_environment

from ipwatch.store.session import upgrade

ROOT = os.geteuid() == 0
# Root passes over the modes of files by two capabilities; without them they hold for it as for anybody.
BOUND = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if ROOT else ()
MANY = Path(__file__).with_name("many_commands.py")
WATCHLISTS = Path(__file__).resolve().parents[2] / "watchlists"

COMMANDS = {
    "run": ("run",),
    "serve": ("serve",),
    "up": ("up",),
    "db upgrade": ("db", "upgrade"),
    "db check": ("db", "check"),
    "report build": ("report", "build", "--from", "2026-10-01", "--to", "2026-10-31", "--out", "{root}/out"),
    "user add": ("user", "add", "hanako", "--password", "correct horse battery"),
    "demo": ("demo", "--once", "--listings", "10", "--data-dir", "{data}"),
    "watchlist try": ("watchlist", "try", "imabari-towel"),
    "backup": ("backup", "{root}/backups"),
}
READING = {"db check", "report build", "watchlist try", "backup"}


@dataclass
class FaultyInstallation:
    """An installation with a fault; ``named`` is the path that the message must name."""

    root: Path
    data: Path
    named: Path
    readable: bool = False


def upgraded(data: Path) -> Path:
    data.mkdir(parents=True, exist_ok=True)
    upgrade(f"sqlite:///{data / 'ipwatch.db'}")
    return data / "ipwatch.db"


def a_file_in_its_place(root: Path) -> FaultyInstallation:
    (root / "data").write_text("a letter")
    return FaultyInstallation(root, root / "data", root / "data")


def a_file_in_the_place_of_its_parent(root: Path) -> FaultyInstallation:
    (root / "up").write_text("a letter")
    return FaultyInstallation(root, root / "up" / "data", root / "up")


def a_parent_that_cannot_be_entered(root: Path) -> FaultyInstallation:
    upgraded(root / "closed" / "data")
    (root / "closed").chmod(0)
    return FaultyInstallation(root, root / "closed" / "data", root / "closed" / "data")


def a_directory_that_cannot_be_written(root: Path) -> FaultyInstallation:
    upgraded(root / "data")
    (root / "data").chmod(0o500)
    return FaultyInstallation(root, root / "data", root / "data")


def a_database_file_that_cannot_be_written(root: Path) -> FaultyInstallation:
    file = upgraded(root / "data")
    file.chmod(0o400)
    return FaultyInstallation(root, root / "data", file, readable=True)


def a_database_file_that_cannot_be_read(root: Path) -> FaultyInstallation:
    file = upgraded(root / "data")
    file.chmod(0)
    return FaultyInstallation(root, root / "data", file)


def a_file_that_is_no_database(root: Path) -> FaultyInstallation:
    file = root / "data" / "ipwatch.db"
    file.parent.mkdir()
    file.write_text("Dear Sir or Madam, " * 1000)
    return FaultyInstallation(root, root / "data", file)


def a_database_whose_pages_are_damaged(root: Path) -> FaultyInstallation:
    file = upgraded(root / "data")
    whole = bytearray(file.read_bytes())
    whole[100:20_000] = b"\xaa" * (20_000 - 100)
    file.write_bytes(whole)
    return FaultyInstallation(root, root / "data", file)


def a_database_of_a_newer_version(root: Path) -> FaultyInstallation:
    file = upgraded(root / "data")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
        connection.commit()
    return FaultyInstallation(root, root / "data", file)


CONDITIONS = (
    a_file_in_its_place,
    a_file_in_the_place_of_its_parent,
    a_parent_that_cannot_be_entered,
    a_directory_that_cannot_be_written,
    a_database_file_that_cannot_be_written,
    a_database_file_that_cannot_be_read,
    a_file_that_is_no_database,
    a_database_whose_pages_are_damaged,
    a_database_of_a_newer_version,
)


def outcomes(installations: Sequence[FaultyInstallation]) -> list[dict[str, CommandResult]]:
    """Run every command on each, as an account that file modes hold for, and return the result of each."""
    runs = [
        (installation, name, [part.format(root=installation.root, data=installation.data) for part in command])
        for installation in installations
        for name, command in COMMANDS.items()
    ]
    done = subprocess.run(  # noqa: S603 - our own program
        [*BOUND, sys.executable, str(MANY)],
        input=json.dumps(
            [
                (str(installation.root), {"IPWATCH_DATA_DIR": str(installation.data)}, line)
                for installation, _, line in runs
            ]
        ).encode(),
        capture_output=True,
        env=clean_environment(
            IPWATCH_WATCHLIST_DIR=str(WATCHLISTS),
            IPWATCH_WEB_PORT="0",
            IPWATCH_SOURCES__JPO__BASE_URLS='["http://jpo.localhost:9"]',
        ),
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    results: list[dict[str, CommandResult]] = []
    for (_, name, _), (code, out, err, unhandled) in zip(runs, json.loads(done.stdout), strict=True):
        assert unhandled is None, f"{name}: {unhandled}"
        if not results or name in results[-1]:
            results.append({})
        results[-1][name] = CommandResult(code, out, err)
    return results


@contextmanager
def reopened(root: Path) -> Iterator[Path]:
    """Yield a new directory, and open at the end what was closed below it."""
    root.mkdir()
    try:
        yield root
    finally:
        for path in (root, root / "closed", root / "data"):
            if path.is_dir():
                path.chmod(0o700)


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """What is wrong with the commands on an installation of each condition; they run in one process."""
    with ExitStack() as stack:
        top = tmp_path_factory.mktemp("unusable")
        faulty = [condition(stack.enter_context(reopened(top / condition.__name__))) for condition in CONDITIONS]
        yield {
            condition.__name__: wrong_of(results, installation)
            for condition, installation, results in zip(CONDITIONS, faulty, outcomes(faulty), strict=True)
        }


def wrong(result: CommandResult, installation: FaultyInstallation, name: str) -> str | None:
    """Return how the result of a command differs from the expected one, or ``None``."""
    if installation.readable and name in {*READING, "db upgrade"}:
        # There is nothing to write: the schema is this version's.
        return None if result.code == 0 else f"{name} ended with {result.code}: {result.err}"
    if (
        name in READING
        and not installation.data.exists()
        and result.code == 1
        and "run: ipwatch db upgrade" in result.err
    ):
        return None
    # click puts the usage before what is wrong with an argument.
    lines = result.err.partition("\n\nError: ")[2].splitlines() or result.err.strip().splitlines()
    if (result.code, result.out, len(lines)) == (2, "", 1) and str(installation.named) in result.err:
        return None
    return f"{name} ended with {result.code}: {result.out}{result.err}"


def wrong_of(results: Mapping[str, CommandResult], installation: FaultyInstallation) -> list[str]:
    """Return how the results differ from the expected ones."""
    differences = (wrong(result, installation, name) for name, result in results.items())
    return [difference for difference in differences if difference is not None]


@pytest.mark.parametrize("condition", [condition.__name__ for condition in CONDITIONS])
def test_every_command_says_in_one_sentence_why_it_cannot_use_the_installation(
    failures: dict[str, list[str]], condition: str
) -> None:
    assert failures[condition] == []


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB, on which nothing is left."""
    mount = tmp_path / "disk"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(mount)], check=True)  # noqa: S603, S607 - a tmpfs
    try:
        yield mount
    finally:
        subprocess.run(["umount", str(mount)], check=True)  # noqa: S603, S607 - as above


def fill(mount: Path) -> None:
    with (mount / "rest").open("wb", buffering=0) as rest, suppress(OSError):
        while True:
            rest.write(bytes(4096))


@pytest.mark.skipif(not ROOT, reason="only root may mount a small file system")
@pytest.mark.parametrize("there", [True, False], ids=["with a database", "empty"])
def test_a_full_disk_is_reported_with_the_path(tmp_path: Path, full_disk: Path, *, there: bool) -> None:
    data = full_disk / "data"
    if there:
        upgraded(data)
    fill(full_disk)
    installation = FaultyInstallation(tmp_path, data, data)
    (results,) = outcomes([installation])
    assert wrong_of(results, installation) == []
