"""Rows nobody knows the fate of: the platform's answer was lost. A person decides about them.

They are found by an index that holds nothing else, so it does not matter how much was sent. A
decision is one UPDATE of rows that still are in doubt: of two people at once one decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, literal_column, null, or_, select, update

from bot.core.messages import DeliveryState
from bot.core.notices.approval import Hand, check_role
from bot.core.notices.states import Act
from bot.store import audit
from bot.store.database import Database
from bot.store.holding import AGAIN, ENDS
from bot.store.schema import announcements, deliveries
from bot.store.schema_drafts import notice_drafts

BATCH = 500  # rows decided in one transaction: others wait for it
TALK = 0  # stands for what belongs to no notice: answers and news of dossiers
BY_PERSON = "by_person"
_UNSURE = deliveries.c.state == literal_column("'unsure'")  # as the index says it
# An answer of a talk is never sent again: hours later it answers nothing.
_IS_OVER = announcements.c.held.in_(tuple(ENDS))


@dataclass(frozen=True)
class UnsureGroup:
    """Rows of one notice that are in doubt; ``announcement_id`` TALK: of no notice."""

    announcement_id: int
    draft_id: int | None
    title: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class UnsureRow:
    """One row. ``again``: it may be sent once more."""

    delivery_id: int
    citizen_id: int
    channel: str
    kind: str
    error_code: str
    attempts: int
    at: datetime
    again: bool


class Unsure:
    """Lists what is in doubt and takes decisions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def count(self) -> int:
        """Return how many rows are in doubt."""
        with self._db.read() as connection:
            query = select(func.count()).select_from(deliveries).where(_UNSURE)
            return int(connection.execute(query).scalar())

    def groups(self) -> list[UnsureGroup]:
        """Return what is in doubt by notice, the newest notice first, then the rest."""
        own = deliveries.c.announcement_id
        rows = (
            select(
                own.label("of"),
                func.count().label("count"),
                func.min(deliveries.c.settled_at).label("first_at"),
                func.max(deliveries.c.settled_at).label("last_at"),
            )
            .where(_UNSURE)
            .group_by(own)
            .subquery()
        )
        tied = rows.outerjoin(announcements, announcements.c.id == rows.c.of).outerjoin(
            notice_drafts, notice_drafts.c.announcement_id == rows.c.of
        )
        query = select(rows, announcements.c.title, notice_drafts.c.id.label("draft_id"))
        with self._db.read() as connection:
            found = connection.execute(query.select_from(tied)).all()
        groups = [
            UnsureGroup(
                row.of or TALK, row.draft_id, row.title or "", row.count, row.first_at, row.last_at
            )
            for row in found
        ]
        return sorted(groups, key=lambda group: -group.announcement_id)

    def rows(self, announcement_id: int, after_id: int = 0, limit: int = 100) -> list[UnsureRow]:
        """Return rows in doubt of a notice, or of none (TALK), in the order of their ids."""
        query = (
            select(deliveries, _may_again().label("again"))
            .select_from(deliveries.outerjoin(announcements))
            .where(_UNSURE, _of(announcement_id), deliveries.c.id > after_id)
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        with self._db.read() as connection:
            return [
                UnsureRow(
                    row.id,
                    row.citizen_id,
                    row.channel,
                    row.kind,
                    row.error_code or "",
                    row.attempts,
                    row.settled_at,
                    bool(row.again),
                )
                for row in connection.execute(query)
            ]

    def decide(self, delivery_id: int, hand: Hand, now: datetime, *, again: bool) -> bool:
        """Send a row once more, or count it as arrived; False if that is not to be decided.

        Raises NoticeRefused (``role``).
        """
        check_role(hand, Act.RESUME)
        with self._db.write() as connection:
            wanted = _UNSURE & (deliveries.c.id == delivery_id)
            subject = f"delivery:{delivery_id}"
            return self._decide(connection, wanted, hand, subject, now, again)[1] == 1

    def decide_all(
        self, announcement_id: int, hand: Hand, until: datetime, now: datetime, *, again: bool
    ) -> int:
        """Decide about all rows of a notice that were in doubt at ``until``; return how many.

        What came into doubt later was not on the page. Safe to cut short and repeat.
        Raises NoticeRefused (``role``).
        """
        check_role(hand, Act.RESUME)
        wanted = _UNSURE & _of(announcement_id) & (deliveries.c.settled_at <= until)
        subject = f"notice:{announcement_id}" if announcement_id else "talk"
        total = 0
        while True:
            with self._db.write() as connection:
                looked_at, count = self._decide(connection, wanted, hand, subject, now, again)
            total += count
            if not looked_at:
                return total

    def _decide(
        self, connection: Any, wanted: Any, hand: Hand, subject: str, now: datetime, again: bool
    ) -> tuple[int, int]:
        """Decide about a batch; return how many rows were looked at and how many it was."""
        chosen = (
            select(deliveries.c.id)
            .select_from(deliveries.outerjoin(announcements))
            .where(wanted, _may_again() if again else True)
            .order_by(deliveries.c.id)
            .limit(BATCH)
        )
        ids = connection.execute(chosen).scalars().all()
        values: dict[str, Any] = {"state": DeliveryState.SENT.value, "error_code": BY_PERSON}
        if again:
            values = {
                "state": DeliveryState.QUEUED.value,
                "error_code": AGAIN,
                "due_at": now,
                "settled_at": null(),
            }
        own = update(deliveries).where(deliveries.c.id.in_(ids), _UNSURE)
        count = int(connection.execute(own.values(**values)).rowcount) if ids else 0
        if count:
            detail = {"again": again, "rows": count, "first": ids[0], "last": ids[-1]}
            audit.add(self._db, connection, hand.actor, "unsure_decided", subject, detail, now)
        return len(ids), count


def _of(announcement_id: int) -> Any:
    if announcement_id == TALK:
        return deliveries.c.announcement_id.is_(None)
    return deliveries.c.announcement_id == announcement_id


def _may_again() -> Any:
    """Whether a row may leave once more: its words are still there and wanted."""
    notice = and_(
        deliveries.c.announcement_id.isnot(None),
        announcements.c.notice.isnot(None),
        deliveries.c.digest_id.is_(None),  # it went, or not, as a line of a digest
        or_(announcements.c.held.is_(None), ~_IS_OVER),
    )
    news = and_(deliveries.c.follow_id.isnot(None), deliveries.c.body.isnot(None))
    return or_(notice, news)
