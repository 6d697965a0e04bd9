"""Mentions apart from suspicion: which listings name a mark now, and what findings and cases say beyond that.

What was found before stays unjudged. Sellers and categories become columns, from which what a seller offers is counted.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261201"
down_revision = "20261130_brought"
branch_labels = None
depends_on = None

_BEFORE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ix_review_case_state_score", ("state", "score")),
    ("ix_review_case_state_opened_at", ("state", "opened_at")),
    ("ix_review_case_state_due_on", ("state", "due_on")),
    (
        "ix_review_case_state_source_holder_right_kind_country_score",
        ("state", "source", "holder", "right_kind", "country", "score"),
    ),
)
_AFTER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ix_review_case_state_priority_id_kind", ("state", "priority", "id", "kind")),
    ("ix_review_case_state_opened_at_id_kind", ("state", "opened_at", "id", "kind")),
    ("ix_review_case_state_due_on_id_kind", ("state", "due_on", "id", "kind")),
    (
        "ix_review_case_facets",
        ("state", "source", "holder", "right_kind", "country", "kind", "priority"),
    ),
)
_SQLITE = """UPDATE listing SET
    seller = substr(marketplace || ':' || json_extract(data, '$.seller.id'), 1, 200),
    category = substr(coalesce(json_extract(data, '$.category.path'), json_extract(data, '$.category.id')), 1, 200)"""
_POSTGRES = """UPDATE listing SET
    seller = left(marketplace || ':' || (data -> 'seller' ->> 'id'), 200),
    category = left(coalesce(data -> 'category' ->> 'path', data -> 'category' ->> 'id'), 200)"""


def upgrade() -> None:
    _add_columns()
    op.execute("UPDATE review_case SET priority = score")
    op.execute("UPDATE review_case SET kind = 'filing' WHERE filing_id IS NOT NULL")
    op.execute(_SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRES)
    for name, _ in _BEFORE:
        op.drop_index(name, table_name="review_case")
    for name, columns in _AFTER:
        op.create_index(name, "review_case", columns)
    op.create_index(op.f("ix_listing_seller_category"), "listing", ["seller", "category"])
    _create_mentions()


def downgrade() -> None:
    op.drop_table("judged_mark")
    op.drop_table("mention")
    op.drop_index(op.f("ix_listing_seller_category"), table_name="listing")
    for name, _ in _AFTER:
        op.drop_index(name, table_name="review_case")
    for name, columns in _BEFORE:
        op.create_index(name, "review_case", columns)
    for table, columns in (
        ("listing", ("category", "seller")),
        ("finding", ("signs", "suspicion", "kind")),
        ("review_case", ("priority", "suspicion", "kind")),
    ):
        for column in columns:
            op.drop_column(table, column)


def _add_columns() -> None:
    added: dict[str, tuple[sa.Column[Any], ...]] = {
        "review_case": (
            sa.Column("kind", sa.String(16), server_default="unjudged", nullable=False, comment="cases.CaseKind"),
            sa.Column("suspicion", sa.Float(), comment="suspicion of the newest finding, once judged"),
            sa.Column(
                "priority",
                sa.Float(),
                server_default="0",
                nullable=False,
                comment="suspicion of a judged listing, score of any other subject",
            ),
        ),
        "finding": (
            sa.Column("kind", sa.String(16), comment="records.ListingKind"),
            sa.Column("suspicion", sa.Float()),
            sa.Column("signs", sa.JSON(), comment="for and against infringement"),
        ),
        "listing": (
            sa.Column("seller", sa.String(200), comment="marketplace:id of the seller"),
            sa.Column("category", sa.String(200), comment="path, or id without one"),
        ),
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, column)


def _create_mentions() -> None:
    op.create_table(
        "mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False, comment="watchlist/mark"),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("right_kind", sa.String(32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="marketplace"),
        sa.Column("country", sa.String(64), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("matcher_version", sa.String(32), nullable=False),
        sa.Column("watchlist_sha256", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False, comment="of the listing that was compared"),
        sa.Column("document_sha256", sa.String(64), nullable=True),
        sa.Column("signals", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False, comment="matching.suspicion.crawl.MentionFacts"),
        sa.Column("compared_key", sa.String(64), nullable=False, comment="hash of all that the comparison wrote"),
        sa.Column("kind", sa.String(16), nullable=True, comment="records.ListingKind; none for a candidate"),
        sa.Column("suspicion", sa.Float(), nullable=True),
        sa.Column("signs", sa.JSON(), nullable=False, comment="for and against infringement"),
        sa.Column("run_id", sa.Integer(), nullable=False, comment="the run that last changed the row"),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('mention', 'suspected')", name=op.f("ck_mention_kind")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_mention_listing_id_listing")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_mention_run_id_run")),
        sa.ForeignKeyConstraint(
            ["watchlist_sha256"],
            ["watchlist_version.sha256"],
            name=op.f("fk_mention_watchlist_sha256_watchlist_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("listing_id", "mark", name=op.f("uq_mention_listing_id_mark")),
    )
    for columns in (["holder", "mark", "kind", "suspicion"], ["mark", "id"], ["holder", "id"], ["found_at"]):
        op.create_index(op.f(f"ix_mention_{'_'.join(columns)}"), "mention", columns)
    op.create_table(
        "judged_mark",
        sa.Column("mark", sa.Text(), nullable=False, comment="watchlist/mark"),
        sa.Column(
            "changes",
            sa.Integer(),
            nullable=False,
            comment="raised whenever a mention of the mark appears, changes or goes",
        ),
        sa.Column("judged_key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_judged_mark")),
    )
