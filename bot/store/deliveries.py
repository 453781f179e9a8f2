"""Deliveries: the one truth for everything sent.

A row is marked ``sending`` in its own committed transaction before the network call. If the
sender dies, ``recover`` turns it into ``unsure``: it may or may not have arrived, so it is shown
to staff and never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from bot.core.messages import Citizen, Delivery, DeliveryState, Reply
from bot.core.work.rate import Bucket
from bot.core.work.windows import Windows
from bot.store import pauses
from bot.store.citizens import lock, take_seqs
from bot.store.database import Database
from bot.store.rates import Rates
from bot.store.replies import WEB, shown
from bot.store.schema import Utc, announcements, citizens, deliveries

SKIP_AT_ONCE = 500  # a whole expired notice should not be skipped twenty rows at a time
_NOT_LEASED = {"lease_owner": None, "lease_until": None}
_UNSENT = tuple(
    state.value for state in (DeliveryState.QUEUED, DeliveryState.RETRY, DeliveryState.SENDING)
)


class Deliveries:
    """Rows to send, and what became of them."""

    def __init__(self, db: Database, windows: Windows, rates: Rates) -> None:
        self._db = db
        self._windows = windows
        self._rates = rates
        self._pauses = pauses.Pauses(db)

    def claim(
        self, now: datetime, owner: str, channel: str, limit: int, lease: timedelta
    ) -> list[Delivery]:
        """Lease up to ``limit`` due rows: replies, then urgent notices, then bulk.

        Of one citizen's replies only the oldest unsent one is given out. Rows that must not go
        out any more (the citizen said STOP, is refused by the platform or wrote too long ago, or
        the notice expired) become ``skipped`` here. A paused channel gives nothing but now and
        then a probe; a limited one gives no more than its app has calls left.
        """
        due = {"now": now, "channel": channel}
        window = limit
        while self._any(due):
            with self._db.write() as connection:
                gate = pauses.gate(connection, channel, now, locked=True)
                bucket = self._rates.of(connection, channel, now, locked=True)
                rows = _take(connection, due, _afforded(gate.free, bucket, now), window)
                probing = bool(gate.probe) and not rows
                if probing:
                    rows = _take(connection, due, _afforded(gate.probe, bucket, now), window)
                skipped = [row for row in rows if self._reason_to_skip(row, now)]
                wanted = [row for row in rows if not self._reason_to_skip(row, now)]
                wanted = self._pay(connection, bucket, wanted[: 1 if probing else limit], now)
                self._skip(connection, skipped, now)
                _mark_sending(connection, [row.id for row in wanted], owner, now + lease)
                if probing and wanted:
                    pauses.put_off(connection, channel, gate.reach, now + lease)
            if wanted or not skipped:
                return [_as_delivery(row, gate.reach if probing else "") for row in wanted]
            window = max(limit, SKIP_AT_ONCE)
        return []

    def _any(self, due: Mapping[str, Any]) -> bool:
        with self._db.read() as connection:
            gate = pauses.gate(connection, due["channel"], due["now"])
            bucket = self._rates.of(connection, due["channel"], due["now"])
            return any(
                connection.execute(_DUE, {**due, "priority": priority, "most": 1}).first()
                for priority in _afforded(gate.priorities, bucket, due["now"])
            )

    def _pay(
        self, connection: Any, bucket: Bucket | None, rows: list[Any], now: datetime
    ) -> list[Any]:
        """Take a call for each row; return the rows there were calls for."""
        if bucket is None or not rows:
            return rows
        paid = 0
        while paid < len(rows) and bucket.left_for(rows[paid].priority, now):
            bucket, paid = bucket.take(1, now), paid + 1
        self._rates.keep(connection, rows[0].channel, bucket)
        return rows[:paid]

    def _reason_to_skip(self, row: Any, now: datetime) -> str | None:
        if row.blocked_at is not None:
            return "blocked"
        if row.kind == "notice" and row.stopped_at is not None:
            return "stopped"
        if row.expires_at is not None and row.expires_at <= now:
            return "expired"
        last = row.last_interaction_at
        return self._windows.reason_to_skip(row.channel, row.kind, last, now)

    def _skip(self, connection: Any, rows: list[Any], now: datetime) -> None:
        reasons = {row.id: self._reason_to_skip(row, now) for row in rows}
        skip = {"state": DeliveryState.SKIPPED.value, "due_at": None, "settled_at": now}
        for code in set(reasons.values()):
            ids = [row_id for row_id, reason in reasons.items() if reason == code]
            own = update(deliveries).where(deliveries.c.id.in_(ids))
            connection.execute(own.values(**skip, error_code=code))

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

    def blocked(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Record a refusal that holds for this citizen: later rows are skipped.

        Until they write again; if they did while the call was under way, it counts for nothing.
        """
        heard = citizens.c.last_interaction_at
        unheard = (
            heard.is_(None)
            if delivery.last_interaction_at is None
            else (heard == delivery.last_interaction_at)
        )
        mark = update(citizens).where(citizens.c.id == delivery.citizen.id, unheard)
        end = _held(delivery).values(
            state=DeliveryState.FAILED.value, error_code=code, settled_at=now, **_NOT_LEASED
        )
        with self._db.write() as connection:
            lock(connection, delivery.citizen.id)
            connection.execute(mark.values(blocked_at=now, blocked_code=code))
            return bool(connection.execute(end).rowcount == 1)

    def pause(
        self, channel: str, reach: str, code: str, now: datetime, until: datetime, person: bool
    ) -> bool:
        """Let nothing within ``reach`` leave before ``until``; True if that is news."""
        return self._pauses.begin(channel, reach, code, now, until, person=person)

    def resume(self, channel: str, reach: str) -> bool:
        """End a pause because a row got through; False if there was none."""
        return self._pauses.end(channel, reach)

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
        return self._recover(deliveries.c.lease_until <= now, "lease_expired", now)

    def free(self, gone: Callable[[str], bool], now: datetime) -> int:
        """Deal at once with rows whose sender is ``gone``; return how many there were."""
        held = select(deliveries.c.lease_owner).where(deliveries.c.lease_until.isnot(None))
        with self._db.read() as connection:
            owners = set(connection.execute(held).scalars())
        lost = [owner for owner in owners if owner and gone(owner)]
        held_by = deliveries.c.lease_until.isnot(None) & deliveries.c.lease_owner.in_(lost)
        return self._recover(held_by, "sender_died", now) if lost else 0

    def _recover(self, lost: Any, code: str, now: datetime) -> int:
        again = update(deliveries).where(lost, deliveries.c.channel == WEB)
        again = again.values(state=DeliveryState.QUEUED.value, due_at=now, **_NOT_LEASED)
        unsure = update(deliveries).where(lost, deliveries.c.channel != WEB)
        fate = {"state": DeliveryState.UNSURE.value, "settled_at": now, "error_code": code}
        unsure = unsure.values(**fate, **_NOT_LEASED)
        with self._db.read() as connection:
            if connection.execute(select(deliveries.c.id).where(lost).limit(1)).first() is None:
                return 0
        with self._db.write() as connection:
            return sum(int(connection.execute(change).rowcount) for change in (again, unsure))

    def settle_receipt(self, channel: str, platform_message_id: str, now: datetime) -> bool:
        """Record the platform's word that a message arrived; False if it is not one of ours."""
        return bool(self.settle_receipts(channel, [platform_message_id], now))

    def settle_receipts(self, channel: str, message_ids: Sequence[str], now: datetime) -> int:
        """Record that messages arrived, in one go; return how many of them are ours."""
        change = (
            update(deliveries)
            .where(
                deliveries.c.channel == channel,
                deliveries.c.platform_message_id.in_(message_ids),
                deliveries.c.state == DeliveryState.SENT.value,
            )
            .values(state=DeliveryState.DELIVERED.value, delivered_at=now)
        )
        with self._db.write() as connection:
            return int(connection.execute(change).rowcount)

    def counts(self, announcement_id: int | None = None) -> Mapping[str, int]:
        """Return how many rows are in each state, of all or of one announcement."""
        query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        if announcement_id is not None:
            query = query.where(deliveries.c.announcement_id == announcement_id)
        with self._db.read() as connection:
            return dict(connection.execute(query).all())

    def skipped_for(self, announcement_id: int) -> Mapping[str, int]:
        """Return how many rows of an announcement were skipped for each reason."""
        query = (
            select(deliveries.c.error_code, func.count())
            .where(
                deliveries.c.announcement_id == announcement_id,
                deliveries.c.state == DeliveryState.SKIPPED.value,
            )
            .group_by(deliveries.c.error_code)
            .order_by(deliveries.c.error_code)
        )
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
        deliveries.c.priority,
        deliveries.c.attempts,
        deliveries.c.body,
        citizens.c.external_id,
        citizens.c.last_interaction_at,
        citizens.c.stopped_at,
        citizens.c.blocked_at,
        announcements.c.notice,
        announcements.c.expires_at,
    )
    .select_from(deliveries.join(citizens).outerjoin(announcements))
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
)


def _take(
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


def _afforded(priorities: Sequence[int], bucket: Bucket | None, now: datetime) -> tuple[int, ...]:
    """Return the priorities there are calls left for."""
    return tuple(each for each in priorities if bucket is None or bucket.left_for(each, now) > 0)


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


def _as_delivery(row: Any, probe: str) -> Delivery:
    return Delivery(
        id=row.id,
        citizen=Citizen(row.citizen_id, row.channel, row.external_id),
        reply=Reply.from_json(row.body or row.notice),
        kind=row.kind,
        attempts=row.attempts + 1,
        last_interaction_at=row.last_interaction_at,
        probe=probe,
    )
