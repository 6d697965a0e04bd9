"""Integrity checks of a database, by the database's own means."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ipwatch.store.db_errors import explain, explained
from ipwatch.store.engine import connect, parse_url
from ipwatch.store.tables import Base
from ipwatch.terms import message, text_of

MAX_NAMED = 20
_OK = "ok"


def damage(url: str, *, full: bool = False) -> list[str]:
    """Return one sentence for each damage, up to ``MAX_NAMED``.

    SQLite: ``quick_check`` reads every page and the order in every tree; ``full`` compares each index with its table
    too, and follows every reference. PostgreSQL: the rows of every table are read; ``full`` reads every value, and has
    the trees of indexes and tables checked where the extension amcheck is installed. Raises ``InstallationError``
    where the database cannot be opened at all.
    """
    parsed = parse_url(url)
    name = parsed.render_as_string(hide_password=True)
    engine = connect(parsed, query_only=True)
    try:
        with explained(name), engine.connect() as connection:
            try:
                check = _check_sqlite if connection.dialect.name == "sqlite" else _check_postgres
                return check(connection, full=full)[:MAX_NAMED]
            except DBAPIError as error:
                # The check fails at the damage: the error is the finding.
                return [text_of(explain(error, name))]
    finally:
        engine.dispose()


def _check_sqlite(connection: Connection, *, full: bool) -> list[str]:
    pragma = "integrity_check" if full else "quick_check"
    reports = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA {pragma}({MAX_NAMED})")]
    problems = [line for report in reports if report != _OK for line in report.splitlines()]
    if not full:
        return problems
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MAX_NAMED)
    return problems + [message("store.missing_reference", row=row[1], table=row[0], target=row[2]) for row in broken]


def _check_postgres(connection: Connection, *, full: bool) -> list[str]:
    # A covering index would be read instead of the table.
    for setting in ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan"):
        connection.exec_driver_sql(f"SET LOCAL {setting} = off")
    for table in Base.metadata.sorted_tables:
        quoted = connection.dialect.identifier_preparer.format_table(table)
        what = f"sum(length({quoted}::text))" if full else "count(*)"
        connection.execute(text(f"SELECT {what} FROM {quoted}"))  # noqa: S608 - our own tables
    invalid = connection.execute(text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"))
    problems: list[str] = [message("store.index_invalid", index=row[0]) for row in invalid]
    if full and connection.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'")):
        problems += _amcheck(connection)
    return problems


def _amcheck(connection: Connection) -> list[str]:
    """Have PostgreSQL check the order in each B-tree; raises what it finds."""
    trees = connection.execute(
        text(
            "SELECT c.oid FROM pg_class c JOIN pg_am a ON a.oid = c.relam "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence <> 't' AND n.nspname = current_schema()"
        )
    )
    for (tree,) in trees.all():
        connection.execute(text("SELECT bt_index_check(index => :tree, heapallindexed => true)"), {"tree": tree})
    return []
