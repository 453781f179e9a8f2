"""The table of receipts that came before the answer that names their message."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.store.schema_base import Utc, metadata

early_receipts = Table(
    "early_receipts",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("platform_message_id", Text, primary_key=True),
    Column("delivered_at", Utc, nullable=False),
    Column("seen_at", Utc),
)
