"""Which rows are due: the queries by which senders take them, and the mark they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, not_, or_, select, update

from bot.core.messages import Citizen, Delivery, DeliveryState, Reply
from bot.core.work.rate import Bucket
from bot.store.gathering import IS_DIGEST
from bot.store.notices import BULK_PRIORITY
from bot.store.schema import Utc, announcements, citizens, deliveries

UNSENT = tuple(
    state.value for state in (DeliveryState.QUEUED, DeliveryState.RETRY, DeliveryState.SENDING)
)


def _build_due() -> Any:
    earlier = deliveries.alias("earlier")
    unsent_before = select(earlier.c.id).where(
        earlier.c.citizen_id == deliveries.c.citizen_id,
        earlier.c.seq.is_(None),
        earlier.c.kind != "notice",
        earlier.c.state.in_(UNSENT),
        earlier.c.id < deliveries.c.id,
    )
    return (
        select(deliveries.c.id)
        .where(
            deliveries.c.channel == bindparam("channel"),
            deliveries.c.priority == bindparam("priority"),
            deliveries.c.due_at <= bindparam("now", type_=Utc),
            or_(deliveries.c.kind == "notice", ~unsent_before.exists()),
        )
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(bindparam("most"))
    )


# Built once: putting such a query together takes longer than running it.
DUE = _build_due()
_DUE_LOCKED = DUE.with_for_update(skip_locked=True, of=deliveries)


def _superseded() -> Any:
    """Whether the follower of a dossier has been written something newer that says it all.

    A new day of promise says nothing about the state: an unsent one still has to be told.
    """
    later = deliveries.alias("later")
    of_state, of_promise = later.c.telling.like("state %"), later.c.telling.like("promise %")
    is_news = or_(of_state, and_(of_promise, not_(deliveries.c.telling.like("state %"))))
    same = later.c.follow_id == deliveries.c.follow_id
    newer = select(later.c.id).where(same, later.c.id > deliveries.c.id, is_news)
    return newer.correlate(deliveries).exists()


_IN_DAYTIME = or_(
    announcements.c.daytime,
    IS_DIGEST,
    and_(deliveries.c.follow_id.isnot(None), deliveries.c.priority == BULK_PRIORITY),
)
_DETAILS = (
    select(
        deliveries.c.id,
        deliveries.c.citizen_id,
        deliveries.c.channel,
        deliveries.c.kind,
        deliveries.c.priority,
        deliveries.c.attempts,
        deliveries.c.body,
        deliveries.c.announcement_id,
        deliveries.c.digest_id,
        IS_DIGEST.label("is_digest"),
        deliveries.c.telling,
        deliveries.c.created_at,
        _superseded().label("superseded"),
        citizens.c.external_id,
        citizens.c.last_interaction_at,
        citizens.c.stopped_at,
        citizens.c.blocked_at,
        announcements.c.notice,
        announcements.c.expires_at,
        announcements.c.held,
        _IN_DAYTIME.label("daytime"),
    )
    .select_from(deliveries.join(citizens).outerjoin(announcements))
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
)


def take(
    connection: Any, due: Mapping[str, Any], priorities: tuple[int, ...], most: int
) -> list[Any]:
    """Return up to ``most`` due rows of ``priorities``, locked, the weightiest first."""
    ids: list[int] = []
    for priority in priorities:
        if len(ids) < most:
            wanted = {**due, "priority": priority, "most": most - len(ids)}
            ids += connection.execute(_DUE_LOCKED, wanted).scalars().all()
    found = {row.id: row for row in connection.execute(_DETAILS, {"ids": ids})}
    return [found[row_id] for row_id in ids]


def afforded(priorities: Sequence[int], bucket: Bucket | None, now: datetime) -> tuple[int, ...]:
    """Return the priorities there are calls left for."""
    return tuple(each for each in priorities if bucket is None or bucket.left_for(each, now) > 0)


_MARK = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=DeliveryState.SENDING.value,
        lease_owner=bindparam("owner"),
        lease_until=bindparam("until", type_=Utc),
        due_at=None,
        attempts=deliveries.c.attempts + 1,
    )
)


def mark_sending(connection: Any, ids: Sequence[int], owner: str, until: datetime) -> None:
    """Mark rows as being sent by ``owner``."""
    if ids:
        connection.execute(_MARK, {"ids": ids, "owner": owner, "until": until})


def as_delivery(row: Any, probe: str) -> Delivery:
    """Return a row that is now marked as being sent; ``probe`` names the pause it tests."""
    return Delivery(
        id=row.id,
        citizen=Citizen(row.citizen_id, row.channel, row.external_id),
        reply=Reply.from_json(row.body or row.notice),
        kind=row.kind,
        attempts=row.attempts + 1,
        created_at=row.created_at,
        last_interaction_at=row.last_interaction_at,
        probe=probe,
    )
