"""Whom a notice is for, said in SQL: the same words plan it and forecast it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, false, func, literal, null, or_, select, true

from bot.core.channel import VISITORS
from bot.core.messages import DeliveryState
from bot.core.notices.forecast import (
    AREA_UNKNOWN,
    BLOCKED,
    DIGEST,
    NOT_SUBSCRIBED,
    OTHER_AREA,
    PAYING,
    PAYING_DIGEST,
    QUOTA_USED,
    STOPPED,
    UNFOLLOWED,
    Group,
)
from bot.core.notices.hours import Hours
from bot.core.notices.notice import Audience
from bot.core.notices.uploads import IdList, ListReport
from bot.core.work.windows import CHARGED_REASON, CLOSED_REASON, Windows
from bot.store.database import Database
from bot.store.schema import Utc, citizens, deliveries, subscriptions
from bot.store.schema_drafts import audience_lists, audience_members
from bot.store.schema_follows import follows
from bot.store.subscriptions import any_gathered, soonest_pace

_AT_ONCE = 20  # pages in one transaction: not one wait for the disk each
_PAGE = 500
# An earlier notice reached them, or may have.
REACHED = (DeliveryState.SENT.value, DeliveryState.DELIVERED.value, DeliveryState.UNSURE.value)
_COUNTED = (
    *REACHED,
    DeliveryState.QUEUED.value,
    DeliveryState.RETRY.value,
    DeliveryState.SENDING.value,
)


def meant(audience: Audience) -> Any:
    """Match the citizens an audience names; those who said STOP only where it is a correction.

    They are then skipped with that reason, so that the ledger shows everybody it was for.
    """
    if audience.corrects is not None:
        return _reached(audience.corrects)
    return and_(_on(audience), citizens.c.stopped_at.is_(None), _named(audience))


def _named(audience: Audience) -> Any:
    groups: list[Any] = []
    if audience.everyone:
        groups.append(_persons())
    if audience.topics:
        groups.append(_subscribed(audience.topics, audience.areas))
    if audience.dossier_states:
        nearby = _subscribed_in(audience.areas) if audience.areas else true()
        groups.append(and_(_follows_dossier(audience.dossier_states), nearby))
    if audience.uploaded:
        own = audience_members.c.citizen_id == citizens.c.id
        groups.append(exists().where(own, audience_members.c.list == audience.uploaded))
    return or_(*groups) if groups else false()


def gathered(connection: Any, audience: Audience) -> Any:
    """Return, in SQL, the pace of the digest the notice waits for; NULL where it goes at once.

    None, to save the question, where nobody wants one of its topics gathered. Whom another group
    names too gets it at once, and so does everybody a correction is for.
    """
    if audience.corrects is not None or not any_gathered(connection, audience.topics):
        return None
    otherwise = _named(replace(audience, topics=()))
    pace = soonest_pace(audience.topics, audience.areas)
    return case((otherwise, null()), else_=pace)


def _on(audience: Audience) -> Any:
    return citizens.c.channel.in_(audience.channels) if audience.channels else true()


def _persons() -> Any:
    """Match who is somebody: not erased, not a visitor without a login."""
    return and_(citizens.c.erased_at.is_(None), ~citizens.c.channel.like(f"%{VISITORS}"))


def _subscribed(topics: Sequence[str], areas: Sequence[str]) -> Any:
    where = [subscriptions.c.citizen_id == citizens.c.id, subscriptions.c.topic.in_(topics)]
    if areas:
        where.append(subscriptions.c.area.in_(("", *areas)))
    return exists().where(*where)


def _subscribed_in(areas: Sequence[str]) -> Any:
    own = subscriptions.c.citizen_id == citizens.c.id
    return exists().where(own, subscriptions.c.area.in_(tuple(areas)))


def _follows_dossier(states: Sequence[int]) -> Any:
    status = follows.c.known["status"].as_integer()
    own = follows.c.citizen_id == citizens.c.id
    return exists().where(own, follows.c.muted.is_(False), status.in_(tuple(states)))


def _reached(announcement_id: int) -> Any:
    return exists().where(
        deliveries.c.announcement_id == announcement_id,
        deliveries.c.citizen_id == citizens.c.id,
        deliveries.c.state.in_(REACHED),
    )


def window_reasons(windows: Windows, now: datetime) -> list[Any]:
    """Return ``Windows`` as branches of a CASE over citizens."""
    last = citizens.c.last_interaction_at
    reasons: list[Any] = []
    for channel, rule in windows.rules.items():
        here = citizens.c.channel == channel
        closed = or_(last.is_(None), last < now - rule.open_for)
        reasons.append((and_(here, closed), literal(CLOSED_REASON)))
        if not windows.charged_notices:
            reasons.append((and_(here, last < now - rule.free_for), literal(CHARGED_REASON)))
    return reasons


def reason_against(windows: Windows, now: datetime, hours: Hours | None) -> Any:
    """Return why a citizen who is meant gets nothing, NULL if they get it.

    ``hours`` None: neither night nor daily share matter.
    """
    return case(*_reasons(windows, now, hours), else_=null())


def _reasons(windows: Windows, now: datetime, hours: Hours | None) -> list[Any]:
    branches: list[Any] = [
        (citizens.c.stopped_at.isnot(None), literal(STOPPED)),
        (citizens.c.blocked_at.isnot(None), literal(BLOCKED)),
    ]
    for channel, rule in windows.rules.items():
        last = citizens.c.last_interaction_at
        gone = and_(citizens.c.channel == channel, citizens.c.follows.is_(False))
        closed = or_(last.is_(None), last < now - rule.open_for)
        branches.append((and_(gone, closed), literal(UNFOLLOWED)))
    branches += window_reasons(windows, now)
    if hours:
        branches.append((_share_used(hours, now), literal(QUOTA_USED)))
    return branches


def _share_used(hours: Hours, now: datetime) -> Any:
    """Match who has had, or is to have, as many notices as fit in the day it would arrive."""
    start, end = hours.day(hours.earliest(now))
    had = deliveries.alias("had")
    at = func.coalesce(had.c.sent_at, had.c.due_at, had.c.created_at, type_=Utc)
    count = (
        select(func.count())
        .select_from(had)
        .where(
            had.c.citizen_id == citizens.c.id,
            had.c.announcement_id.isnot(None),
            had.c.digest.is_(None),
            had.c.state.in_(_COUNTED),
            at >= literal(start, Utc()),
            at < literal(end, Utc()),
        )
        .scalar_subquery()
    )
    return count >= hours.most_a_day


def groups_of(
    connection: Any, audience: Audience, windows: Windows, hours: Hours | None, now: datetime
) -> list[Group]:
    """Count everybody on the audience's channels by channel and what would become of them."""
    branches: list[Any] = []
    if audience.corrects is None:
        branches = [
            (citizens.c.stopped_at.isnot(None), literal(STOPPED)),
            *_left_out(audience),
            (~_named(audience), literal(NOT_SUBSCRIBED)),
        ]
    paying = _paying(windows, now)
    waits = gathered(connection, audience) if hours else None
    branches += _reasons(windows, now, None)
    if waits is not None:  # a digest has no share of the day
        branches.append((and_(waits.isnot(None), paying), literal(PAYING_DIGEST)))
        branches.append((waits.isnot(None), literal(DIGEST)))
    branches += [(_share_used(hours, now), literal(QUOTA_USED))] if hours else []
    branches.append((paying, literal(PAYING)))
    fates = (
        select(citizens.c.channel, case(*branches, else_=literal("")).label("reason"))
        .where(_looked_at(audience))
        .subquery()
    )
    query = select(fates.c.channel, fates.c.reason, func.count()).group_by(
        fates.c.channel, fates.c.reason
    )
    return [Group(*row) for row in connection.execute(query)]


