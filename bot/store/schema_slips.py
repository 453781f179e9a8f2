"""Tables of slips that were taken back."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.store.schema_base import Utc, metadata

# The digest is keyed: neither the dossier nor anybody's name can be read from a row.
revoked_slips = Table(
    "revoked_slips",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kid", Text, nullable=False),
    Column("revoked_at", Utc, nullable=False),
    Column("actor", Text, nullable=False),
)
