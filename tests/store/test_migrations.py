from __future__ import annotations

import io
import re
import sqlite3
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from ipwatch.errors import InstallationError, StoreError
from ipwatch.records import Request, RequestKind
from ipwatch.store import frontier, pictures, schema
from ipwatch.store.engine import connect, parse_url
from ipwatch.store.session import Database, pending, upgrade
from ipwatch.store.tables import INSERT_ONLY, Base


@pytest.fixture
def engine(database_url: str) -> Engine:
    return connect(parse_url(database_url))


def _tables(url: str) -> set[str]:
    engine = connect(parse_url(url))
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_an_empty_database_comes_to_head_without_drift(empty_database_url: str) -> None:
    assert pending(empty_database_url)
    upgrade(empty_database_url)
    assert not pending(empty_database_url)
    assert schema.drift(empty_database_url) == []
    assert _tables(empty_database_url) == {*Base.metadata.tables, "alembic_version"}


def test_down_to_base_leaves_nothing_and_up_again_lacks_nothing(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "base")
    assert _tables(empty_database_url) == {"alembic_version"}
    upgrade(empty_database_url)
    assert schema.drift(empty_database_url) == []


def test_the_revisions_are_those_of_the_migrations() -> None:
    scripts = ScriptDirectory.from_config(schema.alembic_config())
    assert [script.revision for script in scripts.walk_revisions()] == [*reversed(schema.REVISIONS)]
    assert scripts.get_current_head() == schema.head()


