"""The table of digests: who got one for which period."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text, UniqueConstraint

from bot.store.schema_base import NEVER_REUSED, BigId, Utc, metadata, partial_index

digests = Table(
    "digests",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id"), nullable=False),
    Column("period", Text, nullable=False),  # "daily 2026-11-22"
    Column("at", Utc, nullable=False),
    Column("settled_at", Utc),  # its notices share its fate; NULL: it has none yet
    UniqueConstraint("citizen_id", "period"),
    **NEVER_REUSED,
)
partial_index("ix_digests_open", digests.c.id, where=digests.c.settled_at.is_(None))
