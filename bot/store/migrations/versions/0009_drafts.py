"""Notices on their way from draft to done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _drafts()
    _versions()
    _approvals()
    _forecasts()
    _lists()
    _announcements()


def _id() -> sa.Column:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _of_draft(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["draft_id"], ["notice_drafts.id"], name=op.f(f"fk_{table}_draft_id")
    )


def _drafts() -> None:
    op.create_table(
        "notice_drafts",
        _id(),
        _text("code"),
        _text("state"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer()),
        _text("title"),
        sa.Column("content", sa.JSON(), nullable=False),
        _text("fingerprint"),
        _number("author_id"),
        _number("editor_id"),
        _number("submitter_id", nullable=True),
        _text("reason", nullable=True),
        _moment("send_at"),
        _moment("expires_at"),
        _number("announcement_id", nullable=True),
        sa.Column("swept", sa.Boolean(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("changed_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_notice_drafts_announcement_id"),
        ),
        _key("notice_drafts"),
        sa.UniqueConstraint("code", name=op.f("uq_notice_drafts_code")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_drafts_state_send_at", "notice_drafts", ["state", "send_at"])
    published = sa.text("announcement_id IS NOT NULL")
    op.create_index(
        "uq_notice_drafts_announcement_id",
        "notice_drafts",
        ["announcement_id"],
        unique=True,
        sqlite_where=published,
        postgresql_where=published,
    )


def _versions() -> None:
    op.create_table(
        "notice_versions",
        _id(),
        _number("draft_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _moment("at", nullable=False),
        _text("actor"),
        _number("staff_id", nullable=True),
        _text("act"),
        _text("state"),
        sa.Column("content", sa.JSON()),
        _text("fingerprint"),
        _text("note", nullable=True),
        _of_draft("notice_versions"),
        _key("notice_versions"),
        sa.UniqueConstraint("draft_id", "number", name=op.f("uq_notice_versions_draft_id_number")),
        sqlite_autoincrement=True,
    )


def _approvals() -> None:
    op.create_table(
        "notice_approvals",
        _id(),
        _number("draft_id"),
        sa.Column("submission", sa.Integer(), nullable=False),
        _number("staff_id"),
        _text("fingerprint"),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        _moment("at", nullable=False),
        _of_draft("notice_approvals"),
        _key("notice_approvals"),
        sa.UniqueConstraint(
            "draft_id",
            "submission",
            "staff_id",
            name=op.f("uq_notice_approvals_draft_id_submission_staff_id"),
        ),
        sqlite_autoincrement=True,
    )


def _forecasts() -> None:
    op.create_table(
        "forecasts",
        _id(),
        _number("draft_id"),
        _text("fingerprint"),
        _moment("at", nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON()),
        _moment("compared_at"),
        _of_draft("forecasts"),
        _key("forecasts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_forecasts_draft_id", "forecasts", ["draft_id"])


def _lists() -> None:
    op.create_table(
        "audience_lists",
        _text("digest"),
        _number("staff_id"),
        _moment("at", nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_audience_lists")),
    )
    op.create_table(
        "audience_members",
        _number("citizen_id"),
        _text("list"),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["citizens.id"], name=op.f("fk_audience_members_citizen_id")
        ),
        sa.ForeignKeyConstraint(
            ["list"], ["audience_lists.digest"], name=op.f("fk_audience_members_list")
        ),
        sa.PrimaryKeyConstraint("citizen_id", "list", name=op.f("pk_audience_members")),
    )
    op.create_index("ix_audience_members_list", "audience_members", ["list"])


def _announcements() -> None:
    """Say on a published notice how it was made, for whom, and whether it is held back."""
    for column in (
        _text("code", nullable=True),
        sa.Column("audience", sa.JSON()),
        sa.Column("daytime", sa.Boolean()),
        sa.Column("emergency", sa.Boolean()),
        _text("held", nullable=True),
        _number("corrects", nullable=True),
        _number("corrected_by", nullable=True),
    ):
        op.add_column("announcements", column)
    coded = sa.text("code IS NOT NULL")
    op.create_index(
        "uq_announcements_code",
        "announcements",
        ["code"],
        unique=True,
        sqlite_where=coded,
        postgresql_where=coded,
    )
    unsettled = sa.text("announcement_id IS NOT NULL AND settled_at IS NULL")
    op.create_index(
        "ix_deliveries_unsettled",
        "deliveries",
        ["announcement_id", "id"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
