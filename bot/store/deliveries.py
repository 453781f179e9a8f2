"""Deliveries: the one truth for everything sent.

A row is marked ``sending`` in its own committed transaction before the network call. If the
sender dies, ``recover`` turns it into ``unsure``: it may or may not have arrived, so it is shown
to staff and never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from bot.core.messages import Delivery, DeliveryState
from bot.core.notices.hours import Hours
from bot.core.work.rate import Bucket
from bot.core.work.windows import Windows
from bot.store import pauses, receipts
from bot.store.citizens import lock, take_seqs
from bot.store.claims import DUE, afforded, as_delivery, mark_sending, take
from bot.store.database import Database
from bot.store.echoes import heard_of
from bot.store.gathering import take_apart
from bot.store.holding import called_off, hold_back
from bot.store.rates import Rates
from bot.store.replies import WEB
from bot.store.schema import Utc, citizens, deliveries

SKIP_AT_ONCE = 500  # a whole expired notice should not be skipped twenty rows at a time
# What the clock alone made news is told in time or not at all.
_TIMELY, _TIMELY_FOR = ("reminder ", "late "), timedelta(hours=12)
_NOT_LEASED = {"lease_owner": None, "lease_until": None}


class Deliveries:
    """Rows to send, and what became of them."""

    def __init__(
        self, db: Database, windows: Windows, rates: Rates, hours: Hours | None = None
    ) -> None:
        self._db = db
        self._windows = windows
        self._hours = hours or Hours()
        self._rates = rates
        self._pauses = pauses.Pauses(db)

    def claim(
        self, now: datetime, owner: str, channel: str, limit: int, lease: timedelta
    ) -> list[Delivery]:
        """Lease up to ``limit`` due rows: replies, then urgent notices, then bulk.

        Of one citizen's replies only the oldest unsent one is given out. Rows that must not go
        out any more (the citizen said STOP, is refused by the platform or wrote too long ago,
        the notice expired or newer word was written) become ``skipped`` here; rows of a notice
        that was paused, cancelled or must wait for the morning leave the queue. A paused channel
        gives nothing but now and then a probe; a limited one gives no more than its app has calls
        left.
        """
        due = {"now": now, "channel": channel}
        window = limit
        while self._any(due):
            with self._db.write() as connection:
                claimed, skipped = self._claim(connection, due, owner, limit, window, lease)
            if claimed or not skipped:
                return claimed
            window = max(limit, SKIP_AT_ONCE)
        return []

    def _claim(
        self,
        connection: Any,
        due: Mapping[str, Any],
        owner: str,
        limit: int,
        window: int,
        lease: timedelta,
    ) -> tuple[list[Delivery], int]:
        """Lease rows out of the first ``window``; also return how many of those may not leave."""
        now, channel = due["now"], due["channel"]
        gate = pauses.gate(connection, channel, now, locked=True)
        bucket = self._rates.of(connection, channel, now, locked=True)
        rows = take(connection, due, afforded(gate.free, bucket, now), window)
        probing = bool(gate.probe) and not rows
        if probing:
            rows = take(connection, due, afforded(gate.probe, bucket, now), window)
        held = hold_back(connection, rows, self._hours, now)
        rows = [row for row in rows if row.id not in held]
        apart = take_apart(connection, rows, now)
        rows = [row for row in rows if row.id not in apart]
        skipped = [row for row in rows if self._reason_to_skip(row, now)]
        wanted = [row for row in rows if not self._reason_to_skip(row, now)]
        wanted = self._pay(connection, bucket, wanted[: 1 if probing else limit], now)
        self._skip(connection, skipped, now)
        mark_sending(connection, [row.id for row in wanted], owner, now + lease)
        if probing and wanted:
            pauses.put_off(connection, channel, gate.reach, now + lease)
        probe = gate.reach if probing else ""
        return [as_delivery(row, probe) for row in wanted], len(skipped) + len(held | apart)

    def _any(self, due: Mapping[str, Any]) -> bool:
        with self._db.read() as connection:
            gate = pauses.gate(connection, due["channel"], due["now"])
            bucket = self._rates.of(connection, due["channel"], due["now"])
            return any(
                connection.execute(DUE, {**due, "priority": priority, "most": 1}).first()
                for priority in afforded(gate.priorities, bucket, due["now"])
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
        if _is_expired(row, now):
            return "expired"
        if row.superseded:
            return "superseded"
        last = row.last_interaction_at
        return self._windows.reason_to_skip(row.channel, row.kind, last, now)

    def _skip(self, connection: Any, rows: list[Any], now: datetime) -> None:
        reasons = {row.id: self._reason_to_skip(row, now) for row in rows}
        for code in set(reasons.values()):
            ids = [row_id for row_id, reason in reasons.items() if reason == code]
            own = update(deliveries).where(deliveries.c.id.in_(ids))
            skip = called_off(DeliveryState.SKIPPED.value, code)
            connection.execute(own.values(**skip, settled_at=now))

    def sent(self, delivery: Delivery, platform_message_id: str | None, now: datetime) -> bool:
        """Record that the platform took it; on the web this makes it visible to the page."""
        with self._db.write() as connection:
            return _note_sent(connection, delivery, platform_message_id, now)

    def sent_and_next(
        self,
        delivery: Delivery,
        platform_message_id: str | None,
        now: datetime,
        owner: str,
        channel: str,
        lease: timedelta,
    ) -> list[Delivery]:
        """Record that the platform took it and lease the next row of ``channel``, all at once.

        One transaction a message instead of two; an empty list says little: ``claim`` looks again.
        """
        due = {"now": now, "channel": channel}
        with self._db.write() as connection:
            _note_sent(connection, delivery, platform_message_id, now)
            return self._claim(connection, due, owner, 1, 1, lease)[0]

    def retry(self, delivery: Delivery, due_at: datetime, code: str) -> bool:
        """Record that it was not taken and should be tried again at ``due_at``."""
        return self._end(delivery, DeliveryState.RETRY, code, due_at=due_at)

    def put_back(self, delivery: Delivery, due_at: datetime, code: str) -> bool:
        """Record that all must wait and this row with them: its try does not count.

        The number of a try still names its holder: while that one is at work no other row of
        ``sending`` bears it, and whoever puts a row back is through with it.
        """
        uncounted = {"attempts": delivery.attempts - 1, "due_at": due_at}
        return self._end(delivery, DeliveryState.RETRY, code, **uncounted)

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
        """Record that the answer was lost: only an echo can tell whether it arrived.

        If that came before, the row counts as sent.
        """
        change = _held(delivery).values(
            state=DeliveryState.UNSURE.value, error_code=code, settled_at=now, **_NOT_LEASED
        )
        with self._db.write() as connection:
            if heard_of(connection, deliveries.c.id == delivery.id, now):
                return True
            return bool(connection.execute(change).rowcount == 1)

    def _end(self, delivery: Delivery, state: DeliveryState, code: str, **more: Any) -> bool:
        # The platform says it did not take it: an echo that seemed to be this one's was not.
        more = {"settled_at": None, "sent_at": None, "platform_message_id": None, **more}
        change = _held(delivery).values(state=state.value, error_code=code, **_NOT_LEASED, **more)
        with self._db.write() as connection:
            return bool(connection.execute(change).rowcount == 1)

    def recover(self, now: datetime) -> int:
        """Deal with rows whose sender died; return how many there were.

        On a platform they become ``unsure``, or ``sent`` where an echo told so before. On the web
        nothing was sent, so they wait again.
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
            told = heard_of(connection, lost, now)
            rest = (int(connection.execute(change).rowcount) for change in (again, unsure))
            return told + sum(rest)

    def settle_receipt(self, channel: str, platform_message_id: str, now: datetime) -> bool:
        """Record the platform's word that a message arrived; False if it is not one of ours."""
        return bool(self.settle_receipts(channel, [platform_message_id], now))

    def settle_receipts(self, channel: str, message_ids: Sequence[str], now: datetime) -> int:
        """Record that messages arrived, in one go; return how many of them are ours."""
        return receipts.note(self._db, channel, message_ids, now, seen=False)

    def settle_seen(self, channel: str, message_ids: Sequence[str], now: datetime) -> int:
        """Record that messages were seen, and so arrived; return how many of them are ours."""
        return receipts.note(self._db, channel, message_ids, now, seen=True)

    def meet_receipts(self, now: datetime) -> int:
        """Settle receipts that came before their message's name was known; return how many."""
        return receipts.meet(self._db, now)

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


