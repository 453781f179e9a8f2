"""Dossiers that citizens follow, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _follows()
    op.create_table(
        "ratings",
        _id(),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ratings_day", "ratings", ["day"])
    op.create_table(
        "rated_dossiers",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_rated_dossiers")),
    )
    _noticing()
    _reported()
    op.add_column("deliveries", sa.Column("follow_id", sa.BigInteger()))
    op.add_column("deliveries", sa.Column("telling", sa.Text()))
    of_a_follow = sa.text("follow_id IS NOT NULL")
    op.create_index(
        "uq_deliveries_follow_id_telling",
        "deliveries",
        ["follow_id", "telling"],
        unique=True,
        sqlite_where=of_a_follow,
        postgresql_where=of_a_follow,
    )


def _id() -> sa.Column:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _follows() -> None:
    op.create_table(
        "follows",
        _id(),
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        _moment("consent_at", nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("reminded_for", sa.Text()),
        sa.Column("late_for", sa.Text()),
        _moment("asked_at"),
        sa.Column("answered", sa.Boolean(), nullable=False),
        _moment("noticed_at"),
        _moment("ends_at"),
        _moment("next_at", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["citizens.id"], name=op.f("fk_follows_citizen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
        sa.UniqueConstraint("citizen_id", "code_key", name=op.f("uq_follows_citizen_id_code_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_follows_code_key", "follows", ["code_key"])
    op.create_index("ix_follows_next_at", "follows", ["next_at", "code_key"])
    announced = sa.text("noticed_at IS NOT NULL")
    op.create_index(
        "ix_follows_announced",
        "follows",
        ["next_at", "code_key"],
        sqlite_where=announced,
        postgresql_where=announced,
    )
    op.create_index("ix_follows_source", "follows", ["source", "id"])


def _reported() -> None:
    op.create_table(
        "reported_states",
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("label", sa.Text()),
        sa.Column("promised_on", sa.Text()),
        sa.Column("finished_on", sa.Text()),
        sa.Column("returned_on", sa.Text()),
        _moment("changed_at", nullable=False),
        _moment("reported_at", nullable=False),
        sa.PrimaryKeyConstraint("code_key", name=op.f("pk_reported_states")),
    )
    op.create_index("ix_reported_states_reported_at", "reported_states", ["reported_at"])


def _noticing() -> None:
    op.create_table(
        "follow_cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        _moment("due_at"),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_follow_cursors")),
    )
    op.create_table(
        "dossier_events",
        _id(),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        _moment("received_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_events")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hook_calls",
        sa.Column("signature", sa.Text(), nullable=False),
        _moment("at", nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_hook_calls")),
    )
    op.create_index("ix_hook_calls_at", "hook_calls", ["at"])
