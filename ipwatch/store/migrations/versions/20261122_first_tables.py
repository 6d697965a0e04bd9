"""First tables, and the triggers that keep history as it was written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122"
down_revision = None
branch_labels = None
depends_on = None

INSERT_ONLY = ("capture", "listing_version", "filing_version", "finding", "review_decision", "audit_event")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role in ('reviewer', 'approver', 'admin')", name=op.f("ck_account_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_table(
        "filing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False, comment="SHA-256 of office and application number"),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("mark_text", sa.Text(), nullable=True),
        sa.Column("opposition_until", sa.Date(), nullable=True),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("screened_key", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing")),
        sa.UniqueConstraint("key", name=op.f("uq_filing_key")),
    )
    op.create_index(op.f("ix_filing_document_sha256"), "filing", ["document_sha256"])

    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False, comment="SHA-256 of marketplace and listing_id"),
        sa.Column("marketplace", sa.String(length=64), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("url_sha256", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True, comment="where it ships from, or where the seller is"),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "screened_key",
            sa.String(length=64),
            nullable=True,
            comment="hash of content, pictures, watchlists and matcher when last screened",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("key", name=op.f("uq_listing_key")),
    )
    op.create_index(op.f("ix_listing_document_sha256"), "listing", ["document_sha256"])
    op.create_index(op.f("ix_listing_marketplace_last_seen_at"), "listing", ["marketplace", "last_seen_at"])
    op.create_index(op.f("ix_listing_url_sha256"), "listing", ["url_sha256"])

    op.create_table(
        "picture",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("hashes", sa.JSON(none_as_null=True), nullable=True, comment="records.PictureHashes without sha256"),
        sa.Column("refusal", sa.String(length=32), nullable=True, comment="records.PictureRefusal"),
        sa.Column("hashed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture")),
    )
    op.create_table(
        "reference_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_picture")),
        sa.UniqueConstraint("mark", "path", "sha256", name=op.f("uq_reference_picture_mark_path_sha256")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned", sa.Integer(), nullable=False, comment="requests put into the frontier"),
        sa.Column("fetched", sa.Integer(), nullable=False, comment="requests answered with a new body"),
        sa.Column("unchanged", sa.Integer(), nullable=False, comment="requests answered 304"),
        sa.Column("gone", sa.Integer(), nullable=False, comment="requests answered 404 or 410"),
        sa.Column("failed", sa.Integer(), nullable=False, comment="requests that brought nothing, for any reason"),
        sa.Column("parsed", sa.Integer(), nullable=False, comment="records read"),
        sa.Column("refused", sa.Integer(), nullable=False, comment="records or pictures that could not be read"),
        sa.Column("new", sa.Integer(), nullable=False, comment="records seen for the first time"),
        sa.Column("changed", sa.Integer(), nullable=False, comment="records whose content changed"),
        sa.Column("screened", sa.Integer(), nullable=False, comment="records compared with the watched marks"),
        sa.Column("found", sa.Integer(), nullable=False, comment="new findings"),
        sa.Column("message", sa.Text(), nullable=True, comment="why the run is not done, in plain words"),
        sa.CheckConstraint("kind in ('collect', 'register', 'screen', 'report')", name=op.f("ck_run_kind")),
        sa.CheckConstraint("state in ('running', 'done', 'partial', 'failed')", name=op.f("ck_run_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_kind_source_started_at"), "run", ["kind", "source", "started_at"])

    op.create_table(
        "watchlist_version",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("name_ja", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("holder_kind", sa.String(length=32), nullable=False),
        sa.Column("prefecture", sa.String(length=8), nullable=True),
        sa.Column("marks", sa.JSON(), nullable=False, comment="mark id -> the watched mark"),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_watchlist_version")),
    )
    op.create_index(op.f("ix_watchlist_version_holder_loaded_at"), "watchlist_version", ["holder", "loaded_at"])

    op.create_table(
        "capture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_sha256", sa.String(length=64), nullable=False),
        sa.Column("final_url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True, comment="kept only where the body could be read"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="kept only where the body could be read"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_capture_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture")),
    )
    op.create_index(op.f("ix_capture_sha256"), "capture", ["sha256"])
    op.create_index(op.f("ix_capture_url_sha256_fetched_at"), "capture", ["url_sha256", "fetched_at"])

    op.create_table(
        "filing_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_filing_version_filing_id_filing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_version")),
    )
    op.create_index(op.f("ix_filing_version_filing_id_seen_at"), "filing_version", ["filing_id", "seen_at"])

    op.create_table(
        "frontier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("url_key", sa.String(length=64), nullable=False, comment="SHA-256 of method, URL and body"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False, comment="without secrets"),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True, comment="records.FailureReason"),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint("state in ('pending', 'leased', 'done', 'failed')", name=op.f("ck_frontier_state")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_frontier_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontier")),
        sa.UniqueConstraint("run_id", "url_key", name=op.f("uq_frontier_run_id_url_key")),
    )
    op.create_index(op.f("ix_frontier_run_id_state"), "frontier", ["run_id", "state"])

    op.create_table(
        "issue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_issue_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue")),
    )
    op.create_index(op.f("ix_issue_run_id"), "issue", ["run_id"])
    op.create_index(op.f("ix_issue_source_noted_at"), "issue", ["source", "noted_at"])

    op.create_table(
        "listing_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_picture_listing_id_listing")),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["picture.sha256"],
            name=op.f("fk_listing_picture_sha256_picture"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_picture")),
        sa.UniqueConstraint("listing_id", "url_sha256", name=op.f("uq_listing_picture_listing_id_url_sha256")),
    )
    op.create_index(op.f("ix_listing_picture_sha256"), "listing_picture", ["sha256"])
    op.create_index(op.f("ix_listing_picture_url_sha256"), "listing_picture", ["url_sha256"])

    op.create_table(
        "listing_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_version_listing_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_version")),
    )
    op.create_index(op.f("ix_listing_version_listing_id_seen_at"), "listing_version", ["listing_id", "seen_at"])

    op.create_table(
        "review_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False, comment="watchlist/mark"),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("right_kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="marketplace, or register office"),
        sa.Column("country", sa.String(length=64), nullable=True),
        sa.Column("listing_id", sa.Integer(), nullable=True),
        sa.Column("filing_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Float(), nullable=False, comment="score of the newest finding"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="last day for an opposition, where there is one"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="raised at each decision; a stale one is refused"),
        sa.CheckConstraint(
            "state in ('open', 'needs_more', 'closed_infringing', 'closed_not_infringing', 'closed_genuine')",
            name=op.f("ck_review_case_state"),
        ),
        sa.CheckConstraint("(listing_id is null) <> (filing_id is null)", name=op.f("ck_review_case_one_subject")),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_review_case_filing_id_filing")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_review_case_listing_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_case")),
        sa.UniqueConstraint("filing_id", "mark", name=op.f("uq_review_case_filing_id_mark")),
        sa.UniqueConstraint("listing_id", "mark", name=op.f("uq_review_case_listing_id_mark")),
    )
    op.create_index(op.f("ix_review_case_holder"), "review_case", ["holder"])
    op.create_index(op.f("ix_review_case_source"), "review_case", ["source"])
    op.create_index(op.f("ix_review_case_state_due_on"), "review_case", ["state", "due_on"])
    op.create_index(op.f("ix_review_case_state_opened_at"), "review_case", ["state", "opened_at"])
    op.create_index(op.f("ix_review_case_state_score"), "review_case", ["state", "score"])
    op.create_index(
        op.f("ix_review_case_state_source_holder_right_kind_country_score"),
        "review_case",
        ["state", "source", "holder", "right_kind", "country", "score"],
    )

    op.create_table(
        "sighting",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_sighting_listing_id_listing")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_sighting_run_id_run")),
        sa.PrimaryKeyConstraint("listing_id", "run_id", name=op.f("pk_sighting")),
    )
    op.create_table(
        "source_state",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('ok', 'degraded', 'blocked', 'failed')", name=op.f("ck_source_state_state")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_source_state_run_id_run")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_state")),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("matcher_version", sa.String(length=32), nullable=False),
        sa.Column(
            "input_hash",
            sa.String(length=64),
            nullable=False,
            comment="hash of the record, its pictures and the watchlist",
        ),
        sa.Column("watchlist_sha256", sa.String(length=64), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.Column("signals", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_finding_case_id_review_case")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_finding_run_id_run")),
        sa.ForeignKeyConstraint(
            ["watchlist_sha256"],
            ["watchlist_version.sha256"],
            name=op.f("fk_finding_watchlist_sha256_watchlist_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint(
            "case_id", "matcher_version", "input_hash", name=op.f("uq_finding_case_id_matcher_version_input_hash")
        ),
    )
    op.create_index(op.f("ix_finding_found_at"), "finding", ["found_at"])

    op.create_table(
        "review_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False, comment="what the person saw"),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict in ('infringing', 'not_infringing', 'genuine', 'needs_more')",
            name=op.f("ck_review_decision_verdict"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_review_decision_case_id_review_case")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_review_decision_finding_id_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    op.create_index(op.f("ix_review_decision_case_id"), "review_decision", ["case_id"])
    for table in INSERT_ONLY:
        _refuse_changes(table)


def downgrade() -> None:
    op.drop_table("review_decision")
    op.drop_table("finding")
    op.drop_table("source_state")
    op.drop_table("sighting")
    op.drop_table("review_case")
    op.drop_table("listing_version")
    op.drop_table("listing_picture")
    op.drop_table("issue")
    op.drop_table("frontier")
    op.drop_table("filing_version")
    op.drop_table("capture")
    op.drop_table("watchlist_version")
    op.drop_table("run")
    op.drop_table("reference_picture")
    op.drop_table("picture")
    op.drop_table("listing")
    op.drop_table("filing")
    op.drop_table("audit_event")
    op.drop_table("account")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _refuse_changes(table: str) -> None:
    if op.get_context().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_{verb}_refused BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_change_refused BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_truncate_refused BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
