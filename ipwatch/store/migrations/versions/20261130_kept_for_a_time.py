"""What is kept for a time: failures by reason of a run whose requests are deleted, and what maintenance did.

Requests of before hold the application id of Rakuten as a parameter of their URL: it is taken out of them, and out of
every message that quotes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

import sqlalchemy as sa
from alembic import op

revision = "20261130"
down_revision = "20261130_audit"
branch_labels = None
depends_on = None

_SECRET = "applicationId"  # noqa: S105 - the name of the parameter
_BATCH = 1000
_MIN_LENGTH = 8

_frontier = sa.table(
    "frontier",
    sa.column("id", sa.Integer),
    sa.column("url_key", sa.String),
    sa.column("url", sa.Text),
    sa.column("method", sa.String),
    sa.column("body", sa.LargeBinary),
)
_MESSAGES = (("frontier", "message"), ("issue", "message"), ("issue", "where"), ("run", "message"))
_STATE = ("source_state", "message")


def upgrade() -> None:
    op.add_column(
        "run",
        sa.Column(
            "failures",
            sa.JSON(),
            nullable=True,
            comment="failed requests by reason, once these requests are deleted",
        ),
    )
    op.create_table(
        "maintenance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.JSON(), nullable=False, comment="what was deleted, by kind"),
        sa.Column("problems", sa.JSON(), nullable=False, comment="what the checks found, one sentence each"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance")),
    )
    if not op.get_context().as_sql:
        _remove_secrets(op.get_bind())


def downgrade() -> None:
    op.drop_table("maintenance")
    op.drop_column("run", "failures")


def _remove_secrets(connection: sa.Connection) -> None:
    secrets: set[str] = set()
    after = 0
    while rows := _holding(connection, after):
        after = rows[-1].id
        secrets.update(value for row in rows for name, value in parse_qsl(urlsplit(row.url).query) if name == _SECRET)
        connection.execute(
            _frontier.update().where(_frontier.c.id == sa.bindparam("row_id")),
            [{"row_id": row.id, **_without(row)} for row in rows],
        )
    for secret in sorted(value for value in secrets if len(value) >= _MIN_LENGTH):
        for table, column in (*_MESSAGES, _STATE):
            _remove(connection, table, column, secret)
    if secrets and connection.dialect.name == "sqlite":
        # The file contains what was overwritten until it is rebuilt, which cannot be done in here: see schema.upgrade.
        connection.exec_driver_sql("PRAGMA user_version = 1")


def _holding(connection: sa.Connection, after: int) -> list[sa.Row[tuple[int, str, str, bytes | None]]]:
    columns = (_frontier.c.id, _frontier.c.url, _frontier.c.method, _frontier.c.body)
    held = _frontier.c.url.like(f"%{_SECRET}=%")
    return list(
        connection.execute(
            sa.select(*columns).where(held, _frontier.c.id > after).order_by(_frontier.c.id).limit(_BATCH)
        )
    )


def _without(row: sa.Row[tuple[int, str, str, bytes | None]]) -> dict[str, str]:
    """Return the URL without the parameter, and the key that the request has then (store.frontier.url_key)."""
    base, _, query = row.url.partition("?")
    url = f"{base}?{'&'.join(_others(query.split('&')))}"
    key = hashlib.sha256(f"{row.method} {url}\n".encode() + (row.body or b"")).hexdigest()
    return {"url": url, "url_key": key}


def _others(pairs: Iterable[str]) -> Iterator[str]:
    return (pair for pair in pairs if pair.partition("=")[0] != _SECRET)


def _remove(connection: sa.Connection, table: str, column: str, secret: str) -> None:
    named = sa.table(table, sa.column(column, sa.Text))
    cell = named.c[column]
    connection.execute(
        named.update()
        .where(cell.contains(secret, autoescape=True))
        .values({column: sa.func.replace(cell, secret, "[removed]")})
    )
