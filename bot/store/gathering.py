"""Notices that wait for somebody's digest: no longer wanted, or taken out of one not yet sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.core.announcements.consent import Subscription
from bot.core.messages import DeliveryState
from bot.core.notices.notice import Audience
from bot.store.holding import CANCELLED, WAITING
from bot.store.schema import announcements, deliveries
from bot.store.schema_digests import digests
from bot.store.subscriptions import of

# In a digest's meta: which notices it tells as put right, and by which.
TOLD_CORRECTED = "corrected"
_UNSURE = DeliveryState.UNSURE.value
_CANCELLED = {"state": DeliveryState.CANCELLED.value, "due_at": None}
# A digest itself: a message of its own, of no single announcement.
IS_DIGEST = deliveries.c.digest_id.isnot(None) & deliveries.c.announcement_id.is_(None)


def release_of(connection: Any, citizen_id: int, now: datetime) -> None:
    """Take apart a citizen's digests that were not sent: what they hold may be unwanted now."""
    own = deliveries.c.citizen_id == citizen_id
    ids = select(deliveries.c.digest_id).where(own, IS_DIGEST, deliveries.c.state.in_(WAITING))
    release(connection, connection.execute(ids).scalars(), now)


def release_with(connection: Any, row_ids: Iterable[int], now: datetime) -> None:
    """Take apart digests not yet sent that hold one of these rows."""
    into = deliveries.c.id.in_(list(row_ids)) & deliveries.c.digest_id.isnot(None)
    release(
        connection, connection.execute(select(deliveries.c.digest_id).where(into)).scalars(), now
    )


def release(connection: Any, digest_ids: Iterable[int], now: datetime) -> None:
    """Take apart digests that wait to be sent; their notices wait again, for the next making.

    A digest that is being sent, or was, stays as it is. One that waits although it was in doubt
    was not taken by the platform: nothing in it is in doubt any more.
    """
    named = deliveries.c.digest_id.in_(list(digest_ids)) & IS_DIGEST
    waiting = select(deliveries).where(named, deliveries.c.state.in_(WAITING))
    rows = connection.execute(waiting.order_by(deliveries.c.id).with_for_update()).all()
    if not rows:
        return
    own = [row.digest_id for row in rows]
    message = deliveries.c.id.in_([row.id for row in rows])
    connection.execute(update(deliveries).where(message).values(**_CANCELLED, settled_at=now))
    item = deliveries.c.digest_id.in_(own) & deliveries.c.announcement_id.isnot(None)
    anew = {"state": DeliveryState.QUEUED.value, "error_code": None, "settled_at": None}
    doubtful = deliveries.c.state == _UNSURE
    connection.execute(update(deliveries).where(item, doubtful).values(**anew))
    connection.execute(update(deliveries).where(item).values(digest_id=None))
    connection.execute(delete(digests).where(digests.c.id.in_(own)))


def take_apart(connection: Any, rows: Iterable[Any], now: datetime) -> set[int]:
    """Take apart digests about to be sent of which a part must not leave; return their rows' ids.

    Their notices may have been paused, ended or put right after the digest was made, and also
    while an earlier try was under way.
    """
    due = {row.digest_id: row for row in rows if row.is_digest}
    if not due:
        return set()
    query = (
        select(
            deliveries.c.digest_id,
            announcements.c.id,
            announcements.c.held,
            announcements.c.corrected_by,
            announcements.c.expires_at,
        )
        .select_from(deliveries.join(announcements))
        .where(deliveries.c.digest_id.in_(list(due)))
    )
    stale = {
        each.digest_id
        for each in connection.execute(query).all()
        if _is_stale(each, due[each.digest_id].body or {}, now)
    }
    release(connection, stale, now)
    return {due[digest_id].id for digest_id in stale}


def _is_stale(notice: Any, body: Mapping[str, Any], now: datetime) -> bool:
    """Whether a digest with this body tells a notice that must not be told, or not like that."""
    if notice.expires_at is not None and notice.expires_at <= now:
        return True
    if notice.corrected_by is not None and notice.held in (None, CANCELLED):
        told = body.get("meta", {}).get(TOLD_CORRECTED, ())
        return [notice.id, notice.corrected_by] not in told
    return notice.held is not None


def cancel_unwanted(connection: Any, citizen_id: int, now: datetime) -> None:
    """Cancel waiting notices that none of the citizen's wishes fits any more.

    An emergency and a correction go out whatever is followed; STOP ends them before sending.
    """
    wishes = of(connection, citizen_id)
    query = (
        select(
            deliveries.c.id, announcements.c.topic, announcements.c.area, announcements.c.audience
        )
        .select_from(deliveries.join(announcements))
        .where(
            deliveries.c.citizen_id == citizen_id,
            deliveries.c.kind == "notice",
            deliveries.c.state.in_(WAITING),
            deliveries.c.digest_id.is_(None),  # else it is on its way
            announcements.c.emergency.isnot(True),
            announcements.c.corrects.is_(None),
        )
    )
    unwanted = [row.id for row in connection.execute(query) if not _is_wanted(row, wishes)]
    if unwanted:
        change = update(deliveries).where(deliveries.c.id.in_(unwanted))
        connection.execute(change.values(**_CANCELLED, settled_at=now))


def _is_wanted(row: Any, wishes: Iterable[Subscription]) -> bool:
    """Whether a wish fits the notice; one for others than followers only needs its topic."""
    topics, areas = {row.topic}, {row.area} if row.area and row.audience is None else set()
    if row.audience is not None:
        audience = Audience.from_json(row.audience)
        topics |= set(audience.topics)
        others = audience.everyone or audience.uploaded or audience.dossier_states
        areas = set() if others else set(audience.areas)
    return any(
        wish.topic in topics and (not areas or wish.area is None or wish.area in areas)
        for wish in wishes
    )
