"""Documents that came in from the document system."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _documents()
    op.create_table(
        "document_sources",
        _text("source"),
        _moment("due_at", nullable=False),
        _moment("looked_at"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_document_sources")),
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger())


def _documents() -> None:
    made = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "documents",
        sa.Column("id", made, nullable=False),
        _text("number"),
        sa.Column("day", sa.Date(), nullable=False),
        *map(_text, ("issuer", "number_key", "issuer_key", "mark")),
        sa.Column("version", sa.Integer(), nullable=False),
        *map(_text, ("signer", "abstract", "file_name", "file_digest")),
        sa.Column("signature", sa.JSON(), nullable=False),
        _moment("checked_at", nullable=False),
        _text("state"),
        _moment("came_at", nullable=False),
        _number("staff_id"),
        _moment("decided_at"),
        _text("reason", nullable=True),
        sa.Column("paper", sa.Boolean(), nullable=False),
        _number("draft_id"),
        *_keys(),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_documents_state_id", "documents", ["state", "id"])
    op.create_index("ix_documents_draft_id", "documents", ["draft_id"])


def _keys() -> list[sa.Constraint]:
    same = ("number_key", "day", "issuer_key", "mark")
    return [
        sa.ForeignKeyConstraint(
            ["file_digest"], ["notice_files.digest"], name=op.f("fk_documents_file_digest")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["notice_drafts.id"], name=op.f("fk_documents_draft_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint(*same, name=op.f("uq_documents_number_key_day_issuer_key_mark")),
    ]