def _paying(windows: Windows, now: datetime) -> Any:
    """Match who is reached in the time for which the platform charges, and may be."""
    last, paid = citizens.c.last_interaction_at, false()
    for channel, rule in windows.rules.items() if windows.charged_notices else ():
        paid = or_(paid, and_(citizens.c.channel == channel, last < now - rule.free_for))
    return paid


def _left_out(audience: Audience) -> list[Any]:
    """Return who is passed over because of the place."""
    if not audience.areas:
        return []
    named = _named(audience)
    branches: list[Any] = []
    if audience.topics:
        anywhere = _subscribed(audience.topics, ())
        branches.append((and_(~named, anywhere), literal(OTHER_AREA)))
    if audience.dossier_states:
        followers = _follows_dossier(audience.dossier_states)
        branches.append((and_(~named, followers), literal(AREA_UNKNOWN)))
    return branches


def _looked_at(audience: Audience) -> Any:
    """Match who is counted: where a topic is meant, also those who do not follow it."""
    if audience.corrects is not None:
        return _reached(audience.corrects)
    if audience.topics or audience.everyone:
        return and_(_on(audience), _persons())
    nearby = _left_out(audience)
    named = or_(_named(audience), *(condition for condition, _ in nearby))
    return and_(_on(audience), _persons(), named)


