"""How much each capture brought: a document that brings nothing where some was read before is not to be trusted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_brought"
down_revision = "20261130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "capture",
        sa.Column(
            "brought",
            sa.Integer(),
            nullable=True,
            comment="records and further addresses read from it, where it could be",
        ),
    )


def downgrade() -> None:
    op.drop_column("capture", "brought")
