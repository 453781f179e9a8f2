"""What happened since a moment, and what waits, for the first page of the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, literal_column, or_, select

from bot.core.notices.approval import HANDS_ON
from bot.core.notices.states import State
from bot.store.database import Database
from bot.store.schema import announcements, citizens, deliveries, inbound
from bot.store.schema_drafts import notice_approvals, notice_drafts, notice_versions
from bot.store.schema_follows import ratings


@dataclass(frozen=True)
class TodayFigures:
    """Messages of citizens since a moment; ``waiting`` of all days have no answer yet."""

    messages: int
    citizens: int
    waiting: int
    waiting_since: datetime | None


@dataclass(frozen=True)
class WaitingFor:
    """How many notices, and rows in doubt, wait for one person, whatever their roles."""

    approve: int  # submitted, and nobody's work of theirs
    returned: int  # their own, sent back
    release: int  # approved, not scheduled
    paused: int
    unsure: int


@dataclass(frozen=True)
class UnderWay:
    """A notice going out: ``done`` of ``total`` planned rows have met their fate."""

    draft_id: int
    title: str
    state: str
    planned: bool
    done: int
    total: int


@dataclass(frozen=True)
class Rated:
    """How often an agency was given so many stars."""

    agency: str
    stars: int
    count: int


class Today:
    """Counts by indexes; what has none is counted from the newest row backwards."""

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

    def wanted_person(self, since: datetime) -> int:
        """Return how many citizens last asked for a person since ``since``."""
        wanted = citizens.c.human_wanted_at
        query = select(func.count()).where(wanted.isnot(None), wanted >= since)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar())

    def waiting_for(self, staff_id: int) -> WaitingFor:
        """Return what waits for somebody."""
        draft = notice_drafts.c
        mine = or_(draft.author_id == staff_id, draft.editor_id == staff_id)
        unsure = deliveries.c.state == literal_column("'unsure'")  # as its index says it
        with self._db.read() as connection:
            return WaitingFor(
                approve=_count(connection, State.SUBMITTED, ~_had_a_hand(staff_id)),
                returned=_count(connection, State.RETURNED, mine),
                release=_count(connection, State.APPROVED),
                paused=_count(connection, State.PAUSED),
                unsure=connection.execute(select(func.count()).where(unsure)).scalar(),
            )

    def under_way(self, most: int) -> Sequence[UnderWay]:
        """Return up to ``most`` notices that go out now or are held, the newest first."""
        draft = notice_drafts.c
        query = (
            select(draft.id, draft.title, draft.state, draft.announcement_id)
            .add_columns(announcements.c.planned_at)
            .join(announcements, announcements.c.id == draft.announcement_id)
            .where(draft.state.in_((State.SENDING.value, State.PAUSED.value)))
            .order_by(draft.id.desc())
            .limit(most)
        )
        with self._db.read() as connection:
            return [_under_way(connection, row) for row in connection.execute(query).all()]

    def ratings(self, since: str) -> Sequence[Rated]:
        """Return what citizens gave since a day (``2026-11-22``), by agency and stars."""
        kept = ratings.c
        query = (
            select(kept.agency, kept.stars, func.count())
            .where(kept.day >= since)
            .group_by(kept.agency, kept.stars)
            .order_by(kept.agency, kept.stars)
        )
        with self._db.read() as connection:
            return [Rated(*row) for row in connection.execute(query).all()]


def _count(connection: Any, state: State, *which: Any) -> int:
    query = select(func.count()).select_from(notice_drafts)
    query = query.where(notice_drafts.c.state == state.value, *which)
    return int(connection.execute(query).scalar())


def _had_a_hand(staff_id: int) -> Any:
    """Return the notices somebody wrote, changed or submitted, or approved this time."""
    draft = notice_drafts.c
    acts = [act.value for act in HANDS_ON]
    worked = exists().where(
        notice_versions.c.draft_id == draft.id,
        notice_versions.c.staff_id == staff_id,
        notice_versions.c.act.in_(acts),
    )
    approved = exists().where(
        and_(
            notice_approvals.c.draft_id == draft.id,
            notice_approvals.c.submission == draft.submission,
            notice_approvals.c.staff_id == staff_id,
        )
    )
    return or_(worked, approved)


def _under_way(connection: Any, row: Any) -> UnderWay:
    of_it = deliveries.c.announcement_id == row.announcement_id
    total = connection.execute(select(func.count()).where(of_it)).scalar()
    open_ones = select(func.count()).where(of_it, deliveries.c.settled_at.is_(None))
    done = total - connection.execute(open_ones).scalar()
    return UnderWay(row.id, row.title, row.state, row.planned_at is not None, done, total)
