"""Which processes are alive and what they say about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from bot.store.database import Database
from bot.store.schema import processes


class Processes:
    """Heartbeats."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def beat(self, name: str, now: datetime, detail: Mapping[str, Any]) -> None:
        """Say that the process called ``name`` is alive."""
        values = {"beat_at": now, "detail": dict(detail)}
        upsert = self._db.insert(processes).values(name=name, **values)
        with self._db.write() as connection:
            connection.execute(upsert.on_conflict_do_update(index_elements=["name"], set_=values))

    def forget(self, name: str) -> None:
        """Say that ``name`` is gone; another process of that name beats again by itself."""
        with self._db.write() as connection:
            connection.execute(delete(processes).where(processes.c.name == name))

    def alive(self, name: str, now: datetime, within: timedelta) -> dict[str, Any] | None:
        """Return what a process said at its last beat, or None if that is too long ago."""
        query = select(processes).where(
            processes.c.name == name, processes.c.beat_at >= now - within
        )
        with self._db.read() as connection:
            row = connection.execute(query).first()
        return dict(row.detail) if row else None
