"""``ipwatch doctor``: each check in both states on real files, ports and packages, and the command itself."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from ipwatch.cli import main
from ipwatch.cli.doctor import machine, software, stored, watch
from ipwatch.cli.doctor.checks import CHECKS, inspect
from ipwatch.cli.doctor.findings import Finding, Inspected, State
from ipwatch.cli.doctor.states import STATES
from ipwatch.cli.language import language_of
from ipwatch.evidence import EvidenceStore
from ipwatch.records import Document, Request, RequestKind, SourceCondition
from ipwatch.settings import Settings, SourceSettings
from ipwatch.store import audit, captures, runs, sources
from ipwatch.store.session import Database
from ipwatch.terms import KEYS

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
SHOP = {"webshop": SourceSettings(base_urls=("http://127.0.0.1:9",))}


def looked_at(data_dir: Path, *, now: datetime = NOW, project: Path = ROOT, **settings: object) -> Inspected:
    chosen = Settings(data_dir=data_dir, **{"sources": SHOP, "web_port": 0, **settings})  # type: ignore[arg-type]
    return Inspected(chosen, now=now, project=project, environment=os.environ, port=None)


def keys(findings: Iterator[Finding]) -> list[str]:
    return [finding.key for finding in findings]


@pytest.fixture
def data_dir(tmp_path: Path, sqlite_template: Path) -> Path:
    """A data directory with an empty database."""
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    shutil.copy(sqlite_template, directory / "ipwatch.db")
    (directory / "ipwatch.db").chmod(0o600)
    return directory


def database_of(directory: Path) -> Database:
    return Database(f"sqlite:///{directory / 'ipwatch.db'}")


# --- the list ---------------------------------------------------------------------------------------------------------


def test_every_finding_has_words_and_every_fault_its_fix() -> None:
    words = {key.removeprefix("doctor.") for key in KEYS if key.startswith("doctor.")}
    assert {key for key in words if not key.endswith(".fix")} == STATES.keys()
    assert {key.removesuffix(".fix") for key in words if key.endswith(".fix")} <= STATES.keys()
    for key, state in STATES.items():
        assert state is not State.WRONG or f"{key}.fix" in words, key


def test_every_message_can_be_reported_by_a_check_and_no_other_is() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "ipwatch" / "cli" / "doctor").glob("*.py"))
    literals = set(re.findall(r'"((?:[a-z_]+)\.(?:[a-z_]+))"', code.replace("\n", " ")))
    # Those of a source are made from its condition.
    made = {f"sources.{condition.value}" for condition in SourceCondition if condition is not SourceCondition.OK}
    files = {"pyproject.toml"}
    assert (literals - files) | made | {"unchecked"} == STATES.keys()


def test_the_table_of_the_documents_is_the_list() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = page.partition("## Doctor")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE) == [check.name for check in CHECKS]


# --- what is stored ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pages", "key"), [(range(1, 2), "damaged"), (range(20, 40), "unusable")])
def test_a_damaged_database_is_found(data_dir: Path, pages: range, key: str) -> None:
    inspected = looked_at(data_dir)
    assert keys(stored.look_at_database(inspected)) == ["database.ok"]
    assert keys(stored.look_at_database(looked_at(data_dir / "none"))) == ["database.none"]
    with closing(sqlite3.connect(data_dir / "ipwatch.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (data_dir / "ipwatch.db").open("r+b") as file:
        for page in pages:
            file.seek(4096 * page)
            file.write(b"\xff" * 2048)
    reported = keys(stored.look_at_database(looked_at(data_dir)))
    assert set(reported) == {f"database.{key}"}


def test_a_file_that_is_no_database_is_a_fault_and_no_traceback(data_dir: Path) -> None:
    (data_dir / "ipwatch.db").write_bytes(b"no database at all" * 1000)
    keys_by_check = {name: finding.key for name, finding in inspect(looked_at(data_dir))}
    assert {keys_by_check["database"], keys_by_check["schema"], keys_by_check["audit"], keys_by_check["sources"]} <= {
        "database.unusable",
        "schema.differs",
        "unchecked",
    }
    assert keys_by_check["versions"] in {"versions.ok", "versions.untested"}


def test_a_database_of_another_version_is_found(data_dir: Path) -> None:
    assert keys(stored.look_at_schema(looked_at(data_dir))) == ["schema.ok"]
    with closing(sqlite3.connect(data_dir / "ipwatch.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '99999999'")
        connection.commit()
    assert keys(stored.look_at_schema(looked_at(data_dir))) == ["schema.differs"]


def test_a_changed_event_of_the_audit_trail_is_found(data_dir: Path) -> None:
    database = database_of(data_dir)
    with database.write_session() as session:
        for number in range(3):
            audit.append(session, actor="taro", action="tried", target=str(number), detail={}, now=NOW)
    database.dispose()
    assert keys(stored.look_at_audit(looked_at(data_dir))) == ["audit.ok"]
    with closing(sqlite3.connect(data_dir / "ipwatch.db")) as connection:
        connection.execute("DROP TRIGGER IF EXISTS audit_event_no_update")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE audit_event SET actor = 'jiro' WHERE target = '1'")
        connection.commit()
    assert set(keys(stored.look_at_audit(looked_at(data_dir)))) == {"audit.broken"}


def test_the_sqlite_in_use_is_judged_and_none_where_none_is(data_dir: Path) -> None:
    (key,) = keys(stored.look_at_sqlite(looked_at(data_dir)))
    newest = sqlite3.sqlite_version_info >= (3, 51, 3)
    assert key == ("sqlite.ok" if newest else "sqlite.may_lose_its_log")
    elsewhere = looked_at(data_dir, database_url="postgresql://user@127.0.0.1/name")
    assert keys(stored.look_at_sqlite(elsewhere)) == ["sqlite.not_used"]


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (None, "backup.none"),
        ({"path": "/backup", "made_at": (NOW - timedelta(days=2)).isoformat()}, "backup.ok"),
        ({"path": "/backup", "made_at": (NOW - timedelta(days=20)).isoformat()}, "backup.old"),
        ({"path": "/backup"}, "backup.unreadable"),
        ({"path": "/backup", "made_at": "2026-11-01T00:00:00"}, "backup.unreadable"),
        ([], "backup.unreadable"),
    ],
)
def test_the_age_of_the_last_backup_is_reported(data_dir: Path, record: object, key: str) -> None:
    if record is not None:
        (data_dir / stored.BACKUP_RECORD).write_text(json.dumps(record))
    assert keys(stored.look_at_backup(looked_at(data_dir))) == [key]


# --- sources ----------------------------------------------------------------------------------------------------------


def test_a_source_is_named_with_what_is_wrong_and_the_rest_with_why_it_is_not_read(data_dir: Path) -> None:
    database = database_of(data_dir)
    with database.write_session() as session:
        run = runs.start_run(session, kind="collect", source="webshop", now=NOW - timedelta(days=5))
        runs.finish_run(session, run, state="done", now=NOW - timedelta(days=5))
        sources.set_state(session, "webshop", "ok", run_id=run, now=NOW - timedelta(days=5))
        runs.start_run(session, kind="collect", source="shopify", now=NOW - timedelta(days=1))
        sources.set_state(session, "ebay", "blocked", message="403", now=NOW - timedelta(hours=1))
    database.dispose()
    chosen = {
        **SHOP,
        "shopify": SourceSettings(base_urls=("http://127.0.0.1:9",)),
        "ebay": SourceSettings(credentials={"client_id": SecretStr("x"), "client_secret": SecretStr("x")}),
        "jpo": SourceSettings(base_urls=("http://127.0.0.1:9",), enabled=False),
        "rakuten": SourceSettings(credentials={"application_id": SecretStr("x")}),
    }
    reported = [
        (finding.key, finding.arguments.get("source"))
        for finding in watch.look_at_sources(looked_at(data_dir, sources=chosen))
    ]
    assert ("sources.overdue", "webshop") in reported
    assert ("sources.cut_off", "shopify") in reported
    assert ("sources.paused", "ebay") in reported
    assert ("sources.wrong_settings", "rakuten") in reported
    assert [key for key, name in reported if name is None] == ["sources.not_configured", "sources.switched_off"]
    well = looked_at(data_dir, now=NOW - timedelta(days=5))
    assert keys(watch.look_at_sources(well))[0] == "sources.well"


def test_before_there_is_a_database_no_source_was_read(tmp_path: Path) -> None:
    assert keys(watch.look_at_sources(looked_at(tmp_path))) == ["sources.never", "sources.not_configured"]


# --- the machine ------------------------------------------------------------------------------------------------------


def test_a_file_that_others_may_read_is_found(data_dir: Path) -> None:
    assert keys(machine.look_at_modes(looked_at(data_dir))) == ["modes.ok"]
    data_dir.chmod(0o711)
    (data_dir / "ipwatch.db").chmod(0o644)
    (finding,) = machine.look_at_modes(looked_at(data_dir))
    assert (finding.key, finding.arguments["count"]) == ("modes.open", 2)
    # Nobody gets into a closed folder.
    data_dir.chmod(0o700)
    assert keys(machine.look_at_modes(looked_at(data_dir))) == ["modes.ok"]


def test_a_disk_that_cannot_hold_a_week_is_found(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys(machine.look_at_disk(looked_at(data_dir))) == ["disk.ok"]
    assert keys(machine.look_at_disk(looked_at(data_dir / "not" / "there"))) == ["disk.ok"]
    free = shutil.disk_usage(data_dir).free
    database = database_of(data_dir)
    with database.write_session() as session:
        for number, age in enumerate((1, 2, 30)):
            document = _document(number, fetched_at=NOW - timedelta(days=age), size=free)
            captures.add_capture(session, document, run_id=None)
    measured = _measured(database)
    database.dispose()
    assert (measured.total, measured.recent, measured.new_bytes) == (3, 2, 2 * free)
    assert keys(machine.look_at_disk(looked_at(data_dir))) == ["disk.full"]
    monkeypatch.setattr(machine, "MIN_FREE", free * 2)
    assert keys(machine.look_at_disk(looked_at(data_dir / "new"))) == ["disk.full"]


def _measured(database: Database) -> captures.Growth:
    with database.read_session() as session:
        return captures.growth(session, since=NOW - timedelta(days=7))


def _document(
    number: int, *, fetched_at: datetime, size: int = 1, headers: tuple[tuple[str, str], ...] = ()
) -> Document:
    content = str(number).encode()
    return Document(
        source="webshop",
        kind=RequestKind.PAGE,
        url=f"https://shop-{number}.example/",
        final_url=f"https://shop-{number}.example/",
        status=200,
        headers=headers,
        fetched_at=fetched_at,
        sha256=hashlib.sha256(content).hexdigest(),
        size=size,
        content=content,
    )


@pytest.mark.parametrize(
    ("offsets", "key"),
    [
        ((), "clock.unknown"),
        ((0, 1, 2), "clock.ok"),
        ((0, 0, 9000), "clock.ok"),
        ((600, 601, 602), "clock.ahead"),
        ((-600, -601, -602), "clock.behind"),
    ],
)
def test_the_clock_is_compared_with_the_hosts_that_were_read(
    data_dir: Path, offsets: tuple[int, ...], key: str
) -> None:
    store = EvidenceStore(data_dir / "evidence")
    for number, seconds in enumerate(offsets):
        fetched_at = NOW - timedelta(hours=1)
        sent = format_datetime(fetched_at - timedelta(seconds=seconds + 30), usegmt=True)
        document = _document(number, fetched_at=fetched_at, headers=(("Date", sent), ("Age", "30")))
        request = Request(source="webshop", url=document.url, kind=RequestKind.PAGE)
        store.put(document, request=request, request_headers=(), remote_address=None)
    assert keys(machine.look_at_clock(looked_at(data_dir))) == [key]
    assert keys(machine.look_at_clock(looked_at(data_dir, now=NOW + timedelta(days=30)))) == ["clock.unknown"]


def test_a_port_that_another_program_has_is_found(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(data_dir=data_dir, web_port=port)
        inspected = Inspected(settings, now=NOW, project=ROOT, environment=os.environ, port=port)
        machine_ports = _ports_in_a_hurry(inspected)
    assert machine_ports == ["ports.web_taken", "ports.prefect_taken"]
    assert keys(machine.look_at_ports(inspected)) == ["ports.web_free", "ports.prefect_free"]
    assert keys(machine.look_at_ports(looked_at(data_dir)))[0] == "ports.web_any"


def _ports_in_a_hurry(inspected: Inspected) -> list[str]:
    """The program that has the port takes the connection and never answers."""
    before, machine._ANSWER_SECONDS = machine._ANSWER_SECONDS, 1
    try:
        return keys(machine.look_at_ports(inspected))
    finally:
        machine._ANSWER_SECONDS = before


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_a_credential_in_a_file_that_all_may_read_is_found(data_dir: Path, tmp_path: Path, mode: int) -> None:
    project = tmp_path / "project"
    project.mkdir()
    secret = {"uspto": SourceSettings(credentials={"api_key": SecretStr("canary-0815-secret")})}
    assert keys(machine.look_at_secrets(looked_at(data_dir, project=project))) == ["secrets.none"]
    inspected = looked_at(data_dir, project=project, sources=secret)
    assert keys(machine.look_at_secrets(inspected)) == ["secrets.ok"]
    (project / ".env").write_text("IPWATCH_SOURCES__USPTO__CREDENTIALS__API_KEY=canary-0815-secret\n")
    (project / ".env").chmod(mode)
    (finding,) = machine.look_at_secrets(inspected)
    assert finding.key == ("secrets.open" if mode == 0o644 else "secrets.ok")
    assert "canary" not in " ".join(map(str, finding.arguments.values()))


# --- the software -----------------------------------------------------------------------------------------------------


def _pretend_installed(folder: Path, name: str, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the metadata of a version before that of the installed one."""
    metadata = folder / f"{name}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    monkeypatch.syspath_prepend(folder)


