"""Tables of codes tried and of owners who proved a dossier is theirs. No code stands in them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.schema_base import NEVER_REUSED, BigId, Utc, metadata

lookup_tries = Table(
    "lookup_tries",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id")),  # NULL: nobody's any more
    Column("origin", Text, nullable=False),  # '': no address known
    Column("code", Text, nullable=False),  # digest
    Column("stem", Text, nullable=False),  # digest
    Column("number", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("origin_points", Integer, nullable=False),
    Column("wrong", Boolean, nullable=False),
    Index("ix_lookup_tries_citizen_id_at", "citizen_id", "at"),
    Index("ix_lookup_tries_origin_at", "origin", "at"),
    Index("ix_lookup_tries_stem_at", "stem", "at"),
    Index("ix_lookup_tries_at", "at"),
    **NEVER_REUSED,
)

lookup_alarms = Table(
    "lookup_alarms",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("since", Utc, nullable=False),
    Column("until", Utc, nullable=False),
    Column("times", Integer, nullable=False),
)

proofs = Table(
    "proofs",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id"), nullable=False),
    Column("code_key", Text, nullable=False),  # digest
    Column("how", Text, nullable=False),
    Column("proved_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    UniqueConstraint("citizen_id", "code_key"),
    Index("ix_proofs_ends_at", "ends_at"),
    **NEVER_REUSED,
)

proof_tries = Table(
    "proof_tries",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id")),  # NULL: nobody's any more
    Column("code_key", Text, nullable=False),  # digest
    Index("ix_proof_tries_code_key_at", "code_key", "at"),
    Index("ix_proof_tries_at", "at"),
    **NEVER_REUSED,
)
