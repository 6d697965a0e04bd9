"""The schema: upgrades a database to the newest migration, and reports where it differs from the tables.

Alembic is imported by the functions that need it: with every dialect of SQLAlchemy it takes as long to load as the rest
of the store, and a database that is up to date needs none of it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from ipwatch.errors import InstallationError, StoreError
from ipwatch.store.db_errors import explained
from ipwatch.store.engine import BEGIN, connect, parse_url
from ipwatch.store.tables import INSERT_ONLY, Base
from ipwatch.terms import message, os_reason

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

REVISIONS = ("20261122", "20261123", "20261130_audit", "20261130", "20261130_brought", "20261201", "20261201_goods")
"""The revisions of the migrations, oldest first."""

# The user_version of an SQLite file that is to be rebuilt.
_REBUILD = 1
# Any number that no other program on the same PostgreSQL database uses for a lock.
_UPGRADE_LOCK = 4_937_021_544


def upgrade(url: str) -> None:
    """Bring the database to the newest migration, creating an SQLite file where there is none; all of it or nothing.

    An SQLite file is made readable by its owner alone, whatever the umask; SQLite gives its log the same rights. Raises
    ``ConfigError`` for a URL that cannot be used, ``InstallationError`` for a database of a newer version, and
    ``StoreError`` where the database refuses.
    """
    _migrate(url, _upgrade_to_head)


def _upgrade_to_head(connection: Connection) -> None:
    if _revision_of(connection) == head():
        return
    from alembic import command  # noqa: PLC0415 - see the module

    command.upgrade(_config_on(connection), "head")


def downgrade(url: str, revision: str) -> None:
    """Take the database back to a revision, or to ``base``; all of it or nothing. What the tables held is lost."""
    from alembic import command  # noqa: PLC0415 - see the module

    _migrate(url, lambda connection: command.downgrade(_config_on(connection), revision))


def pending(url: str) -> bool:
    """Return whether migrations are pending; true for an SQLite file that does not exist yet."""
    parsed = parse_url(url)
    return _file_missing(parsed) or _current_revision(parsed) != head()


def exists(url: str) -> bool:
    """Return whether the SQLite file exists; a database on a server is assumed to exist."""
    return not _file_missing(parse_url(url))


def require_at_head(url: str) -> None:
    """Do what ``require_current`` does, for a URL as text."""
    require_current(parse_url(url))


def require_not_newer(url: str) -> None:
    """Return where there is a database of this version or an older one; raise ``StoreError`` otherwise."""
    parsed = parse_url(url)
    if _file_missing(parsed):
        require_current(parsed)
    _require_known(_current_revision(parsed), shown(url))


def require_current(url: URL) -> None:
    """Return where the database is at the newest migration; raise ``StoreError`` with the command otherwise."""
    name = url.render_as_string(hide_password=True)
    if _file_missing(url):
        _require_directory(Path(str(url.database)).parent)
        raise StoreError(message("store.no_database", name=name))
    revision = _current_revision(url)
    if revision == head():
        return
    if revision is None:
        raise StoreError(message("store.not_set_up", name=name))
    _require_known(revision, name)
    raise StoreError(message("store.old_schema", name=name, found=revision, head=head()))


def drift(url: str) -> list[str]:
    """Return one sentence for each way in which the database differs from the tables and their triggers."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - see the module
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - see the module

    parsed = parse_url(url)
    require_current(parsed)
    name = parsed.render_as_string(hide_password=True)
    engine = connect(parsed, query_only=True)
    try:
        with explained(name), engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = [str(difference) for difference in compare_metadata(context, Base.metadata)]
            return differences + _missing_triggers(connection)
    finally:
        engine.dispose()


def warnings(url: str) -> list[str]:
    """Return one sentence for each thing an operator should know of an otherwise sound database."""
    if parse_url(url).get_backend_name() != "sqlite" or not _may_lose_its_log(sqlite3.sqlite_version_info):
        return []
    return [message("store.may_lose_its_log", version=sqlite3.sqlite_version)]


def shown(url: str) -> str:
    """Return the URL as it may be shown: without its password."""
    return parse_url(url).render_as_string(hide_password=True)


