"""Tables of official documents that came in, and of the looks at where they come from."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.schema_base import NEVER_REUSED, BigId, Json, Utc, metadata

documents = Table(
    "documents",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("number", Text, nullable=False),
    Column("day", Date, nullable=False),  # as it stands on the document
    Column("issuer", Text, nullable=False),
    Column("number_key", Text, nullable=False),  # as it is compared
    Column("issuer_key", Text, nullable=False),
    Column("mark", Text, nullable=False),  # digest of all it says
    Column("version", Integer, nullable=False),
    Column("signer", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_digest", Text, ForeignKey("notice_files.digest"), nullable=False),
    Column("signature", Json, nullable=False),
    Column("checked_at", Utc, nullable=False),
    Column("state", Text, nullable=False),
    Column("came_at", Utc, nullable=False),
    Column("staff_id", BigInteger),  # who took or skipped it
    Column("decided_at", Utc),
    Column("reason", Text),
    Column("paper", Boolean, nullable=False),  # whoever took it compared the paper
    Column("draft_id", BigInteger, ForeignKey("notice_drafts.id")),
    UniqueConstraint("number_key", "day", "issuer_key", "mark"),
    Index("ix_documents_state_id", "state", "id"),
    Index("ix_documents_draft_id", "draft_id"),
    **NEVER_REUSED,
)

document_sources = Table(
    "document_sources",
    metadata,
    Column("source", Text, primary_key=True),  # a digest: addresses may hold secrets
    Column("due_at", Utc, nullable=False),
    Column("looked_at", Utc),  # when a look last saw everything
    Column("failures", Integer, nullable=False),
)
