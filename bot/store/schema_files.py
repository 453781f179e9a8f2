"""Tables of files that belong to notices: official documents and pictures."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from bot.store.schema_base import Utc, metadata

notice_files = Table(
    "notice_files",
    metadata,
    Column("digest", Text, primary_key=True),  # SHA-256 of the bytes, in hex
    Column("kind", Text, nullable=False),  # application/pdf, image/jpeg or image/png
    Column("name", Text, nullable=False),  # as it came, for people; never a path
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("staff_id", BigInteger),  # NULL: it came from the document system
    Column("at", Utc, nullable=False),
    Index("ix_notice_files_at", "at"),
)
