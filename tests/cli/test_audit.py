from __future__ import annotations

from pathlib import Path

from cli.command import CommandResult, ipwatch
from sqlalchemy import text
from store_records import NOW

from ipwatch.store import audit
from ipwatch.store.session import Database, upgrade


def prepared(root: Path) -> Database:
    url = f"sqlite:///{root / '.ipwatch' / 'ipwatch.db'}"
    (root / ".ipwatch").mkdir()
    upgrade(url)
    database = Database(url)
    with database.write_session() as session:
        for number in range(5):
            audit.append(session, actor="白井", action="case.decided", target=f"case:{number}", detail={}, now=NOW)
    return database


def verify(root: Path, *args: str) -> CommandResult:
    return ipwatch("audit", "verify", *args, cwd=root)


def test_a_trail_is_verified_and_what_was_removed_is_found_by_a_head(tmp_path: Path) -> None:
    database = prepared(tmp_path)
    whole = verify(tmp_path)
    (row,) = whole.rows
    assert (whole.code, row["ok"], row["events"], row["last_event"], row["problems"]) == (0, True, 5, 5, 0)
    assert verify(tmp_path, "--head", row["head"].upper()).code == 0
    with database.write_session() as session:
        for table in ("audit_event", "audit_check"):
            session.execute(text(f"DROP TRIGGER {table}_delete_refused"))
        session.execute(text("DELETE FROM audit_event WHERE id = 5"))
        # Whoever removes events can remove what this database remembers of them.
        session.execute(text("DELETE FROM audit_check"))
    database.dispose()
    assert verify(tmp_path).code == 0
    cut = verify(tmp_path, "--head", row["head"])
    assert (cut.code, cut.rows[0]["ok"]) == (1, False)
    assert f"no audit event has the hash {row['head']}" in cut.err


def test_a_tampered_event_is_named(tmp_path: Path) -> None:
    database = prepared(tmp_path)
    with database.write_session() as session:
        session.execute(text("DROP TRIGGER audit_event_update_refused"))
        session.execute(text("UPDATE audit_event SET actor = 'another' WHERE id = 2"))
    database.dispose()
    result = verify(tmp_path)
    assert (result.code, result.rows[0]["problems"]) == (1, 1)
    assert "audit event 2: its content is not what was written" in result.err


def test_a_head_that_is_no_hash_is_refused(tmp_path: Path) -> None:
    prepared(tmp_path).dispose()
    result = verify(tmp_path, "--head", "12ab")
    assert (result.code, result.out) == (2, "")
    assert "this is no hash" in result.err


def test_a_common_password_is_refused(tmp_path: Path) -> None:
    result = ipwatch("user", "add", "shirai", "--display-name", "白井 花", "--password", "shirai-2026!!", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "among the first that are tried" in result.err
    assert "shirai-2026" not in result.err
