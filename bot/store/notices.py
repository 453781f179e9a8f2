"""Planning a notice: one delivery row per follower, in batches that survive a kill.

Each batch commits its rows together with the cursor in ``announcements.plan_cursor``, so a
second run goes on exactly where the first one died. Between batches others may write.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, literal, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.core.announcements.announcement import Announcement
from bot.core.messages import DeliveryState, Reply
from bot.core.notices.hours import Hours
from bot.core.notices.notice import Audience
from bot.core.work.windows import Windows
from bot.store.announcements import COLUMNS, as_announcement
from bot.store.audiences import gathered, meant, reason_against, window_reasons
from bot.store.database import Database
from bot.store.holding import CANCELLED, EXPIRED
from bot.store.records import Progress
from bot.store.schema import announcements, citizens, deliveries, subscriptions
from bot.store.subscriptions import followed

URGENT_PRIORITY = 1
BULK_PRIORITY = 2
LAST = 2**63 - 1
AHEAD = timedelta(hours=1)  # an emergency is due before other urgent notices that wait
# Long enough for a waiting webhook to take the write lock between two batches.
BREATHER_SECONDS = 0.004


class Notices:
    """Turns an announcement into deliveries."""

    def __init__(self, db: Database, windows: Windows, hours: Hours | None = None) -> None:
        self._db = db
        self._windows = windows
        self._hours = hours or Hours()

    def unreachable(self, topic: str, area: str | None, now: datetime) -> dict[str, int]:
        """Return how many followers a notice sent now would not reach, for each reason."""
        reason = reason_to_skip(self._windows, now).label("reason")
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
        """Plan the next ``batch`` recipients; None when there are no more for now."""
        own = announcements.c.id == announcement.id
        with self._db.write() as connection:
            row = connection.execute(_MARKS.where(own).with_for_update(key_share=True)).one()
            if row.planned_at is not None:
                return None
            if row.held in (CANCELLED, EXPIRED):
                connection.execute(update(announcements).where(own).values(planned_at=now))
                return None
            plan = self._plan_of(connection, row, now)
            if row.daytime:
                # Two plans at once would both find room in a citizen's day.
                self._db.one_at_a_time(connection, "daily share")
            following = plan.recipients(row.plan_cursor).limit(batch).subquery()
            last = connection.execute(select(func.max(following.c.citizen_id))).scalar()
            if last is None:
                self._end(connection, row, now)
                return None
            rows = _delivery_rows(plan, row.id, now, row.plan_cursor, last)
            names = [column.key for column in rows.selected_columns]
            insert = self._db.insert(deliveries).from_select(names, rows)
            added = connection.execute(insert.on_conflict_do_nothing()).rowcount
            connection.execute(update(announcements).where(own).values(plan_cursor=last))
        return int(added)

    def _end(self, connection: Any, row: Any, now: datetime) -> None:
        """Note that everybody is planned.

        For a correction that is only so when nobody can get the earlier notice any more: until
        then it looks through its recipients again.
        """
        values: dict[str, Any] = {"planned_at": now}
        if row.corrects is not None and _is_open(connection, row.corrects):
            values = {"plan_cursor": 0}
        own = announcements.c.id == row.id
        connection.execute(update(announcements).where(own).values(**values))

    def _plan_of(self, connection: Any, row: Any, now: datetime) -> _Plan:
        """Return whom a notice is for, why not, and when; ``row`` is of _MARKS."""
        priority = URGENT_PRIORITY if row.urgent else BULK_PRIORITY
        if row.audience is None:
            reason = reason_to_skip(self._windows, now)
            audience = Audience((row.topic,), (row.area,) if row.area else ())
            digest = None if row.urgent else gathered(connection, audience)
            return _Plan(_Followers(row.topic, row.area), reason, now, priority, digest)
        hours = self._hours if row.daytime else None
        reason = reason_against(self._windows, now, hours)
        due = hours.earliest(now) if hours else now
        if row.emergency:
            due = now - AHEAD
        audience = Audience.from_json(row.audience)
        digest = None if row.urgent else gathered(connection, audience)
        return _Plan(_Meant(audience), reason, due, priority, digest)

    def _planned(self, announcement: Announcement) -> int:
        query = select(func.count()).where(deliveries.c.announcement_id == announcement.id)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar())

    def _left(self, announcement: Announcement) -> int:
        with self._db.read() as connection:
            row = connection.execute(_MARKS.where(announcements.c.id == announcement.id)).one()
            plan = self._plan_of(connection, row, row.published_at)
            everyone = plan.recipients(row.plan_cursor or 0)
            count = select(func.count()).select_from(everyone.order_by(None).subquery())
            return int(connection.execute(count).scalar())


@dataclass(frozen=True)
class _Followers:
    """The followers of a topic, for an area if there is one."""

    topic: str
    area: str | None

    def __call__(self, after_id: int, last: int = LAST) -> Any:
        own = subscriptions.c.citizen_id
        return (
            select(own)
            .select_from(subscriptions.join(citizens))
            .where(followed(self.topic, self.area), own > after_id, own <= last)
            .group_by(own)
            .order_by(own)
        )


@dataclass(frozen=True)
class _Meant:
    """The citizens an audience names."""

    audience: Audience

    def __call__(self, after_id: int, last: int = LAST) -> Any:
        own = citizens.c.id
        within = (own > after_id) & (own <= last)
        return select(own.label("citizen_id")).where(within, meant(self.audience)).order_by(own)


@dataclass(frozen=True)
class _Plan:
    """``recipients`` selects ids; ``reason`` is why one of them gets nothing, or NULL.

    ``digest`` is the pace of the digest it waits for, or NULL; None where nobody has it wait.
    """

    recipients: _Followers | _Meant
    reason: Any
    due: datetime
    priority: int
    digest: Any


_MARKS = select(
    *(
        announcements.c[name]
        for name in (
            "id",
            "topic",
            "area",
            "urgent",
            "published_at",
            "plan_cursor",
            "planned_at",
            "audience",
            "daytime",
            "emergency",
            "held",
            "corrects",
        )
    )
)


def _is_open(connection: Any, announcement_id: int) -> bool:
    """Whether rows of a notice may still be sent, or are being sent."""
    # What waits for a digest is told there together with the correction.
    leaves = or_(deliveries.c.digest.is_(None), deliveries.c.digest_id.isnot(None))
    unsettled = select(deliveries.c.id).where(
        deliveries.c.announcement_id == announcement_id, deliveries.c.settled_at.is_(None), leaves
    )
    planning = select(announcements.c.id).where(
        announcements.c.id == announcement_id,
        announcements.c.notice.isnot(None),
        announcements.c.planned_at.is_(None),
    )
    return any(connection.execute(query.limit(1)).first() for query in (unsettled, planning))


def reason_to_skip(windows: Windows, now: datetime) -> Any:
    """Return why a citizen cannot get a notice, NULL if they can: ``Windows`` said in SQL."""
    blocked = (citizens.c.blocked_at.isnot(None), literal("blocked"))
    return case(blocked, *window_reasons(windows, now), else_=null())


# Whoever these are true of gets neither the notice nor a digest.
_NOTHING_MORE = citizens.c.stopped_at.isnot(None) | citizens.c.blocked_at.isnot(None)


def _delivery_rows(
    plan: _Plan, announcement_id: int, now: datetime, after_id: int, last: int
) -> Any:
    moment = literal(now, deliveries.c.due_at.type)
    due: Any = literal(plan.due, deliveries.c.due_at.type)
    reason, digest = plan.reason, literal(None, deliveries.c.digest.type)
    if plan.digest is not None:
        # Whether its window is open matters when the digest goes out, not now.
        digest = case((_NOTHING_MORE, null()), else_=plan.digest)
        reason = case((digest.isnot(None), null()), else_=reason)
        due = case((digest.is_(None), due), else_=null())
    queued, skipped = DeliveryState.QUEUED.value, DeliveryState.SKIPPED.value
    chosen = plan.recipients(after_id, last).subquery()
    found = {"reason": reason, "digest": digest, "due": due}
    judged = (
        select(citizens.c.id, citizens.c.channel, *(each.label(n) for n, each in found.items()))
        .select_from(citizens.join(chosen, chosen.c.citizen_id == citizens.c.id))
        .where(citizens.c.id > after_id, citizens.c.id <= last)
        .limit(LAST)  # or the engines would look for each reason as often as it is named below
        .subquery()
    )
    goes = judged.c.reason.is_(None)
    return (
        select(
            judged.c.channel.label("channel"),
            judged.c.id.label("citizen_id"),
            literal("notice").label("kind"),
            literal(plan.priority).label("priority"),
            literal(announcement_id).label("announcement_id"),
            case((goes, queued), else_=skipped).label("state"),
            case((goes, judged.c.due), else_=null()).label("due_at"),
            case((goes, null()), else_=moment).label("settled_at"),
            judged.c.reason.label("error_code"),
            judged.c.digest.label("digest"),
            moment.label("created_at"),
        )
        .select_from(judged)
        .where(judged.c.id > after_id)  # else SQLite would read ON CONFLICT as a join
    )
