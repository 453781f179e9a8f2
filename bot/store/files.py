"""Files that belong to notices, kept under the digest of their bytes: the same file once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, true

from bot.store.database import Database
from bot.store.schema import announcements
from bot.store.schema_documents import documents
from bot.store.schema_drafts import notice_versions
from bot.store.schema_files import notice_files

UNUSED_LIFE = timedelta(days=30)  # of a file that was brought along and put into no notice


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
        """Keep a file and return its digest; the same bytes again are only as new as today's.

        Whoever calls has looked at what the bytes really are.
        """
        digest = hashlib.sha256(data).hexdigest()
        row = {"digest": digest, "kind": kind, "name": name, "size": len(data), "data": data}
        insert = self._db.insert(notice_files).values({**row, "staff_id": staff_id, "at": now})
        with self._db.write() as connection:
            newer = {"at": insert.excluded.at}
            connection.execute(insert.on_conflict_do_update(index_elements=["digest"], set_=newer))
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


def forget_unused(connection: Any, before: datetime) -> int:
    """Delete files from before a moment that no notice and no document names; return how many.

    Every version of a notice counts: who looks at an old one finds what was shown then.
    """
    said = notice_versions.c.content
    names = (
        (said["attachment_digest"].as_string(), said.isnot(None)),
        (said["picture_digest"].as_string(), said.isnot(None)),
        (announcements.c.attachment_digest, announcements.c.attachment_digest.isnot(None)),
        (announcements.c.picture_digest, announcements.c.picture_digest.isnot(None)),
        (documents.c.file_digest, true()),
    )
    named = [exists().where(which, name == notice_files.c.digest) for name, which in names]
    unused = delete(notice_files).where(notice_files.c.at < before, ~or_(*named))
    return int(connection.execute(unused).rowcount)
