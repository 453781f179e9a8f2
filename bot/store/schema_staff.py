"""Tables of staff: accounts, roles, secrets, invitations, sessions, attempts to log in."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from bot.store.schema_base import NEVER_REUSED, BigId, Utc, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password", Text),  # hash; NULL: not enrolled
    Column("password_at", Utc),
    Column("created_at", Utc, nullable=False),
    Column("locked_at", Utc),
    Column("entered_at", Utc),  # the last log-in
    **NEVER_REUSED,
)

staff_roles = Table(
    "staff_roles",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("staff_id", "role"),
)

staff_secrets = Table(
    "staff_secrets",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("totp", Text, nullable=False),  # sealed, see sealing.py
    Column("last_step", BigInteger),  # the newest code used; it and older ones are refused
    Column("made_at", Utc, nullable=False),
)

staff_recovery = Table(
    "staff_recovery",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), nullable=False),
    Column("digest", Text, nullable=False),
    Column("used_at", Utc),
    PrimaryKeyConstraint("staff_id", "digest"),
)

staff_links = Table(
    "staff_links",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("staff_id", BigInteger, ForeignKey("staff.id"), nullable=False),
    # Sealed; becomes the account's when the link is used. Empty before the link is opened.
    Column("totp", Text, nullable=False),
    Column("browser", Text),  # digest of what the browser keeps that was shown the secret
    Column("made_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Index("ix_staff_links_staff_id", "staff_id"),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),  # of the cookie's token
    Column("staff_id", BigInteger, ForeignKey("staff.id"), nullable=False),
    Column("device", Text, nullable=False),  # "Firefox, Windows"
    Column("begun_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Index("ix_staff_sessions_staff_id", "staff_id"),
    **NEVER_REUSED,
)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("login", Text, nullable=False),  # digest
    Column("origin", Text, nullable=False),  # digest of the address; '': none known
    Column(
        "device", Text, nullable=False, server_default=""
    ),  # of a known browser; '': a stranger
    Index("ix_login_attempts_login_at", "login", "at"),
    Index("ix_login_attempts_origin_at", "origin", "at"),
    Index("ix_login_attempts_at", "at"),
    **NEVER_REUSED,
)
