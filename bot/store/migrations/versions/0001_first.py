"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


UTC = sa.DateTime(timezone=True)
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Apply this step."""
    _create_announcements()
    _create_audit()
    _create_citizens()
    _create_processes()
    _create_tokens()
    _create_inbound()
    _index_inbound()
    _create_subscriptions()
    _create_deliveries()
    _index_deliveries()
    _create_pictures()


def _create_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("source_id", sa.Text()),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("published_at", UTC, nullable=False),
        sa.Column("area", sa.Text()),
        sa.Column("number", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("hotline", sa.Text()),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("expires_at", UTC),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("notice", JSON),
        sa.Column("plan_cursor", sa.BigInteger()),
        sa.Column("planned_at", UTC),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sa.UniqueConstraint("source_id", name=op.f("uq_announcements_source_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcements_published_at", "announcements", ["published_at"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_previous")),
    )


def _create_citizens() -> None:
    op.create_table(
        "citizens",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("context", JSON),
        sa.Column("context_at", UTC),
        sa.Column("first_interaction_at", UTC, nullable=False),
        sa.Column("last_interaction_at", UTC),
        sa.Column("follows", sa.Boolean()),
        sa.Column("follows_at", UTC),
        sa.Column("stopped_at", UTC),
        sa.Column("human_wanted_at", UTC),
        sa.Column("erased_at", UTC),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizens")),
        sa.UniqueConstraint(
            "channel", "external_id", name=op.f("uq_citizens_channel_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_citizens_context_at", "citizens", ["context_at"], **_where("context_at IS NOT NULL")
    )
    op.create_index(
        "ix_citizens_erased", "citizens", ["erased_at"], **_where("erased_at IS NOT NULL")
    )


def _create_processes() -> None:
    op.create_table(
        "processes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("beat_at", UTC, nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_processes")),
    )


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", name=op.f("pk_tokens")),
    )


def _create_inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("media_url", sa.Text()),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("account_id", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent_at", UTC, nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", UTC),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settled_at", UTC),
        sa.Column("intent", sa.Text()),
        sa.Column("confidence", sa.Float()),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["citizens.id"], name=op.f("fk_inbound_citizen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("channel", "message_id", name=op.f("uq_inbound_channel_message_id")),
        sa.UniqueConstraint("citizen_id", "seq", name=op.f("uq_inbound_citizen_id_seq")),
        sqlite_autoincrement=True,
    )


def _index_inbound() -> None:
    op.create_index("ix_inbound_open", "inbound", ["id"], **_where("settled_at IS NULL"))
    op.create_index(
        "ix_inbound_open_of_citizen",
        "inbound",
        ["citizen_id", "seq"],
        **_where("settled_at IS NULL"),
    )
    op.create_index(
        "ix_inbound_readable",
        "inbound",
        ["settled_at"],
        **_where("text IS NOT NULL AND settled_at IS NOT NULL"),
    )


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), server_default="", nullable=False),
        sa.Column("consent_at", UTC, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["citizens.id"], name=op.f("fk_subscriptions_citizen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "citizen_id", "topic", "area", name=op.f("uq_subscriptions_citizen_id_topic_area")
        ),
    )
    op.create_index(
        "ix_subscriptions_topic_citizen_id", "subscriptions", ["topic", "citizen_id", "area"]
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger()),
        sa.Column("part", sa.Integer()),
        sa.Column("announcement_id", sa.BigInteger()),
        sa.Column("body", JSON),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", UTC),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", UTC),
        sa.Column("error_code", sa.Text()),
        sa.Column("platform_message_id", sa.Text()),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("sent_at", UTC),
        sa.Column("delivered_at", UTC),
        sa.Column("settled_at", UTC),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_deliveries_announcement_id")
        ),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["citizens.id"], name=op.f("fk_deliveries_citizen_id")
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_deliveries_inbound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sqlite_autoincrement=True,
    )


def _index_deliveries() -> None:
    op.create_index("ix_deliveries_citizen_id_seq", "deliveries", ["citizen_id", "seq"])
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["channel", "priority", "due_at", "id"],
        **_where("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_leased", "deliveries", ["lease_until"], **_where("lease_until IS NOT NULL")
    )
    op.create_index(
        "ix_deliveries_platform",
        "deliveries",
        ["channel", "platform_message_id"],
        **_where("platform_message_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_readable",
        "deliveries",
        ["settled_at"],
        **_where("body IS NOT NULL AND settled_at IS NOT NULL"),
    )
    op.create_index(
        "uq_deliveries_announcement_id_citizen_id",
        "deliveries",
        ["announcement_id", "citizen_id"],
        unique=True,
        **_where("announcement_id IS NOT NULL"),
    )
    op.create_index(
        "uq_deliveries_inbound_id_part",
        "deliveries",
        ["inbound_id", "part"],
        unique=True,
        **_where("inbound_id IS NOT NULL"),
    )


def _create_pictures() -> None:
    op.create_table(
        "pictures",
        sa.Column("inbound_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_pictures_inbound_id")
        ),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_pictures")),
    )
