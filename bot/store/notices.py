"""Planning a notice: one delivery row per follower, in batches that survive a kill.

Each batch commits its rows together with the cursor in ``announcements.plan_cursor``, so a
second run goes on exactly where the first one died. Between batches others may write.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, literal, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.core.announcements.announcement import Announcement
from bot.core.messages import DeliveryState, Reply
from bot.core.work.windows import CHARGED_REASON, CLOSED_REASON, Windows
from bot.store.announcements import COLUMNS, as_announcement
from bot.store.database import Database
from bot.store.records import Progress
from bot.store.schema import announcements, citizens, deliveries, subscriptions
from bot.store.subscriptions import followed

URGENT_PRIORITY = 1
BULK_PRIORITY = 2
# Long enough for a waiting webhook to take the write lock between two batches.
BREATHER_SECONDS = 0.004


class Notices:
    """Turns an announcement into deliveries."""

    def __init__(self, db: Database, windows: Windows) -> None:
        self._db = db
        self._windows = windows

    def unreachable(self, topic: str, area: str | None, now: datetime) -> dict[str, int]:
        """Return how many followers a notice sent now would not reach, for each reason."""
        reason = _reason(self._windows, now).label("reason")
        followers = (
            select(citizens.c.id, reason)
            .select_from(citizens.join(subscriptions))
            .where(followed(topic, area))
            .distinct()
            .subquery()
        )
        query = select(followers.c.reason, func.count()).where(followers.c.reason.isnot(None))
        with self._db.read() as connection:
            rows = connection.execute(query.group_by(followers.c.reason))
            return dict(sorted(rows.all()))

    def plan(
        self, announcement: Announcement, reply: Reply, now: datetime, batch: int = 2000
    ) -> Iterator[Progress]:
        """Write one delivery row per follower, yielding after each batch.

        Whoever cannot be reached gets a row too, which is ``skipped`` from the start.

        Nothing happens before the first ``next()``. Planning twice is safe, also at the same
        time: nobody gets two rows, and the reply of the first plan stays.
        """
        with self._db.write() as connection:
            connection.execute(
                update(announcements)
                .where(announcements.c.id == announcement.id, announcements.c.notice.is_(None))
                .values(notice=reply.as_json(), plan_cursor=0)
            )
        yield from self.resume(announcement, now, batch)

    def resume(
        self, announcement: Announcement, now: datetime, batch: int = 2000
    ) -> Iterator[Progress]:
        """Go on with a plan that was cut short."""
        done = self._planned(announcement)
        total = done + self._left(announcement)
        yield Progress(done, total)
        while (added := self._next_batch(announcement, now, batch)) is not None:
            done += added
            yield Progress(done, max(done, total))
            time.sleep(BREATHER_SECONDS)

    def unfinished(self) -> list[Announcement]:
        """Return announcements whose plan was begun and not finished."""
        query = select(*COLUMNS).where(
            announcements.c.notice.isnot(None), announcements.c.planned_at.is_(None)
        )
        with self._db.read() as connection:
            return [as_announcement(row) for row in connection.execute(query)]

    def _next_batch(self, announcement: Announcement, now: datetime, batch: int) -> int | None:
        try:
            return self._plan_batch(announcement, now, batch)
        except IntegrityError:
            # PostgreSQL: a follower was erased between our look and our insert. Look again.
            return self._plan_batch(announcement, now, batch)

    def _plan_batch(self, announcement: Announcement, now: datetime, batch: int) -> int | None:
        """Plan the next ``batch`` followers; None when there are no more."""
        own = announcements.c.id == announcement.id
        with self._db.write() as connection:
            query = select(announcements.c.plan_cursor, announcements.c.planned_at).where(own)
            row = connection.execute(query.with_for_update(key_share=True)).one()
            if row.planned_at is not None:
                return None
            following = _followers(announcement, row.plan_cursor).limit(batch).subquery()
            last = connection.execute(select(func.max(following.c.citizen_id))).scalar()
            if last is None:
                connection.execute(update(announcements).where(own).values(planned_at=now))
                return None
            reason = _reason(self._windows, now)
            rows = _delivery_rows(announcement, now, reason, row.plan_cursor, last)
            names = [column.key for column in rows.selected_columns]
            insert = self._db.insert(deliveries).from_select(names, rows)
            added = connection.execute(insert.on_conflict_do_nothing()).rowcount
            connection.execute(update(announcements).where(own).values(plan_cursor=last))
        return int(added)

    def _planned(self, announcement: Announcement) -> int:
        query = select(func.count()).where(deliveries.c.announcement_id == announcement.id)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar())

    def _left(self, announcement: Announcement) -> int:
        query = select(announcements.c.plan_cursor).where(announcements.c.id == announcement.id)
        with self._db.read() as connection:
            cursor = connection.execute(query).scalar() or 0
            everyone = _followers(announcement, cursor).subquery()
            return int(connection.execute(select(func.count()).select_from(everyone)).scalar())


def _followers(announcement: Announcement, after_id: int) -> Any:
    return (
        select(subscriptions.c.citizen_id)
        .select_from(subscriptions.join(citizens))
        .where(
            followed(announcement.topic, announcement.area),
            subscriptions.c.citizen_id > after_id,
        )
        .group_by(subscriptions.c.citizen_id)
        .order_by(subscriptions.c.citizen_id)
    )


def _reason(windows: Windows, now: datetime) -> Any:
    """Return why a citizen cannot get a notice, NULL if they can: ``Windows`` said in SQL."""
    last = citizens.c.last_interaction_at
    reasons: list[Any] = [(citizens.c.blocked_at.isnot(None), literal("blocked"))]
    for channel, rule in windows.rules.items():
        here = citizens.c.channel == channel
        closed = or_(last.is_(None), last < now - rule.open_for)
        reasons.append((and_(here, closed), literal(CLOSED_REASON)))
        if not windows.charged_notices:
            reasons.append((and_(here, last < now - rule.free_for), literal(CHARGED_REASON)))
    return case(*reasons, else_=null())


def _delivery_rows(
    announcement: Announcement, now: datetime, reason: Any, after_id: int, last: int
) -> Any:
    goes = reason.is_(None)
    moment = literal(now, deliveries.c.due_at.type)
    queued, skipped = DeliveryState.QUEUED.value, DeliveryState.SKIPPED.value
    priority = URGENT_PRIORITY if announcement.urgent else BULK_PRIORITY
    chosen = _followers(announcement, after_id).where(subscriptions.c.citizen_id <= last)
    chosen = chosen.subquery()
    return (
        select(
            citizens.c.channel.label("channel"),
            citizens.c.id.label("citizen_id"),
            literal("notice").label("kind"),
            literal(priority).label("priority"),
            literal(announcement.id).label("announcement_id"),
            case((goes, queued), else_=skipped).label("state"),
            case((goes, moment), else_=null()).label("due_at"),
            case((goes, null()), else_=moment).label("settled_at"),
            reason.label("error_code"),
            moment.label("created_at"),
        )
        .select_from(citizens.join(chosen, chosen.c.citizen_id == citizens.c.id))
        .where(
            citizens.c.id > after_id  # also keeps SQLite from reading ON CONFLICT as a join
        )
    )
