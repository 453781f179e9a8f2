"""Tables of notices before they are published: drafts, their versions, approvals, forecasts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.schema_base import NEVER_REUSED, BigId, Json, Utc, metadata, partial_index

notice_drafts = Table(
    "notice_drafts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("code", Text, nullable=False, unique=True),  # printed in the notice
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),  # of the newest row in notice_versions
    Column("submission", Integer),  # the version that was submitted; approvals are for this one
    Column("title", Text, nullable=False),
    Column("content", Json, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("editor_id", BigInteger, nullable=False),
    Column("submitter_id", BigInteger),
    Column("reason", Text),  # why it was returned, paused or cancelled
    Column("send_at", Utc),
    Column("expires_at", Utc),
    Column("announcement_id", BigInteger, ForeignKey("announcements.id")),
    Column("swept", Boolean, nullable=False),  # rows follow a pause, its end or a cancellation
    Column("created_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Index("ix_notice_drafts_state_send_at", "state", "send_at"),
    **NEVER_REUSED,
)
partial_index(
    "uq_notice_drafts_announcement_id",
    notice_drafts.c.announcement_id,
    where=notice_drafts.c.announcement_id.isnot(None),
    unique=True,
)

notice_versions = Table(
    "notice_versions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("draft_id", BigInteger, ForeignKey("notice_drafts.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor", Text, nullable=False),
    Column("staff_id", BigInteger),  # NULL: the worker or a command
    Column("act", Text, nullable=False),
    Column("state", Text, nullable=False),  # after the act
    Column("content", Json),  # NULL: as before
    Column("fingerprint", Text, nullable=False),
    Column("note", Text),
    UniqueConstraint("draft_id", "number"),
    **NEVER_REUSED,
)

notice_approvals = Table(
    "notice_approvals",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("draft_id", BigInteger, ForeignKey("notice_drafts.id"), nullable=False),
    Column("submission", Integer, nullable=False),
    Column("staff_id", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("emergency", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("draft_id", "submission", "staff_id"),
    **NEVER_REUSED,
)

forecasts = Table(
    "forecasts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("draft_id", BigInteger, ForeignKey("notice_drafts.id"), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("figures", Json, nullable=False),
    Column("outcome", Json),  # what really happened
    Column("compared_at", Utc),
    Index("ix_forecasts_draft_id", "draft_id"),
    **NEVER_REUSED,
)

audience_lists = Table(
    "audience_lists",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("staff_id", BigInteger, nullable=False),
    Column("at", Utc, nullable=False),
    Column("size", Integer, nullable=False),
)

audience_members = Table(
    "audience_members",
    metadata,
    Column("citizen_id", BigInteger, ForeignKey("citizens.id"), nullable=False),
    Column("list", Text, ForeignKey("audience_lists.digest"), nullable=False),
    PrimaryKeyConstraint("citizen_id", "list"),
    Index("ix_audience_members_list", "list"),
)
