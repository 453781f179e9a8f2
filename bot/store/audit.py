"""The audit trail: who did what to what, each row sealed with the digest of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.schema import audit

FIRST = "0" * 64


class Audit:
    """Appends and checks; there is no way to change a row."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(
        self, actor: str, action: str, subject: str, detail: Mapping[str, Any], now: datetime
    ) -> int:
        """Add a row and return its id. Give ids and counts, never personal data."""
        with self._db.write() as connection:
            return add(self._db, connection, actor, action, subject, detail, now)

    def verify(self) -> int | None:
        """Return the id of the first row that was changed, or after which one is missing.

        None means the chain holds. Rows cut off at the end cannot be seen from the chain
        alone: note ``head`` elsewhere from time to time.
        """
        previous = FIRST
        with self._db.read() as connection:
            for row in connection.execute(select(audit).order_by(audit.c.id)):
                if row.previous != previous or row.digest != _digest(row._mapping):
                    return int(row.id)
                previous = row.digest
        return None

    def count(self) -> int:
        """Return how many rows there are."""
        with self._db.read() as connection:
            return int(connection.execute(select(func.count()).select_from(audit)).scalar())

    def has(self, digest: str) -> bool:
        """Whether a row with this digest, noted down earlier, is still there."""
        query = select(audit.c.id).where(audit.c.digest == digest)
        with self._db.read() as connection:
            return digest == FIRST or connection.execute(query).first() is not None

    def head(self) -> str:
        """Return the digest of the newest row."""
        newest = select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)
        with self._db.read() as connection:
            return str(connection.execute(newest).scalar() or FIRST)


def add(
    db: Database,
    connection: Any,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> int:
    """Add a row within a transaction of the caller, who should do little after it."""
    values = {
        "at": now.astimezone(timezone.utc).isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": json.dumps(dict(detail), ensure_ascii=False, sort_keys=True),
    }
    newest = select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)
    db.one_at_a_time(connection, "audit")
    values["previous"] = connection.execute(newest).scalar() or FIRST
    insert = audit.insert().values(**values, digest=_digest(values))
    return int(connection.execute(insert).inserted_primary_key[0])


def _digest(row: Mapping[str, Any]) -> str:
    fields = [row[name] for name in ("previous", "at", "actor", "action", "subject", "detail")]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode()).hexdigest()
