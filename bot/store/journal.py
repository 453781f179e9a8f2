"""The journal: every inbound message is kept before it is acknowledged, and settled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from bot.core.messages import Citizen, Claimed, Inbound, InboundKind, Turn
from bot.store import effects, replies
from bot.store.citizens import fresh_context, lock, lock_or_add, remember
from bot.store.database import Database, insert_once
from bot.store.records import Backlog, Received
from bot.store.schema import Utc, citizens, inbound, pictures

_COLUMNS = (
    "channel", "message_id", "citizen_id", "seq", "kind", "text", "media_url", "latitude",
    "longitude", "account_id", "origin", "state", "sent_at", "received_at", "due_at",
)  # fmt: skip
_LEAVING = (InboundKind.UNFOLLOW, InboundKind.WITHDRAW)  # acts that open no window for replies
_FOLLOWS = {InboundKind.FOLLOW: True, InboundKind.UNFOLLOW: False}


class Journal:
    """Inbound messages: received, working, then settled or failed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def receive(self, inbounds: Sequence[Inbound], now: datetime) -> list[Received]:
        """Keep messages; they survive a power cut once this returns.

        A repeat of (channel, message_id) changes nothing and returns the first one's ids.
        """
        senders = sorted({(item.channel, item.sender_id) for item in inbounds})
        with self._db.write() as connection:
            # Citizens are locked in one order, or two batches could wait for each other.
            ids = {
                sender: lock_or_add(self._db, connection, *sender, now).id for sender in senders
            }
            return [
                self._keep(connection, item, ids[item.channel, item.sender_id], now)
                for item in inbounds
            ]

    def _keep(self, connection: Any, item: Inbound, citizen_id: int, now: datetime) -> Received:
        first = _kept(connection, item)
        if first is not None:
            return Received(first.id, first.citizen_id, first.seq, duplicate=True)
        seq = _note_act(connection, item, citizen_id, now)
        values = _row_of(item, citizen_id, seq, now)
        added = connection.execute(_KEEP, values).rowcount == 1
        row = _kept(connection, item)
        if added and item.picture is not None:
            picture = {"inbound_id": row.id, "bytes": item.picture}
            connection.execute(pictures.insert().values(picture))
        return Received(row.id, row.citizen_id, row.seq, duplicate=not added)

    def claim(self, now: datetime, owner: str, limit: int, lease: timedelta) -> list[Claimed]:
        """Lease up to ``limit`` messages, oldest first, never two of one citizen at a time.

        A message whose lease ran out is given out again with ``attempts`` one higher; that
        number is also the fence: whoever holds an older one can no longer settle.
        """
        with self._db.read() as connection:
            if connection.execute(_DUE, {"now": now, "most": 1}).first() is None:
                return []
        with self._db.write() as connection:
            due = connection.execute(_DUE_LOCKED, {"now": now, "most": limit})
            ids = due.scalars().all()
            connection.execute(_LEASE, {"ids": ids, "holder": owner, "end": now + lease})
            rows = connection.execute(_CLAIMED, {"ids": ids}).all()
        return [_as_claimed(row, now) for row in rows]

    def settle(self, claimed: Claimed, turn: Turn, now: datetime) -> bool:
        """Write replies, context and effects and close the message, all or nothing.

        Returns False, having written nothing, when the message is no longer ours to settle:
        settled before, leased by somebody else, or erased.
        """
        return self._close(claimed, turn, now, "settled")

    def set_aside(self, claimed: Claimed, turn: Turn, now: datetime) -> bool:
        """Give up on a message; ``turn`` holds the apology. Otherwise like ``settle``."""
        return self._close(claimed, turn, now, "failed")

    def _close(self, claimed: Claimed, turn: Turn, now: datetime, state: str) -> bool:
        citizen = claimed.citizen
        closing = {
            "this": claimed.id,
            "fence": claimed.attempts,
            "end": state,
            "moment": now,
            "meant": turn.intent,
            "sure": turn.confidence,
        }
        with self._db.write() as connection:
            row = lock(connection, citizen.id)
            if connection.execute(_CLOSE, closing).rowcount != 1:
                return False
            seen = connection.execute(delete(pictures).where(pictures.c.inbound_id == claimed.id))
            shown = replies.seen_at_once(claimed, turn.replies)
            seqs = remember(connection, row, turn.context, now, shown)
            effects.apply(self._db, connection, citizen.id, turn.effects, now)
            replies.add(connection, claimed, turn.replies, now, seqs)
        if seen.rowcount or any(effect["effect"] == "erase" for effect in turn.effects):
            self._db.has_deleted = True
        return True

    def renew(self, claimed: Claimed, now: datetime, lease: timedelta) -> bool:
        """Hold a message longer; False when it is no longer ours."""
        return self._change(_held(claimed).values(lease_until=now + lease))

    def release(self, claimed: Claimed, now: datetime, retry_at: datetime) -> bool:
        """Give a message back unanswered, to be claimed again from ``retry_at`` on.

        The citizen's later messages wait behind it: answers keep their order.
        """
        values = {"state": "received", "lease_owner": None, "lease_until": None}
        return self._change(_held(claimed).values(due_at=max(now, retry_at), **values))

    def free(self, gone: Callable[[str], bool], now: datetime) -> int:
        """Give back what owners that are ``gone`` still hold; return how many messages."""
        held = select(inbound.c.lease_owner).where(
            inbound.c.state == "working", inbound.c.lease_until > now
        )
        with self._db.read() as connection:
            owners = set(connection.execute(held).scalars())
        lost = [owner for owner in owners if owner and gone(owner)]
        if not lost:
            return 0
        ended = update(inbound).where(
            inbound.c.state == "working", inbound.c.lease_owner.in_(lost)
        )
        with self._db.write() as connection:
            return int(connection.execute(ended.values(lease_until=now)).rowcount)

    def is_settled(self, inbound_id: int) -> bool:
        """Whether a message is answered or given up; an erased one counts as settled."""
        with self._db.read() as connection:
            return connection.execute(_OPEN, {"wanted": inbound_id}).first() is None

    def backlog(self) -> Backlog:
        """Return how many messages wait for an answer and since when."""
        query = select(func.count(), func.min(inbound.c.received_at)).where(
            inbound.c.settled_at.is_(None)
        )
        with self._db.read() as connection:
            return Backlog(*connection.execute(query).one())

    def last_received(self, channel: str) -> datetime | None:
        """Return when a channel's platform last brought something new, or None."""
        query = select(inbound.c.received_at).where(inbound.c.channel == channel)
        with self._db.read() as connection:
            row = connection.execute(query.order_by(inbound.c.id.desc()).limit(1)).first()
        return row.received_at if row else None

    def _change(self, statement: Any) -> bool:
        with self._db.write() as connection:
            return bool(connection.execute(statement).rowcount == 1)


