"""Tables of dossiers that citizens follow."""

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

from bot.store.schema_base import NEVER_REUSED, BigId, Json, Utc, metadata, partial_index

follows = Table(
    "follows",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id"), nullable=False),
    Column("code_key", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("consent", Text, nullable=False),  # version of the text agreed to
    Column("consent_at", Utc, nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("known", Json, nullable=False),  # the newest state heard of, nothing personal
    Column("told", Json, nullable=False),  # what the citizen knows of it
    Column("reminded_for", Text),  # the promised day of the last reminder
    Column("late_for", Text),  # the promised day of the last apology
    Column("asked_at", Utc),
    Column("answered", Boolean, nullable=False),
    Column("noticed_at", Utc),  # when a change was announced that is not told yet
    Column("ends_at", Utc),
    Column("next_at", Utc, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    UniqueConstraint("citizen_id", "code_key"),
    Index("ix_follows_code_key", "code_key"),
    Index("ix_follows_next_at", "next_at", "code_key"),
    Index("ix_follows_source", "source", "id"),
    **NEVER_REUSED,
)
partial_index(
    "ix_follows_announced",
    follows.c.next_at,
    follows.c.code_key,
    where=follows.c.noticed_at.isnot(None),
)

# Nothing here leads to a person: only the day, and no dossier code.
ratings = Table(
    "ratings",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("day", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("procedure_code", Text, nullable=False),
    Column("stars", Integer, nullable=False),
    Index("ix_ratings_day", "day"),
    **NEVER_REUSED,
)

# That a dossier was rated, so that it is not rated twice; not by whom, nor how.
rated_dossiers = Table(
    "rated_dossiers",
    metadata,
    Column("mark", Text, primary_key=True),  # digest of the code with the desk's key
    Column("day", Text, nullable=False),
)

# What was last reported about a dossier outside of its source: public facts only.
reported_states = Table(
    "reported_states",
    metadata,
    Column("code_key", Text, primary_key=True),
    Column("status", Integer),
    Column("label", Text),  # NULL: no state was said
    Column("promised_on", Text),
    Column("finished_on", Text),
    Column("returned_on", Text),
    Column("changed_at", Utc, nullable=False),
    Column("reported_at", Utc, nullable=False),
    Index("ix_reported_states_reported_at", "reported_at"),
)

# How far each way of noticing changes has come.
follow_cursors = Table(
    "follow_cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("due_at", Utc),
    Column("failures", Integer, nullable=False, server_default="0"),
)

dossier_events = Table(
    "dossier_events",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("code_key", Text, nullable=False),
    Column("changes", Json, nullable=False),
    Column("received_at", Utc, nullable=False),
    **NEVER_REUSED,
)

hook_calls = Table(
    "hook_calls",
    metadata,
    Column("signature", Text, primary_key=True),
    Column("at", Utc, nullable=False),
    Index("ix_hook_calls_at", "at"),
)
