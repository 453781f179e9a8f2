"""What the pages of staff accounts and of unsure rows need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _staff()
    _unsure()
    _articles()


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _staff() -> None:
    """Bind a link to a browser, count known browsers apart, find who wants a person."""
    op.add_column("staff", _moment("entered_at"))
    op.add_column("staff_links", sa.Column("browser", sa.Text()))
    device = sa.Column("device", sa.Text(), nullable=False, server_default="")
    op.add_column("login_attempts", device)
    wanted = sa.text("human_wanted_at IS NOT NULL")
    op.create_index(
        "ix_citizens_human_wanted_at",
        "citizens",
        ["human_wanted_at"],
        sqlite_where=wanted,
        postgresql_where=wanted,
    )


def _unsure() -> None:
    """Find what is in doubt without looking at every row; note what was seen."""
    op.add_column("deliveries", _moment("seen_at"))
    unsure = sa.text("state = 'unsure'")
    op.create_index(
        "ix_deliveries_unsure",
        "deliveries",
        ["announcement_id", "id"],
        sqlite_where=unsure,
        postgresql_where=unsure,
    )


def _articles() -> None:
    texts = ("token", "article_id", "message_id", "code")
    op.create_table(
        "notice_articles",
        sa.Column("draft_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state", "step", "fingerprint")),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in texts),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(_moment(name, nullable=False) for name in ("wanted_at", "changed_at")),
        *(_moment(name) for name in ("due_at", "lease_until")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["notice_drafts.id"], name=op.f("fk_notice_articles_draft_id")
        ),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_notice_articles")),
    )