def _kept(connection: Any, item: Inbound) -> Any:
    values = {"on": item.channel, "known_as": item.message_id}
    return connection.execute(_KEPT, values).first()


def _note_act(connection: Any, item: Inbound, citizen_id: int, now: datetime) -> int:
    """Record on the citizen that they did something; return the ``seq`` of it."""
    row = lock(connection, citizen_id)
    values: dict[str, Any] = {"seq": row.seq + 1, "erased_at": None}
    done_at = min(item.sent_at, now)  # a platform's clock may run ahead of ours
    if item.kind not in _LEAVING:
        values["last_interaction_at"] = max(row.last_interaction_at or done_at, done_at)
        values.update(blocked_at=None, blocked_code=None)  # who writes can be answered
    # Events may arrive out of order: the latest follow or unfollow wins.
    if item.kind in _FOLLOWS and (row.follows_at is None or row.follows_at <= done_at):
        values.update(follows=_FOLLOWS[item.kind], follows_at=done_at)
    connection.execute(update(citizens).where(citizens.c.id == citizen_id).values(values))
    return int(values["seq"])


def _row_of(item: Inbound, citizen_id: int, seq: int, now: datetime) -> dict[str, Any]:
    return {
        "channel": item.channel,
        "message_id": item.message_id,
        "citizen_id": citizen_id,
        "seq": seq,
        "kind": item.kind.value,
        "text": item.text,
        "media_url": item.media_url,
        "latitude": item.latitude,
        "longitude": item.longitude,
        "account_id": item.account_id,
        "origin": item.origin or None,
        "state": "received",
        "sent_at": item.sent_at,
        "received_at": now,
        "due_at": now,
    }


