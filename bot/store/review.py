"""Masked phrases the desk was unsure of, kept for staff who teach it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from bot.store.database import Database
from bot.store.records import Reviewed
from bot.store.schema import review

MOST_ROWS = 20_000
COUNTED_WITHIN = timedelta(days=7)  # the same words again are counted, not kept again
_LONGEST = 500  # characters; the index on PostgreSQL takes no more than 2,700 bytes
_BATCH = 500


class Review:
    """The list staff read. Rows come from turns, by the effect ``review``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def rows(self, since: datetime | None = None, limit: int = MOST_ROWS) -> list[Reviewed]:
        """Return what was noted since then, what was seen most often first."""
        query = select(review).order_by(review.c.seen.desc(), review.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(review.c.at >= since)
        with self._db.read() as connection:
            return [_reviewed(row) for row in connection.execute(query)]

    def counts(self) -> Mapping[str, int]:
        """Return how many rows there are for each reason."""
        query = select(review.c.reason, func.count().label("kept")).group_by(review.c.reason)
        with self._db.read() as connection:
            return {row.reason: row.kept for row in connection.execute(query)}

    def remove(self, ids: Iterable[int]) -> int:
        """Delete rows staff are through with; return how many there were."""
        wanted, gone = sorted(ids), 0
        for first in range(0, len(wanted), _BATCH):
            these = review.c.id.in_(wanted[first : first + _BATCH])
            with self._db.write() as connection:
                gone += int(connection.execute(delete(review).where(these)).rowcount)
        self._db.has_deleted = True
        return gone


def note(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Keep what a turn was unsure of, or count it where the same was noted in the last days.

    A counted row stays with the citizen who said it first. The oldest rows make room.
    """
    text = str(effect["text"])[:_LONGEST]
    if not text:
        return
    db.one_at_a_time(connection, "review")  # two turns must not both find nothing
    reason, picked = str(effect["reason"]), str(effect.get("picked") or "")
    same = (review.c.text == text) & (review.c.reason == reason) & (review.c.picked == picked)
    known = select(func.max(review.c.id)).where(same, review.c.at > now - COUNTED_WITHIN)
    row_id = connection.execute(known).scalar()
    if row_id is not None:
        again = update(review).where(review.c.id == row_id)
        connection.execute(again.values(seen=review.c.seen + 1))
        return
    values = {
        "at": now,
        "reason": reason,
        "text": text,
        "guessed": str(effect.get("guessed") or ""),
        "confidence": float(effect.get("confidence") or 0.0),
        "picked": picked,
        "citizen_id": citizen_id,
    }
    (added,) = connection.execute(insert(review).values(values)).inserted_primary_key
    connection.execute(delete(review).where(review.c.id <= added - MOST_ROWS))


def _reviewed(row: Any) -> Reviewed:
    return Reviewed(
        row.id, row.at, row.reason, row.text, row.guessed, row.confidence, row.picked, row.seen
    )