def head() -> str:
    """Return the newest revision of this version of the software."""
    return REVISIONS[-1]


def alembic_config() -> Config:
    """Return the configuration with which Alembic finds the migrations inside the package."""
    from alembic.config import Config  # noqa: PLC0415 - see the module

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _config_on(connection: Connection) -> Config:
    """Return the configuration that migrates on this connection."""
    config = alembic_config()
    config.attributes["connection"] = connection
    return config


def _require_known(revision: str | None, name: str) -> None:
    if revision is not None and revision not in REVISIONS:
        raise InstallationError(message("store.newer_schema", name=name, revision=revision))


def _file_missing(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database is not None and not Path(url.database).exists()


def _current_revision(url: URL) -> str | None:
    engine = connect(url, query_only=True)
    try:
        with explained(url.render_as_string(hide_password=True)), engine.connect() as connection:
            return _revision_of(connection)
    finally:
        engine.dispose()


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision


def _migrate(url: str, move: Callable[[Connection], None]) -> None:
    parsed = parse_url(url)
    shown = parsed.render_as_string(hide_password=True)
    _prepare_file(parsed)
    # Alembic rebuilds an SQLite table by copying and dropping it, which foreign keys would forbid.
    engine = connect(parsed, foreign_keys=False).execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
    try:
        with explained(shown), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
            _require_known(_revision_of(connection), shown)
            move(connection)
            _require_references(connection)
        _rebuild_where_asked(engine, shown)
    finally:
        engine.dispose()


def _rebuild_where_asked(engine: Engine, shown: str) -> None:
    """Rebuild an SQLite file from which a migration removed secrets: overwritten content stays in the file until then.

    The migration sets ``user_version = 1`` in its transaction, so that a killed upgrade is completed by the next one.
    """
    if engine.dialect.name != "sqlite":
        return
    with explained(shown), closing(engine.raw_connection()) as pooled:
        # Not through SQLAlchemy, which begins a transaction: the file is rebuilt outside of any.
        connection = pooled.driver_connection
        if not isinstance(connection, sqlite3.Connection):
            return
        try:
            if connection.execute("PRAGMA user_version").fetchone() != (_REBUILD,):
                return
            for statement in ("VACUUM", "PRAGMA user_version = 0", "PRAGMA wal_checkpoint(TRUNCATE)"):
                connection.execute(statement).fetchall()
        except sqlite3.Error as error:
            raise DBAPIError(statement="rebuild", params=None, orig=error) from error


def _require_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(message("store.migration_undone", table=broken[0], target=broken[2]))


def _may_lose_its_log(version: tuple[int, ...]) -> bool:
    """Return whether a version of SQLite has the WAL-reset race that 3.51.3 fixed (sqlite.org/wal.html)."""
    fixed_in = {(3, 44): 6, (3, 50): 7, (3, 51): 3}
    branch = (version[0], version[1])
    if branch in fixed_in:
        return version[2] < fixed_in[branch]
    return branch < (3, 51)


def _prepare_file(url: URL) -> None:
    """Create the SQLite file and its folder if missing, both inaccessible to other accounts."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return
    path = Path(url.database)
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.parent.chmod(0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if os.fstat(file.fileno()).st_uid == os.geteuid():
                os.fchmod(file.fileno(), 0o600)
    except OSError as error:
        raise InstallationError(message("store.file_not_writable", path=path, reason=os_reason(error))) from error


def _require_directory(folder: Path) -> None:
    """Raise ``InstallationError`` where the folder cannot be created because a file has its path."""
    for path in (folder, *folder.parents):
        if path.exists():
            if not path.is_dir():
                raise InstallationError(message("store.file_in_the_way", path=path))
            return


def _missing_triggers(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
        wanted = {(table, f"{table}_{verb}_refused") for table in INSERT_ONLY for verb in ("update", "delete")}
    else:
        query = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        wanted = {(table, f"{table}_{verb}_refused") for table in INSERT_ONLY for verb in ("change", "truncate")}
    present = {(str(table), str(name)) for table, name in connection.execute(text(query))}
    return [message("store.trigger_missing", table=table, name=name) for table, name in sorted(wanted - present)]
