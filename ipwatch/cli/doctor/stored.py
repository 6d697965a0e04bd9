"""Checks of what is stored: the database, its schema, the audit trail, and the last backup."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta

from ipwatch.cli.doctor.findings import Finding, Inspected
from ipwatch.errors import StoreError
from ipwatch.pipeline.backup import RECORD as BACKUP_RECORD
from ipwatch.store import audit, audit_checks, schema
from ipwatch.store.damage import damage
from ipwatch.store.session import Database

MAX_BACKUP_AGE = timedelta(days=7)
_MAX_NAMED = 3


def look_at_sqlite(inspected: Inspected) -> Iterator[Finding]:
    """Whether the SQLite version in use may damage a database in WAL mode."""
    if not is_sqlite(inspected):
        yield Finding("sqlite.not_used")
    elif schema.warnings(inspected.settings.url_of_database):
        yield Finding("sqlite.may_lose_its_log", {"version": sqlite3.sqlite_version})
    else:
        yield Finding("sqlite.ok", {"version": sqlite3.sqlite_version})


def look_at_database(inspected: Inspected) -> Iterator[Finding]:
    """Whether the database passes its own quick check."""
    if not database_is_there(inspected):
        yield Finding("database.none")
        return
    try:
        problems = damage(inspected.settings.url_of_database)
    except StoreError as error:
        yield Finding("database.unusable", {"reason": error})
        return
    for sentence in problems[:_MAX_NAMED]:
        yield Finding("database.damaged", {"damage": sentence})
    if not problems:
        yield Finding("database.ok")


def look_at_schema(inspected: Inspected) -> Iterator[Finding]:
    """Whether the database is at the schema of this version."""
    if not database_is_there(inspected):
        yield Finding("database.nothing_yet")
        return
    database = Database(inspected.settings.url_of_database)
    try:
        database.require_current()
        yield Finding("schema.ok", {"schema": schema.head()})
    except StoreError as error:
        yield Finding("schema.differs", {"reason": error})
    finally:
        database.dispose()


def look_at_audit(inspected: Inspected) -> Iterator[Finding]:
    """Whether the audit trail is intact."""
    if not database_is_there(inspected):
        yield Finding("database.nothing_yet")
        return
    database = Database(inspected.settings.url_of_database)
    try:
        with database.read_session() as session:
            problems = audit.verify(session, audit_checks.confirmed_heads(session)).problems
    finally:
        database.dispose()
    for problem in problems[:_MAX_NAMED]:
        yield Finding("audit.broken", {"problem": problem.sentence()})
    if not problems:
        yield Finding("audit.ok")


def look_at_backup(inspected: Inspected) -> Iterator[Finding]:
    """How old the last backup is."""
    try:
        record = json.loads((inspected.data_dir / BACKUP_RECORD).read_text("utf-8"))
        path, made_at = str(record["path"]), datetime.fromisoformat(record["made_at"])
        age = inspected.now - made_at
    except FileNotFoundError:
        yield Finding("backup.none")
        return
    except (ValueError, KeyError, TypeError):
        yield Finding("backup.unreadable", {"record": inspected.data_dir / BACKUP_RECORD})
        return
    key = "backup.old" if age > MAX_BACKUP_AGE else "backup.ok"
    yield Finding(key, {"path": path, "days": age.days})


def is_sqlite(inspected: Inspected) -> bool:
    """Return whether the database is an SQLite file."""
    return inspected.settings.url_of_database.startswith("sqlite")


def database_is_there(inspected: Inspected) -> bool:
    """Return whether there is a database yet: a PostgreSQL always counts as one."""
    return not is_sqlite(inspected) or schema.exists(inspected.settings.url_of_database)