def _build_due() -> Any:
    earlier = inbound.alias("earlier")
    open_before = select(earlier.c.id).where(
        earlier.c.citizen_id == inbound.c.citizen_id,
        earlier.c.settled_at.is_(None),
        earlier.c.seq < inbound.c.seq,
    )
    now = bindparam("now", type_=Utc)
    return (
        select(inbound.c.id)
        .where(
            inbound.c.settled_at.is_(None),
            inbound.c.due_at <= now,
            inbound.c.lease_until.is_(None) | (inbound.c.lease_until <= now),
            ~open_before.exists(),
        )
        .order_by(inbound.c.id)
        .limit(bindparam("most"))
    )


# Built once: putting a statement together takes longer than running it.
_DUE = _build_due()
_DUE_LOCKED = _DUE.with_for_update(skip_locked=True, of=inbound)
_CLAIMED = (
    select(
        inbound,
        citizens.c.external_id,
        citizens.c.context,
        citizens.c.context_at,
        citizens.c.staff_until,
        pictures.c.bytes,
    )
    .select_from(inbound.join(citizens).outerjoin(pictures))
    .where(inbound.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(inbound.c.id)
)

_OPEN = select(inbound.c.id).where(
    inbound.c.id == bindparam("wanted"), inbound.c.settled_at.is_(None)
)
_KEPT = select(inbound.c.id, inbound.c.citizen_id, inbound.c.seq).where(
    inbound.c.channel == bindparam("on"), inbound.c.message_id == bindparam("known_as")
)
_KEEP = insert_once(inbound, _COLUMNS)
_LEASE = (
    update(inbound)
    .where(inbound.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state="working",
        lease_owner=bindparam("holder"),
        lease_until=bindparam("end"),
        attempts=inbound.c.attempts + 1,
    )
)
_CLOSE = (
    update(inbound)
    .where(
        inbound.c.id == bindparam("this"),
        inbound.c.state == "working",
        inbound.c.attempts == bindparam("fence"),
    )
    .values(
        state=bindparam("end"),
        settled_at=bindparam("moment"),
        lease_owner=None,
        lease_until=None,
        intent=bindparam("meant"),
        confidence=bindparam("sure"),
    )
)


def _as_claimed(row: Any, now: datetime) -> Claimed:
    message = Inbound(
        channel=row.channel,
        message_id=row.message_id,
        sender_id=row.external_id,
        kind=InboundKind(row.kind),
        sent_at=row.sent_at,
        text=row.text or "",
        media_url=row.media_url,
        picture=row.bytes,
        latitude=row.latitude,
        longitude=row.longitude,
        account_id=row.account_id,
        origin=row.origin or "",
    )
    citizen = Citizen(row.citizen_id, row.channel, row.external_id)
    context = fresh_context(row.context, row.context_at, now)
    return Claimed(row.id, citizen, message, row.attempts, context, row.staff_until)


def _held(claimed: Claimed) -> Any:
    return update(inbound).where(
        inbound.c.id == claimed.id,
        inbound.c.state == "working",
        inbound.c.attempts == claimed.attempts,
    )
