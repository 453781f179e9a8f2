"""Notices that wait for somebody's digest: no longer wanted, or taken out of one not yet sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.core.announcements.consent import Subscription
from bot.core.messages import DeliveryState
from bot.core.notices.notice import Audience
from bot.store.holding import WAITING
from bot.store.schema import announcements, deliveries
from bot.store.schema_digests import digests
from bot.store.subscriptions import of

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

    A digest that is being sent, or was, stays as it is.
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
    connection.execute(update(deliveries).where(item).values(digest_id=None))
    connection.execute(delete(digests).where(digests.c.id.in_(own)))


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