def test_the_versions_that_are_installed_are_those_that_are_declared(data_dir: Path) -> None:
    assert keys(software.look_at_versions(looked_at(data_dir))) in (["versions.ok"], ["versions.untested"])


@pytest.mark.parametrize(("name", "version"), [("prefect", "3.8.8"), ("whenever", "0.10.5"), ("SQLAlchemy", "2.0.1")])
def test_a_version_with_which_nothing_is_scheduled_is_found(
    data_dir: Path, tmp_path: Path, name: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend_installed(tmp_path, name, version, monkeypatch)
    findings = list(software.look_at_versions(looked_at(data_dir)))
    assert "versions.outside" in [finding.key for finding in findings]
    assert version in [finding.arguments.get("version") for finding in findings]


def test_a_version_that_was_not_tested_is_noted(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend_installed(tmp_path, "click", "8.99.0", monkeypatch)
    findings = list(software.look_at_versions(looked_at(data_dir)))
    assert [finding.key for finding in findings] == ["versions.untested"]
    assert "click 8.99.0 (not ==" in str(findings[0].arguments["packages"])


def test_what_is_not_installed_is_named(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    assert set(keys(software.look_at_versions(looked_at(data_dir)))) == {"versions.missing"}
    assert keys(software.look_at_extras(looked_at(data_dir))) == ["extras.absent"]


def test_a_browser_and_a_font_are_looked_for(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inspected = looked_at(data_dir)
    without = Inspected(inspected.settings, now=NOW, project=ROOT, environment={"PATH": str(tmp_path)}, port=None)
    assert keys(software.look_at_browser(without)) == ["browser.none"]
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    assert keys(software.look_at_browser(without)) == ["browser.ok"]
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    browser.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(software, "_FONT_FOLDERS", (str(fonts),))
    assert keys(software.look_at_fonts(inspected)) == ["fonts.none"]
    (fonts / "NotoSansCJK-Regular.ttc").write_bytes(b"")
    assert keys(software.look_at_fonts(inspected)) == ["fonts.ok"]


# --- the command ------------------------------------------------------------------------------------------------------


def doctor(data_dir: Path, *args: str, **environment: str) -> Result:
    values = {"IPWATCH_DATA_DIR": str(data_dir), "IPWATCH_WEB_PORT": "0", "LANG": "C", "LC_ALL": "", **environment}
    return CliRunner().invoke(main, ["doctor", "--project", str(ROOT), *args], env=values)


def test_a_new_installation_has_notes_and_no_fault(tmp_path: Path) -> None:
    result = doctor(tmp_path / "data")
    assert result.exit_code == 0, result.output
    assert "WRONG" not in result.stdout
    assert {line.split()[1] for line in result.stdout.splitlines() if line[0] != " "} >= {"database", "fonts", "ports"}
    assert "0 wrong" in result.stderr
    # It looked, and made nothing.
    assert not (tmp_path / "data").exists()


def test_a_fault_ends_with_1_and_each_line_is_an_object_with_its_fix(data_dir: Path) -> None:
    (data_dir / "ipwatch.db").chmod(0o644)
    data_dir.chmod(0o755)
    result = doctor(data_dir, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert {row["check"] for row in rows} == {check.name for check in CHECKS}
    assert all(set(row) == {"check", "state", "finding", "message", "fix", "values"} for row in rows)
    assert all(row["fix"] for row in rows if row["state"] == "wrong")
    (modes,) = [row for row in rows if row["check"] == "modes"]
    assert (modes["state"], modes["values"]["count"]) == ("wrong", "2")
    assert modes["fix"] == "to close them: ipwatch db upgrade"


def test_it_speaks_the_language_of_the_locale_or_the_one_that_is_asked_for(tmp_path: Path) -> None:
    assert "注意" in doctor(tmp_path, LANG="ja_JP.UTF-8").stdout
    assert "注意" in doctor(tmp_path, "--lang", "ja").stdout
    assert "注意" not in doctor(tmp_path, "--lang", "en", LANG="ja_JP.UTF-8").stdout
    assert language_of({"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}) == "en"
    assert language_of({"LC_ALL": "", "LC_MESSAGES": "ja_JP", "LANG": "C"}) == "ja"
    assert language_of({}) == "en"
