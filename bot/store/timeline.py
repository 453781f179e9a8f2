"""The talk as a page shows it: what the citizen sent and what they can see of ours."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select

from bot.core.messages import InboundKind, Reply, TimelineEntry
from bot.store.database import Database
from bot.store.schema import Json, announcements, deliveries, inbound

_MARKS = {
    InboundKind.TEXT.value: {},
    InboundKind.IMAGE.value: {"image": True},
    InboundKind.STICKER.value: {"sticker": True},
    InboundKind.LOCATION.value: {"location": True},
}


class Timeline:
    """Reads talks; nothing here writes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def messages(
        self, citizen_id: int, after_seq: int = 0, limit: int = 100
    ) -> list[TimelineEntry]:
        """Return entries with ``seq`` above ``after_seq``, in order, at most ``limit``.

        A later call with the last ``seq`` misses nothing: numbers appear in their order.
        """
        theirs = (
            select(inbound)
            .where(
                inbound.c.citizen_id == citizen_id,
                inbound.c.seq > after_seq,
                inbound.c.kind.in_(_MARKS),
                inbound.c.text.isnot(None),
            )
            .order_by(inbound.c.seq)
            .limit(limit)
        )
        ours = _visible().where(
            deliveries.c.citizen_id == citizen_id, deliveries.c.seq > after_seq
        )
        with self._db.read() as connection:
            entries = [_from_citizen(row) for row in connection.execute(theirs)]
            entries += [_from_us(row) for row in connection.execute(ours.limit(limit))]
        return sorted(entries, key=lambda entry: entry.seq)[:limit]

    def reply_of(self, inbound_id: int) -> list[TimelineEntry]:
        """Return the visible replies to one message, in order."""
        with self._db.read() as connection:
            return [_from_us(row) for row in connection.execute(_REPLY, {"to": inbound_id})]


def _visible() -> Any:
    body = func.coalesce(deliveries.c.body, announcements.c.notice, type_=Json)
    return (
        select(
            deliveries.c.seq,
            deliveries.c.sent_at,
            deliveries.c.kind,
            deliveries.c.inbound_id,
            body.label("reply"),
        )
        .select_from(deliveries.outerjoin(announcements))
        .where(deliveries.c.seq.isnot(None), body.isnot(None))
        .order_by(deliveries.c.seq)
    )


_REPLY = _visible().where(deliveries.c.inbound_id == bindparam("to"))


def _from_us(row: Any) -> TimelineEntry:
    sender = "staff" if row.kind == "staff" else "bot"
    reply = Reply.from_json(row.reply)
    return TimelineEntry(row.seq, row.sent_at, sender, reply, row.inbound_id)


def _from_citizen(row: Any) -> TimelineEntry:
    reply = Reply(row.text, meta=dict(_MARKS[row.kind]))
    return TimelineEntry(row.seq, row.received_at, "citizen", reply, row.id)
