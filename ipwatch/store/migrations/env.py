"""How Alembic runs the migrations: on the connection it is given, or as SQL for the URL of ``-x url=…``."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import Connection

from ipwatch.store.engine import BEGIN, connect, parse_url
from ipwatch.store.tables import Base, CleanText, UTCDateTime


def render_item(kind: str, item: object, _autogen_context: object) -> str | Literal[False]:
    """Render the database's own types: a migration must not change when a class of ours does."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return "sa.Text()" if kind == "type" and isinstance(item, CleanText) else False


def run_offline() -> None:
    context.configure(
        url=_url(),
        target_metadata=Base.metadata,
        literal_binds=True,
        render_as_batch=True,
        transactional_ddl=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online(connection: Connection) -> None:
    # Alembic takes SQLite's DDL for not transactional; with our own BEGIN it is, so a killed migration leaves nothing.
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _url() -> str:
    given = context.get_x_argument(as_dictionary=True).get("url")
    if not isinstance(given, str):
        raise SystemExit("name the database: alembic -x url=sqlite:////path/to/ipwatch.db …")
    return parse_url(given).render_as_string(hide_password=False)


def main() -> None:
    given = context.config.attributes.get("connection")
    if context.is_offline_mode():
        run_offline()
    elif given is not None:
        run_online(given)
    else:
        engine = connect(parse_url(_url()), foreign_keys=False).execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
        with engine.begin() as connection:
            run_online(connection)
        engine.dispose()


main()
