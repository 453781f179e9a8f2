"""Files that belong to notices, kept under the digest of their bytes: the same file once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.schema_files import notice_files


@dataclass(frozen=True)
class StoredFile:
    """One file. ``kind`` is its media type, ``name`` what people called it, ``size`` in bytes."""

    digest: str
    kind: str
    name: str
    size: int
    data: bytes
    at: datetime


class Files:
    """Keeps and finds files."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, data: bytes, kind: str, name: str, staff_id: int | None, now: datetime) -> str:
        """Keep a file and return its digest; keeping the same bytes again changes nothing.

        Whoever calls has looked at what the bytes really are.
        """
        digest = hashlib.sha256(data).hexdigest()
        row = {"digest": digest, "kind": kind, "name": name, "size": len(data), "data": data}
        insert = self._db.insert(notice_files).values({**row, "staff_id": staff_id, "at": now})
        with self._db.write() as connection:
            connection.execute(insert.on_conflict_do_nothing())
        return digest

    def kept_since(self, staff_id: int, since: datetime) -> int:
        """Return how many bytes somebody brought along after ``since``."""
        own = (notice_files.c.at > since, notice_files.c.staff_id == staff_id)
        query = select(func.coalesce(func.sum(notice_files.c.size), 0)).where(*own)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar())

    def find(self, digest: str) -> StoredFile | None:
        """Return a file, or None."""
        columns = [notice_files.c[name] for name in StoredFile.__dataclass_fields__]
        with self._db.read() as connection:
            row = connection.execute(
                select(*columns).where(notice_files.c.digest == digest)
            ).first()
        return StoredFile(**{**row._mapping, "data": bytes(row.data)}) if row else None
