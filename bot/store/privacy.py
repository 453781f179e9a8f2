"""What we know about a citizen: show it, delete it, and forget it in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, func, null, select, update

from bot.store import forgetting
from bot.store.citizens import CONTEXT_LIFE, lock
from bot.store.database import Database
from bot.store.records import Purged
from bot.store.replies import WEB
from bot.store.schema import (
    announcements,
    citizens,
    deliveries,
    inbound,
    pictures,
    review,
    subscriptions,
)

TEXT_LIFE = timedelta(hours=24)
ROW_LIFE = timedelta(days=90)
BATCH = 2000
_INTERNAL = {"lease_owner", "lease_until", "due_at", "citizen_id"}


class Privacy:
    """Export, erasure and the daily forgetting."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def export(self, citizen_id: int) -> dict[str, Any]:
        """Return everything kept about a citizen, ready for JSON (pictures as their size).

        Raises LookupError when there is no such citizen.
        """
        with self._db.read() as connection:
            own = citizens.c.id == citizen_id
            row = connection.execute(select(citizens).where(own)).first()
            if row is None:
                raise LookupError(f"no citizen {citizen_id}")
            return {
                "citizen": _plain(row),
                "subscriptions": _all(connection, subscriptions, citizen_id),
                "messages": _all(connection, inbound, citizen_id),
                "pictures": _pictures(connection, citizen_id),
                "deliveries": _all(connection, deliveries, citizen_id),
                "announcements": _received(connection, citizen_id),
                "review": _all(connection, review, citizen_id),
            }

    def erase(self, citizen_id: int, now: datetime) -> bool:
        """Delete everything about a citizen at once; False if there is no such citizen.

        Nothing more is sent, not even a reply under way. For "forget me" inside a talk, where
        the answer must still arrive, see the effect ``erase``.
        """
        gone = self._remove(citizen_id)
        self._db.has_deleted = True
        self._db.scrub()
        return gone

    def scrub(self) -> bool:
        """Let nothing deleted linger in the database's own files; False if it was busy.

        Cheap when nothing was deleted since the last time; run it every second.
        """
        return self._db.scrub()

    def _remove(self, citizen_id: int) -> bool:
        with self._db.write() as connection:
            lock(connection, citizen_id)
            return forgetting.remove(connection, citizen_id)

    def purge(self, now: datetime) -> Purged:
        """Forget what is past its time; run it every hour. Safe to interrupt and repeat.

        Talk (messages and replies) loses its content a day after it was settled, delivery and
        message rows go after 90 days, and so does what was left of erased citizens after a day.
        Phrases kept for review lose their citizen after a day and go after 90.
        """
        texts = self._forget(inbound, inbound.c.text, now, forgetting.WITHOUT_CONTENT)
        replies = self._forget(deliveries, deliveries.c.body, now, {"body": null()})
        self._forget_contexts(now)
        self._unlink_reviews(now)
        gone = self._remove_erased(now)
        rows = self._remove_old(deliveries, deliveries.c.settled_at, now)
        rows += self._remove_old(inbound, inbound.c.settled_at, now)
        rows += self._remove_old(review, review.c.at, now)
        self._db.has_deleted = True
        self._db.scrub()
        return Purged(texts, replies, rows, gone)

    def _forget(self, table: Table, content: Any, now: datetime, values: Any) -> int:
        old = (
            select(table.c.id)
            .where(content.isnot(None), table.c.settled_at <= now - TEXT_LIFE)
            .limit(BATCH)
        )
        change = update(table).where(table.c.id.in_(old.scalar_subquery())).values(**values)
        return self._repeat(change)

    def _forget_contexts(self, now: datetime) -> int:
        stale = (
            select(citizens.c.id).where(citizens.c.context_at < now - CONTEXT_LIFE).limit(BATCH)
        )
        change = update(citizens).where(citizens.c.id.in_(stale.scalar_subquery()))
        return self._repeat(change.values(context=null(), context_at=None))

    def _unlink_reviews(self, now: datetime) -> int:
        linked = (
            select(review.c.id)
            .where(review.c.citizen_id.isnot(None), review.c.at <= now - TEXT_LIFE)
            .limit(BATCH)
        )
        change = update(review).where(review.c.id.in_(linked.scalar_subquery()))
        return self._repeat(change.values(citizen_id=null()))

    def _remove_old(self, table: Table, settled_at: Any, now: datetime) -> int:
        """Delete settled rows past their life. Ids grow with time, so old rows come first."""
        removed, cursor = 0, 0
        while True:
            with self._db.write() as connection:
                page = select(table.c.id).where(table.c.id > cursor).order_by(table.c.id)
                last = connection.execute(
                    select(func.max(page.limit(BATCH).subquery().c.id))
                ).scalar()
                if last is None:
                    return removed
                old = (table.c.id > cursor) & (table.c.id <= last) & (settled_at <= now - ROW_LIFE)
                count = _delete_unused(connection, table, old)
            if count == 0:
                return removed
            removed, cursor = removed + count, last

    def _remove_erased(self, now: datetime) -> int:
        unsent = select(deliveries.c.citizen_id).where(
            deliveries.c.citizen_id == citizens.c.id, deliveries.c.settled_at.is_(None)
        )
        unread = select(inbound.c.citizen_id).where(
            inbound.c.citizen_id == citizens.c.id, inbound.c.settled_at.is_(None)
        )
        due = select(citizens.c.id).where(
            citizens.c.erased_at <= now - TEXT_LIFE,
            citizens.c.channel != WEB,
            ~unsent.exists(),
            ~unread.exists(),
        )
        with self._db.read() as connection:
            ids = connection.execute(due).scalars().all()
        return sum(self._remove(citizen_id) for citizen_id in ids)

    def _repeat(self, change: Any) -> int:
        """Run a batch again until nothing is left, letting others write in between."""
        total = 0
        while True:
            with self._db.write() as connection:
                count = int(connection.execute(change).rowcount)
            total += count
            if count < BATCH:
                return total


def _delete_unused(connection: Any, table: Table, where: Any) -> int:
    if table is inbound:
        answered = select(deliveries.c.id).where(deliveries.c.inbound_id == inbound.c.id)
        where = where & ~answered.exists()
    return int(connection.execute(delete(table).where(where)).rowcount)


def _all(connection: Any, table: Table, citizen_id: int) -> list[dict[str, Any]]:
    query = select(table).where(table.c.citizen_id == citizen_id).order_by(table.c.id)
    return [_plain(row) for row in connection.execute(query)]


def _pictures(connection: Any, citizen_id: int) -> list[dict[str, Any]]:
    query = (
        select(pictures.c.inbound_id, func.length(pictures.c.bytes).label("size"))
        .select_from(pictures.join(inbound))
        .where(inbound.c.citizen_id == citizen_id)
    )
    return [_plain(row) for row in connection.execute(query)]


def _received(connection: Any, citizen_id: int) -> list[dict[str, Any]]:
    named = [announcements.c[name] for name in ("id", "topic", "title", "published_at")]
    query = (
        select(*named)
        .select_from(announcements.join(deliveries))
        .where(deliveries.c.citizen_id == citizen_id)
        .order_by(announcements.c.id)
    )
    return [_plain(row) for row in connection.execute(query)]


def _plain(row: Any) -> dict[str, Any]:
    pairs = {name: value for name, value in row._mapping.items() if name not in _INTERNAL}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in pairs.items()
        if value is not None
    }
