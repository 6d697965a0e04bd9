"""When the audit trail was verified, with which result and up to which event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_audit"
down_revision = "20261123"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False, comment="how many there were"),
        sa.Column("last_event", sa.Integer(), nullable=True, comment="the id of the newest"),
        sa.Column("head", sa.String(length=64), nullable=True, comment="the hash of the newest"),
        sa.Column("problems", sa.Integer(), nullable=False, comment="how many were found"),
        sa.Column("first_problems", sa.JSON(), nullable=False, comment="the first of them"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    if op.get_context().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER audit_check_{verb}_refused BEFORE {verb.upper()} ON audit_check "
                "BEGIN SELECT RAISE(ABORT, 'audit_check is insert-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER audit_check_change_refused BEFORE UPDATE OR DELETE ON audit_check "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER audit_check_truncate_refused BEFORE TRUNCATE ON audit_check "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("audit_check")
