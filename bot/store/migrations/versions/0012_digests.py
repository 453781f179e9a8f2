"""How often somebody wants news, and the text they agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _subscriptions()
    _digests()
    _deliveries()


def _subscriptions() -> None:
    pace = sa.Column("pace", sa.Text(), nullable=False, server_default="at_once")
    op.add_column("subscriptions", pace)
    op.add_column("subscriptions", sa.Column("consent", sa.Text()))
    paced = sa.text("pace != 'at_once'")
    op.create_index(
        "ix_subscriptions_paced",
        "subscriptions",
        ["topic"],
        sqlite_where=paced,
        postgresql_where=paced,
    )


def _digests() -> None:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "digests",
        sa.Column("id", kind, nullable=False),
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["citizens.id"], name=op.f("fk_digests_citizen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("citizen_id", "period", name=op.f("uq_digests_citizen_id_period")),
        sqlite_autoincrement=True,
    )
    unsettled = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_digests_open", "digests", ["id"], sqlite_where=unsettled, postgresql_where=unsettled
    )


def _deliveries() -> None:
    """Say on a notice's row which digest it waits for, and which it went with."""
    op.add_column("deliveries", sa.Column("digest", sa.Text()))
    op.add_column("deliveries", sa.Column("digest_id", sa.BigInteger()))
    gathered = sa.text("digest IS NOT NULL AND digest_id IS NULL AND settled_at IS NULL")
    op.create_index(
        "ix_deliveries_gathered",
        "deliveries",
        ["digest", "created_at"],
        sqlite_where=gathered,
        postgresql_where=gathered,
    )
    within = sa.text("digest_id IS NOT NULL")
    op.create_index(
        "ix_deliveries_digest_id",
        "deliveries",
        ["digest_id"],
        sqlite_where=within,
        postgresql_where=within,
    )
