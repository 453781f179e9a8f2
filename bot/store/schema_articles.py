"""Articles of the official account that carry a notice: one at most for each."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text

from bot.store.schema_base import Utc, metadata

notice_articles = Table(
    "notice_articles",
    metadata,
    Column(
        "draft_id",
        BigInteger,
        ForeignKey("notice_drafts.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("state", Text, nullable=False),
    Column("step", Text, nullable=False),  # the call under way, or the last one
    Column("fingerprint", Text, nullable=False),  # of the text it stands for
    Column("staff_id", BigInteger, nullable=False),  # who wanted it
    Column("token", Text),
    Column("article_id", Text),
    Column("message_id", Text),
    Column("code", Text),  # why it waits or was refused
    Column("attempts", Integer, nullable=False),
    Column("wanted_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("due_at", Utc),  # NULL: nothing to do
    Column("lease_until", Utc),  # a call is under way
)
