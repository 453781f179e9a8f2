"""What happened since a moment, for the first page of the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.schema import inbound


@dataclass(frozen=True)
class TodayFigures:
    """Messages of citizens since a moment; ``waiting`` of all days have no answer yet."""

    messages: int
    citizens: int
    waiting: int
    waiting_since: datetime | None


class Today:
    """Counts without an index of its own: rows are numbered in the order they came."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def figures(self, since: datetime) -> TodayFigures:
        """Return the counts since ``since``; reads only the rows since then."""
        before = (
            select(inbound.c.id)
            .where(inbound.c.received_at < since)
            .order_by(inbound.c.id.desc())
            .limit(1)
        )
        people = func.count(inbound.c.citizen_id.distinct())
        waiting = select(func.count(), func.min(inbound.c.received_at)).where(
            inbound.c.settled_at.is_(None)
        )
        with self._db.read() as connection:
            newest: Any = connection.execute(before).scalar() or 0
            counted = select(func.count(), people).where(inbound.c.id > newest)
            return TodayFigures(
                *connection.execute(counted).one(), *connection.execute(waiting).one()
            )
