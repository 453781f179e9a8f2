"""Deliveries: the one truth for everything sent.

A row is marked ``sending`` in its own committed transaction before the network call. If the
sender dies, ``recover`` turns it into ``unsure``: it may or may not have arrived, so it is shown
to staff and never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from bot.core.messages import Citizen, Delivery, DeliveryState, Reply
from bot.store.citizens import lock, take_seqs
from bot.store.database import Database
from bot.store.replies import WEB, shown
from bot.store.schema import Utc, announcements, citizens, deliveries

PRIORITIES = (0, 1, 2)  # replies, urgent notices, bulk
SKIP_AT_ONCE = 500  # a whole expired notice should not be skipped twenty rows at a time
_NOT_LEASED = {"lease_owner": None, "lease_until": None}
_UNSENT = tuple(
    state.value for state in (DeliveryState.QUEUED, DeliveryState.RETRY, DeliveryState.SENDING)
)


class Deliveries:
    """Rows to send, and what became of them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def claim(
        self, now: datetime, owner: str, channel: str, limit: int, lease: timedelta
    ) -> list[Delivery]:
        """Lease up to ``limit`` due rows: replies, then urgent notices, then bulk.

        Of one citizen's replies only the oldest unsent one is given out. Notices that must not
        go out any more (the citizen said STOP, or the notice expired) become ``skipped`` here.
        """
        due = {"now": now, "channel": channel}
        window = limit
        while self._any(due):
            with self._db.write() as connection:
                rows = _take(connection, due, window)
                skipped = [row for row in rows if _reason_to_skip(row, now)]
                wanted = [row for row in rows if not _reason_to_skip(row, now)][:limit]
                _skip(connection, skipped, now)
                _mark_sending(connection, [row.id for row in wanted], owner, now + lease)
            if wanted or not skipped:
                return [_as_delivery(row) for row in wanted]
            window = max(limit, SKIP_AT_ONCE)
        return []

    def _any(self, due: Mapping[str, Any]) -> bool:
        with self._db.read() as connection:
            return any(
                connection.execute(_DUE, {**due, "priority": priority, "most": 1}).first()
                for priority in PRIORITIES
            )

    def sent(self, delivery: Delivery, platform_message_id: str | None, now: datetime) -> bool:
        """Record that the platform took it; on the web this makes it visible to the page."""
        with self._db.write() as connection:
            lock(connection, delivery.citizen.id)
            if connection.execute(_held(delivery).values(**_NOT_LEASED)).rowcount != 1:
                return False
            fate = shown(now) if delivery.citizen.channel == WEB else _sent(now)
            seq = take_seqs(connection, delivery.citizen.id, 1)[0]
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery.id)
                .values(**fate, seq=seq, error_code=None, platform_message_id=platform_message_id)
            )
        return True

    def retry(self, delivery: Delivery, due_at: datetime, code: str) -> bool:
        """Record that it was not taken and should be tried again at ``due_at``."""
        return self._end(delivery, DeliveryState.RETRY, code, due_at=due_at)

    def failed(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Record a final refusal."""
        return self._end(delivery, DeliveryState.FAILED, code, settled_at=now)

    def skipped(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Record that it should not be sent after all."""
        return self._end(delivery, DeliveryState.SKIPPED, code, settled_at=now)

    def unsure(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Record that the answer was lost: nobody knows whether it arrived."""
        return self._end(delivery, DeliveryState.UNSURE, code, settled_at=now)

    def _end(self, delivery: Delivery, state: DeliveryState, code: str, **times: Any) -> bool:
        times = {"settled_at": None, **times}
        change = _held(delivery).values(state=state.value, error_code=code, **_NOT_LEASED, **times)
        with self._db.write() as connection:
            return bool(connection.execute(change).rowcount == 1)

    def recover(self, now: datetime) -> int:
        """Deal with rows whose sender died; return how many there were.

        On a platform they become ``unsure``. On the web nothing was sent, so they wait again.
        """
        expired = update(deliveries).where(deliveries.c.lease_until <= now)
        again = expired.where(deliveries.c.channel == WEB).values(
            state=DeliveryState.QUEUED.value, due_at=now, **_NOT_LEASED
        )
        unsure = expired.where(deliveries.c.channel != WEB).values(
            state=DeliveryState.UNSURE.value,
            settled_at=now,
            error_code="lease_expired",
            **_NOT_LEASED,
        )
        with self._db.read() as connection:
            gone = select(deliveries.c.id).where(deliveries.c.lease_until <= now)
            if connection.execute(gone.limit(1)).first() is None:
                return 0
        with self._db.write() as connection:
            return sum(int(connection.execute(change).rowcount) for change in (again, unsure))

    def settle_receipt(self, channel: str, platform_message_id: str, now: datetime) -> bool:
        """Record the platform's word that a message arrived; False if it is not one of ours."""
        change = (
            update(deliveries)
            .where(
                deliveries.c.channel == channel,
                deliveries.c.platform_message_id == platform_message_id,
                deliveries.c.state == DeliveryState.SENT.value,
            )
            .values(state=DeliveryState.DELIVERED.value, delivered_at=now)
        )
        with self._db.write() as connection:
            return bool(connection.execute(change).rowcount)

    def counts(self, announcement_id: int | None = None) -> Mapping[str, int]:
        """Return how many rows are in each state, of all or of one announcement."""
        query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        if announcement_id is not None:
            query = query.where(deliveries.c.announcement_id == announcement_id)
        with self._db.read() as connection:
            return dict(connection.execute(query).all())


def _build_due() -> Any:
    earlier = deliveries.alias("earlier")
    unsent_before = select(earlier.c.id).where(
        earlier.c.citizen_id == deliveries.c.citizen_id,
        earlier.c.seq.is_(None),
        earlier.c.kind != "notice",
        earlier.c.state.in_(_UNSENT),
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
_DUE = _build_due()
_DUE_LOCKED = _DUE.with_for_update(skip_locked=True, of=deliveries)
_DETAILS = (
    select(
        deliveries.c.id,
        deliveries.c.citizen_id,
        deliveries.c.channel,
        deliveries.c.kind,
        deliveries.c.attempts,
        deliveries.c.body,
        citizens.c.external_id,
        citizens.c.last_interaction_at,
        citizens.c.stopped_at,
        announcements.c.notice,
        announcements.c.expires_at,
    )
    .select_from(deliveries.join(citizens).outerjoin(announcements))
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
)


def _take(connection: Any, due: Mapping[str, Any], most: int) -> list[Any]:
    """Return up to ``most`` due rows, locked, the weightiest first."""
    ids: list[int] = []
    for priority in PRIORITIES:
        if len(ids) < most:
            wanted = {**due, "priority": priority, "most": most - len(ids)}
            ids += connection.execute(_DUE_LOCKED, wanted).scalars().all()
    found = {row.id: row for row in connection.execute(_DETAILS, {"ids": ids})}
    return [found[row_id] for row_id in ids]


def _reason_to_skip(row: Any, now: datetime) -> str | None:
    if row.kind == "notice" and row.stopped_at is not None:
        return "stopped"
    if row.expires_at is not None and row.expires_at <= now:
        return "expired"
    return None


def _skip(connection: Any, rows: list[Any], now: datetime) -> None:
    for code in {_reason_to_skip(row, now) for row in rows}:
        ids = [row.id for row in rows if _reason_to_skip(row, now) == code]
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(
                state=DeliveryState.SKIPPED.value, error_code=code, due_at=None, settled_at=now
            )
        )


def _mark_sending(connection: Any, ids: list[int], owner: str, until: datetime) -> None:
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(
            state=DeliveryState.SENDING.value,
            lease_owner=owner,
            lease_until=until,
            due_at=None,
            attempts=deliveries.c.attempts + 1,
        )
    )


def _held(delivery: Delivery) -> Any:
    """Match the row while it is this attempt's; a late answer also resolves ``unsure``."""
    return update(deliveries).where(
        and_(
            deliveries.c.id == delivery.id,
            deliveries.c.attempts == delivery.attempts,
            deliveries.c.state.in_((DeliveryState.SENDING.value, DeliveryState.UNSURE.value)),
        )
    )


def _sent(now: datetime) -> dict[str, Any]:
    return {"state": DeliveryState.SENT.value, "sent_at": now, "settled_at": now}


def _as_delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        citizen=Citizen(row.citizen_id, row.channel, row.external_id),
        reply=Reply.from_json(row.body or row.notice),
        kind=row.kind,
        attempts=row.attempts + 1,
        last_interaction_at=row.last_interaction_at,
    )
