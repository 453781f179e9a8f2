"""Handles of files a platform already has, by the hash of their bytes.

Kept in the store because every process shares the account's monthly number of uploads.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from bot.store.database import Database
from bot.store.schema import uploads


class Uploads:
    """Finds and keeps handles of one account's uploads."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(
        self, channel: str, account: str, kind: str, digest: str, now: datetime
    ) -> str | None:
        """Return the handle of a file uploaded before and still valid, or None."""
        query = select(uploads.c.handle).where(
            *_own(channel, account, kind, digest), uploads.c.expires_at > now
        )
        with self._db.read() as connection:
            found = connection.execute(query).scalar()
        return str(found) if found else None

    def keep(
        self, channel: str, account: str, kind: str, digest: str, handle: str,
        now: datetime, expires_at: datetime,
    ) -> None:  # fmt: skip
        """Remember a handle until ``expires_at``; those that ended by ``now`` are removed."""
        key = {"channel": channel, "account": account, "kind": kind, "digest": digest}
        values = {"handle": handle, "expires_at": expires_at}
        upsert = self._db.insert(uploads).values(**key, **values)
        with self._db.write() as connection:
            connection.execute(delete(uploads).where(uploads.c.expires_at <= now))
            connection.execute(upsert.on_conflict_do_update(index_elements=list(key), set_=values))

    def drop(self, channel: str, account: str, kind: str, digest: str) -> None:
        """Forget a handle the platform no longer knows."""
        with self._db.write() as connection:
            connection.execute(delete(uploads).where(*_own(channel, account, kind, digest)))


def _own(channel: str, account: str, kind: str, digest: str) -> tuple[object, ...]:
    return (
        uploads.c.channel == channel,
        uploads.c.account == account,
        uploads.c.kind == kind,
        uploads.c.digest == digest,
    )
