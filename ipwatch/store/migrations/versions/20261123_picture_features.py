"""Features in the place of hashes, the pictures of filings, and pictures that are everybody's.

What was hashed before stays as a file that is known and out of date: it is described again from the evidence.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123"
down_revision = "20261122"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("picture", "hashed_at", new_column_name="described_at")
    op.drop_column("picture", "hashes")
    op.add_column("picture", sa.Column("width", sa.Integer(), nullable=True))
    op.add_column("picture", sa.Column("height", sa.Integer(), nullable=True))
    op.add_column(
        "picture",
        sa.Column(
            "features_version",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="the version that described or refused it; below the present one it is out of date",
        ),
    )
    op.add_column(
        "picture",
        sa.Column(
            "embedding_version",
            sa.String(length=80),
            nullable=True,
            comment="the operator's model then; where there is one, another one is out of date",
        ),
    )
    op.add_column(
        "picture",
        sa.Column(
            "features",
            sa.LargeBinary(),
            nullable=True,
            comment="matching.pictures.features.pack of a SEEN picture",
        ),
    )
    op.create_index(
        op.f("ix_picture_features_version_sha256_refusal_embedding_version"),
        "picture",
        ["features_version", "sha256", "refusal", "embedding_version"],
    )

    op.drop_column("reference_picture", "hashes")
    op.add_column(
        "reference_picture",
        sa.Column(
            "excluded",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="what comes from this picture is no evidence",
        ),
    )
    op.add_column("reference_picture", sa.Column("width", sa.Integer(), nullable=True))
    op.add_column("reference_picture", sa.Column("height", sa.Integer(), nullable=True))
    op.add_column(
        "reference_picture",
        sa.Column(
            "features_version",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="the version that described it",
        ),
    )
    op.add_column(
        "reference_picture",
        sa.Column("embedding_version", sa.String(length=80), nullable=True, comment="the operator's model then"),
    )
    op.add_column(
        "reference_picture",
        sa.Column(
            "features", sa.LargeBinary(), nullable=True, comment="matching.pictures.features.pack of a REFERENCE"
        ),
    )
    op.create_index(op.f("ix_reference_picture_sha256"), "reference_picture", ["sha256"])

    op.create_table(
        "filing_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_filing_picture_filing_id_filing")),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["picture.sha256"],
            name=op.f("fk_filing_picture_sha256_picture"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_picture")),
        sa.UniqueConstraint("filing_id", "url_sha256", name=op.f("uq_filing_picture_filing_id_url_sha256")),
    )
    op.create_index(op.f("ix_filing_picture_sha256"), "filing_picture", ["sha256"])
    op.create_index(op.f("ix_filing_picture_url_sha256"), "filing_picture", ["url_sha256"])


def downgrade() -> None:
    op.drop_table("filing_picture")
    # No features turn into hashes: every picture is wanted again, and every reference read again from its file.
    if op.get_context().dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("UPDATE listing_picture SET sha256 = NULL")
    op.execute("DELETE FROM picture")
    op.execute("DELETE FROM reference_picture")

    op.drop_index(op.f("ix_reference_picture_sha256"), "reference_picture")
    for column in ("features", "embedding_version", "features_version", "height", "width", "excluded"):
        op.drop_column("reference_picture", column)
    op.add_column("reference_picture", sa.Column("hashes", sa.JSON(), server_default="{}", nullable=False))

    op.drop_index(op.f("ix_picture_features_version_sha256_refusal_embedding_version"), "picture")
    for column in ("features", "embedding_version", "features_version", "height", "width"):
        op.drop_column("picture", column)
    op.add_column("picture", sa.Column("hashes", sa.JSON(), nullable=True))
    op.alter_column("picture", "described_at", new_column_name="hashed_at")