def _is_expired(row: Any, now: datetime) -> bool:
    if row.telling and row.telling.startswith(_TIMELY):
        return bool(now - row.created_at > _TIMELY_FOR)
    return row.expires_at is not None and row.expires_at <= now


def _note_sent(
    connection: Any, delivery: Delivery, platform_message_id: str | None, now: datetime
) -> bool:
    lock(connection, delivery.citizen.id)
    this = {"own": delivery.id, "try": delivery.attempts}
    if connection.execute(_LET_GO, this).rowcount != 1:
        return False
    seq = take_seqs(connection, delivery.citizen.id, 1)[0]
    told = {"own": delivery.id, "number": seq, "named": platform_message_id, "moment": now}
    connection.execute(_SHOWN if delivery.citizen.channel == WEB else _SENT, told)
    return True


def _held(delivery: Delivery) -> Any:
    """Match the row while it is this attempt's; a late answer also resolves ``unsure``."""
    own = (deliveries.c.id == delivery.id) & (deliveries.c.attempts == delivery.attempts)
    return update(deliveries).where(own & _STILL_OPEN)


_STILL_OPEN = deliveries.c.state.in_((DeliveryState.SENDING.value, DeliveryState.UNSURE.value))
# Built once: putting a statement together takes longer than running it.
_OWN = deliveries.c.id == bindparam("own")
_LET_GO = (
    update(deliveries)
    .where(_OWN, deliveries.c.attempts == bindparam("try"), _STILL_OPEN)
    .values(**_NOT_LEASED)
)


def _fate(**values: Any) -> Any:
    moment = bindparam("moment", type_=Utc)
    times = dict.fromkeys(("sent_at", "settled_at"), moment)
    told = {"platform_message_id": bindparam("named"), "seq": bindparam("number")}
    return update(deliveries).where(_OWN).values(error_code=None, **times, **told, **values)


_SENT = _fate(state=DeliveryState.SENT.value)
_SHOWN = _fate(state=DeliveryState.DELIVERED.value, delivered_at=bindparam("moment", type_=Utc))