def test_each_revision_alone_goes_down_and_up(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    for script in ScriptDirectory.from_config(schema.alembic_config()).walk_revisions():
        schema.downgrade(empty_database_url, script.down_revision or "base")  # type: ignore[arg-type] # no branches
    upgrade(empty_database_url)
    assert schema.drift(empty_database_url) == []


HASHED = (
    """INSERT INTO listing (id, key, marketplace, listing_id, data, content_hash, first_seen_at, last_seen_at)
    VALUES (1, 'k', 'm', 'l', '{}', 'c', '2026-11-22 03:00:00+00:00', '2026-11-22 03:00:00+00:00')""",
    """INSERT INTO picture (sha256, hashes, refusal, hashed_at)
    VALUES ('a', '{"phash": "0"}', NULL, '2026-11-22 03:00:00+00:00'),
    ('b', NULL, 'broken', '2026-11-22 03:00:00+00:00')""",
    """INSERT INTO listing_picture (listing_id, position, url, url_sha256, sha256)
    VALUES (1, 0, 'u', 'v', 'a'), (1, 1, 'w', 'x', 'b')""",
    "INSERT INTO reference_picture (mark, path, sha256, hashes, thumbnail) VALUES ('m', 'p', 'a', '{}', 'png')",
)


def _rows(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run the statements and return the rows of the last one, where it has any."""
    engine = connect(parse_url(url))
    try:
        with engine.begin() as connection:
            for statement in statements[:-1]:
                connection.exec_driver_sql(statement)
            result = connection.exec_driver_sql(statements[-1])
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_pictures_that_were_hashed_before_stay_known_as_out_of_date(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "20261122")
    _rows(empty_database_url, *HASHED)
    upgrade(empty_database_url)
    rows = _rows(empty_database_url, "SELECT sha256, refusal, features_version, features FROM picture ORDER BY 1")
    assert rows == [("a", None, 0, None), ("b", "broken", 0, None)]
    shown = _rows(empty_database_url, "SELECT url, sha256 FROM listing_picture ORDER BY 1")
    assert shown == [("u", "a"), ("w", "b")]
    ((excluded, version),) = _rows(empty_database_url, "SELECT excluded, features_version FROM reference_picture")
    assert (bool(excluded), version) == (False, 0)
    database = Database(empty_database_url)
    with database.read_session() as session:
        assert [outdated.sha256 for outdated in pictures.outdated(session, 10)] == ["a", "b"]
    database.dispose()


def test_pictures_are_wanted_again_where_the_features_are_taken_back(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "20261122")
    _rows(empty_database_url, *HASHED)
    upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "20261122")
    assert _rows(empty_database_url, "SELECT url, sha256 FROM listing_picture ORDER BY 1") == [("u", None), ("w", None)]
    for table in ("picture", "reference_picture"):
        assert _rows(empty_database_url, f"SELECT hashes FROM {table}") == []  # noqa: S608 - two tables of our own


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    upgrade(database_url)
    assert schema.drift(database_url) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("ALTER TABLE listing ADD COLUMN surprise INTEGER", "surprise"),
        ("DROP INDEX ix_listing_url_sha256", "ix_listing_url_sha256"),
        ("CREATE TABLE stranger (id INTEGER PRIMARY KEY)", "stranger"),
    ],
)
def test_drift_is_named(engine: Engine, database_url: str, change: str, named: str) -> None:
    with closing(engine.connect()) as connection, connection.begin():
        connection.exec_driver_sql(change)
    engine.dispose()
    differences = schema.drift(database_url)
    assert len(differences) == 1
    assert named in differences[0]


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_a_missing_trigger_is_drift(engine: Engine, database_url: str, table: str) -> None:
    sqlite = engine.dialect.name == "sqlite"
    drop = f"DROP TRIGGER {table}_update_refused" if sqlite else f"DROP TRIGGER {table}_change_refused ON {table}"
    with engine.begin() as connection:
        connection.exec_driver_sql(drop)
    engine.dispose()
    assert [difference for difference in schema.drift(database_url) if table in difference]


def test_a_migration_that_fails_half_way_leaves_the_old_schema(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_connection: Connection) -> None:
        raise StoreError("no further")

    monkeypatch.setattr(schema, "_require_references", refuse)
    with pytest.raises(StoreError, match="no further"):
        upgrade(empty_database_url)
    assert _tables(empty_database_url) == set()


def test_a_database_that_is_not_set_up_is_refused_with_the_command(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with pytest.raises(StoreError, match="run: ipwatch db upgrade"):
        database.require_current()
    database.dispose()


def test_a_database_of_a_newer_version_is_refused(engine: Engine, database: Database) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '29991231'")
    engine.dispose()
    with pytest.raises(StoreError, match="newer version of ipwatch"):
        database.require_current()


def test_a_migrated_database_is_accepted(database: Database) -> None:
    database.require_current()


@pytest.mark.parametrize("url", ["sqlite:////somewhere/ipwatch.db", "postgresql+psycopg://somebody@somewhere/ipwatch"])
def test_the_migrations_can_be_read_as_sql(url: str) -> None:
    config = schema.alembic_config()
    config.output_buffer = io.StringIO()
    config.cmd_opts = _given(url)
    command.upgrade(config, "head", sql=True)
    written = config.output_buffer.getvalue()
    for table in Base.metadata.tables:
        assert re.search(rf"CREATE TABLE {table} \(", written)
    assert written.count("CREATE TRIGGER") == 2 * len(INSERT_ONLY)


def _given(url: str) -> Namespace:
    return Namespace(x=[f"url={url}"])


def test_every_migration_has_a_message_and_a_dated_file() -> None:
    for script in ScriptDirectory.from_config(schema.alembic_config()).walk_revisions():
        assert script.doc
        assert re.search(r"/\d{8}_\w+\.py$", script.path)


def test_a_folder_that_cannot_be_made_is_reported_with_its_path(tmp_path_factory: pytest.TempPathFactory) -> None:
    blocked = tmp_path_factory.mktemp("blocked") / "file"
    blocked.write_text("not a folder")
    with pytest.raises(InstallationError, match="cannot be made"):
        upgrade(f"sqlite:///{blocked}/below/ipwatch.db")


def test_an_sqlite_file_is_made_with_its_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("new") / "a" / "b" / "ipwatch.db"
    upgrade(f"sqlite:///{path}")
    assert path.exists()


@pytest.mark.parametrize(
    ("version", "warned"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_versions_of_sqlite_that_may_lose_their_log_are_known(version: tuple[int, ...], *, warned: bool) -> None:
    assert schema._may_lose_its_log(version) is warned


SECRET = "6f1d2c34-canary-app-id"
KEPT_WITH_A_SECRET = (
    """INSERT INTO run (id, kind, source, state, started_at, planned, fetched, unchanged, gone, failed, parsed, refused,
    new, changed, screened, found, message) VALUES (1, 'collect', 'rakuten', 'running', '2026-11-22 03:00:00+00:00',
    2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'said {secret}')""",
    """INSERT INTO frontier (id, run_id, url_key, url, kind, method, headers, context, state, attempts, message) VALUES
    (1, 1, 'key', 'https://openapi.example/Search/1?applicationId={secret}&keyword=a&page=1', 'api', 'GET', '[]', '[]',
    'pending', 0, NULL)""",
    """INSERT INTO frontier (id, run_id, url_key, url, kind, method, headers, context, state, attempts, message) VALUES
    (2, 1, 'other', 'https://openapi.example/Search/1?keyword=b&applicationId={secret}', 'api', 'GET', '[]', '[]',
    'failed', 1, 'wrong_parameter: {secret} is no id')""",
    """INSERT INTO issue (id, run_id, source, "where", message, noted_at) VALUES
    (1, 1, 'rakuten', 'at {secret}', '{secret} is no id', '2026-11-22 03:00:00+00:00')""",
    """INSERT INTO source_state (source, state, message, updated_at) VALUES
    ('rakuten', 'failed', 'no id: {secret}', '2026-11-22 03:00:00+00:00')""",
)


def test_a_secret_in_stored_requests_is_taken_out_of_the_whole_database(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "20261123")
    engine = connect(parse_url(empty_database_url))
    with engine.begin() as connection:
        for statement in KEPT_WITH_A_SECRET:
            connection.exec_driver_sql(statement.format(secret=SECRET))
        # The file still contains what was overwritten by then.
        connection.exec_driver_sql("UPDATE frontier SET state = 'failed', message = 'short' WHERE id = 1")
        connection.exec_driver_sql("UPDATE frontier SET state = 'pending', message = NULL WHERE id = 1")
    engine.dispose()
    upgrade(empty_database_url)
    database = Database(empty_database_url)
    with database.read_session() as session:
        texts = [
            *session.execute(text("SELECT url FROM frontier ORDER BY id")).scalars(),
            *session.execute(text("SELECT message FROM frontier ORDER BY id")).scalars(),
            *session.execute(text('SELECT "where" || message FROM issue')).scalars(),
            *session.execute(text("SELECT message FROM run")).scalars(),
            *session.execute(text("SELECT message FROM source_state")).scalars(),
        ]
        key = session.scalar(text("SELECT url_key FROM frontier WHERE id = 1"))
    url = "https://openapi.example/Search/1?keyword=a&page=1"
    assert texts[:2] == [url, "https://openapi.example/Search/1?keyword=b"]
    assert [stored for stored in texts if stored and SECRET in stored] == []
    assert key == frontier.url_key(Request(source="rakuten", url=url, kind=RequestKind.API))
    database.dispose()
    path = parse_url(empty_database_url).database
    if parse_url(empty_database_url).get_backend_name() == "sqlite":
        for file in Path(str(path)).parent.glob("ipwatch.db*"):
            assert SECRET.encode() not in file.read_bytes(), file
    assert schema.drift(empty_database_url) == []


def test_a_rebuild_that_was_cut_off_is_done_by_the_next_upgrade(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("cut") / "ipwatch.db"
    upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE note (text TEXT)")
        connection.execute("INSERT INTO note VALUES (?)", (SECRET,))
        connection.commit()
        connection.execute("DROP TABLE note")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    assert SECRET.encode() in path.read_bytes()
    upgrade(f"sqlite:///{path}")
    assert SECRET.encode() not in path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
