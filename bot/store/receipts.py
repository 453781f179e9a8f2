"""The platform's word that messages arrived or were seen.

It may be faster than the answer that names the message, or than our noting of that answer. So
a receipt of a message we do not know is kept for an hour, and met again by ``meet``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, literal, select, update

from bot.core.messages import DeliveryState
from bot.store.database import Database
from bot.store.gathering import IS_DIGEST
from bot.store.schema import Utc, deliveries
from bot.store.schema_receipts import early_receipts

EARLY_LIFE = timedelta(hours=1)
BATCH = 500  # kept receipts met in one transaction
_SENT, _DELIVERED = DeliveryState.SENT.value, DeliveryState.DELIVERED.value
_OPEN = (DeliveryState.SENDING.value, DeliveryState.UNSURE.value)  # an echo may have named them


def note(
    db: Database, channel: str, message_ids: Sequence[str], now: datetime, *, seen: bool
) -> int:
    """Write it on our messages; return how many of them learned something.

    What arrived as a digest tells the same of the notices in it.
    """
    named = (deliveries.c.channel == channel) & deliveries.c.platform_message_id.in_(message_ids)
    with db.write() as connection:
        count = _tell(connection, named, _seen(now) if seen else _arrived(now))
        if count < len(set(message_ids)):
            _keep(db, connection, channel, message_ids, now, seen=seen)
    return count


def meet(db: Database, now: datetime) -> int:
    """Write kept receipts on messages named meanwhile; return how many. Repeat it often."""
    total = 0
    while count := _meet(db):
        total += count
    old = early_receipts.c.delivered_at < now - EARLY_LIFE
    with db.read() as connection:
        if connection.execute(select(early_receipts.c.channel).where(old)).first() is None:
            return total
    with db.write() as connection:
        connection.execute(delete(early_receipts).where(old))
    return total


def _meet(db: Database) -> int:
    its = (
        (deliveries.c.channel == early_receipts.c.channel)
        & (deliveries.c.platform_message_id == early_receipts.c.platform_message_id)
        & deliveries.c.platform_message_id.isnot(None)
    )
    query = select(early_receipts).select_from(early_receipts.join(deliveries, its))
    query = query.where(deliveries.c.state.notin_(_OPEN)).limit(BATCH)
    with db.read() as connection:
        if connection.execute(query).first() is None:
            return 0
    with db.write() as connection:
        rows = connection.execute(query).all()
        for row in rows:
            own = early_receipts.c.channel == row.channel
            own = own & (early_receipts.c.platform_message_id == row.platform_message_id)
            named = deliveries.c.channel == row.channel
            named = named & (deliveries.c.platform_message_id == row.platform_message_id)
            _tell(connection, named, _arrived(row.delivered_at))
            if row.seen_at is not None:
                _tell(connection, named, _seen(row.seen_at))
            connection.execute(delete(early_receipts).where(own))
    return len(rows)


def _keep(
    db: Database,
    connection: Any,
    channel: str,
    message_ids: Sequence[str],
    now: datetime,
    *,
    seen: bool,
) -> None:
    """Keep the receipts of messages whose row we do not know, or not the fate of."""
    named = (deliveries.c.channel == channel) & deliveries.c.platform_message_id.in_(message_ids)
    query = select(deliveries.c.platform_message_id)
    known = set(connection.execute(query.where(named, deliveries.c.state.notin_(_OPEN))).scalars())
    times = {"delivered_at": now, "seen_at": now if seen else None}
    rows = [
        {"channel": channel, "platform_message_id": each, **times}
        for each in sorted(set(message_ids) - known)
    ]
    if not rows:
        return
    insert = db.insert(early_receipts).values(rows)
    seen_at = func.coalesce(early_receipts.c.seen_at, insert.excluded.seen_at)
    own = ["channel", "platform_message_id"]
    connection.execute(insert.on_conflict_do_update(index_elements=own, set_={"seen_at": seen_at}))


def _tell(connection: Any, named: Any, change: Any) -> int:
    count = int(connection.execute(change.where(named)).rowcount)
    if count:
        its = select(deliveries.c.digest_id).where(named, IS_DIGEST)
        held = connection.execute(its).scalars().all()
        if held:
            item = deliveries.c.digest_id.in_(held) & deliveries.c.announcement_id.isnot(None)
            connection.execute(change.where(item))
    return count


def _arrived(now: datetime) -> Any:
    change = update(deliveries).where(deliveries.c.state == _SENT)
    return change.values(state=_DELIVERED, delivered_at=now)


def _seen(now: datetime) -> Any:
    """Who has seen a message has got it."""
    change = update(deliveries).where(
        deliveries.c.state.in_((_SENT, _DELIVERED)), deliveries.c.seen_at.is_(None)
    )
    arrived_at = func.coalesce(deliveries.c.delivered_at, literal(now, Utc()))
    return change.values(state=_DELIVERED, delivered_at=arrived_at, seen_at=now)