class Lists:
    """Uploaded lists of citizens, kept under the digest of their ids."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def report(self, ids: IdList) -> ListReport:
        """Say what keeping a list would do; nothing is changed."""
        known, stopped = self._known(ids)
        count = len(known.ids)
        return ListReport(known.digest, count, len(ids.ids) - count, stopped, ids.bad)

    def keep(self, ids: IdList, staff_id: int, now: datetime) -> ListReport:
        """Keep a list, without ids nobody has; keeping it again changes nothing.

        Its digest is that of the citizens it names today. An id that is given to somebody later
        makes it another list: nobody joins one that a notice was approved with.
        """
        named = self._known(ids)[0]
        head = {"digest": named.digest, "staff_id": staff_id, "at": now, "size": len(named.ids)}
        with self._db.write() as connection:
            lists = self._db.insert(audience_lists).values(head)
            connection.execute(lists.on_conflict_do_nothing())
        name, pages = literal(named.digest).label("list"), _pages(named.ids)
        for start in range(0, len(pages), _AT_ONCE):
            with self._db.write() as connection:
                for page in pages[start : start + _AT_ONCE]:
                    rows = select(citizens.c.id, name).where(citizens.c.id.in_(page))
                    insert = self._db.insert(audience_members)
                    members = insert.from_select(["citizen_id", "list"], rows)
                    connection.execute(members.on_conflict_do_nothing())
        return self.report(ids)

    def _known(self, ids: IdList) -> tuple[IdList, int]:
        """Return the ids that are somebody's, and how many of them said STOP."""
        found: list[int] = []
        stopped = 0
        with self._db.read() as connection:
            for page in _pages(ids.ids):
                own = citizens.c.id.in_(page), citizens.c.erased_at.is_(None)
                query = select(citizens.c.id, citizens.c.stopped_at).where(*own)
                for row in connection.execute(query.order_by(citizens.c.id)):
                    found.append(row.id)
                    stopped += row.stopped_at is not None
        return IdList(tuple(found), ids.bad), stopped

    def size(self, digest: str) -> int | None:
        """Return how many citizens a kept list names today, None if there is no such list."""
        lists, members = audience_lists.c, audience_members.c
        count = select(func.count()).where(members.list == lists.digest).scalar_subquery()
        with self._db.read() as connection:
            row = connection.execute(select(count).where(lists.digest == digest)).first()
        return int(row[0]) if row else None


def _pages(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE)]


def forget_member(connection: Any, citizen_id: int) -> None:
    """Take a citizen off every uploaded list."""
    own = audience_members.c.citizen_id == citizen_id
    connection.execute(delete(audience_members).where(own))


def forget_lists(connection: Any, before: datetime) -> int:
    """Delete uploaded lists older than ``before``; return how many rows they had."""
    old = select(audience_lists.c.digest).where(audience_lists.c.at < before)
    gone = connection.execute(delete(audience_members).where(audience_members.c.list.in_(old)))
    connection.execute(delete(audience_lists).where(audience_lists.c.at < before))
    return int(gone.rowcount)
