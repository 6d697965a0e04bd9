"""What a seller offers is counted by the kind of goods that its titles name: shops have no categories.

The kind is written down when a listing is compared, so that every listing is compared and every mark judged again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201_goods"
down_revision = "20261201"
branch_labels = None
depends_on = None

_SQLITE = """UPDATE listing SET
    category = substr(coalesce(json_extract(data, '$.category.path'), json_extract(data, '$.category.id')), 1, 200)"""
_POSTGRES = (
    "UPDATE listing SET category = left(coalesce(data -> 'category' ->> 'path', data -> 'category' ->> 'id'), 200)"
)


def upgrade() -> None:
    op.drop_index(op.f("ix_listing_seller_category"), table_name="listing")
    op.drop_column("listing", "category")
    op.add_column(
        "listing", sa.Column("goods_kind", sa.String(32), comment="kind of goods of the title, when last screened")
    )
    op.create_index(op.f("ix_listing_seller_goods_kind"), "listing", ["seller", "goods_kind"])
    _have_all_judged_again()


def downgrade() -> None:
    op.drop_index(op.f("ix_listing_seller_goods_kind"), table_name="listing")
    op.drop_column("listing", "goods_kind")
    op.add_column("listing", sa.Column("category", sa.String(200), comment="path, or id without one"))
    op.execute(_SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRES)
    op.create_index(op.f("ix_listing_seller_category"), "listing", ["seller", "category"])
    _have_all_judged_again()


def _have_all_judged_again() -> None:
    op.execute("UPDATE listing SET screened_key = NULL")
    op.execute("UPDATE judged_mark SET judged_key = NULL")
