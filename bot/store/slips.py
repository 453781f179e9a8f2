"""Slips that were taken back: kept by digest, for as long as their keys verify."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.schema_slips import revoked_slips


class RevokedSlips:
    """The list of revoked slips."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def revoke(self, digest: str, kid: str, actor: str, now: datetime) -> bool:
        """Take a slip back for good; False if it was before."""
        row = {"digest": digest, "kid": kid, "actor": actor, "revoked_at": now}
        insert = self._db.insert(revoked_slips).values(**row)
        with self._db.write() as connection:
            return bool(connection.execute(insert.on_conflict_do_nothing()).rowcount)

    def is_revoked(self, digest: str) -> bool:
        """Whether the slip with this digest was taken back."""
        query = select(revoked_slips.c.digest).where(revoked_slips.c.digest == digest)
        with self._db.read() as connection:
            return connection.execute(query).first() is not None

    def counts(self) -> dict[str, int]:
        """Return how many slips were revoked under each key."""
        query = select(revoked_slips.c.kid, func.count()).group_by(revoked_slips.c.kid)
        with self._db.read() as connection:
            return {str(kid): int(count) for kid, count in connection.execute(query)}
