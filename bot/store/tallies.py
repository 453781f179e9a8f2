"""What became of the rows of a notice, counted in one pass over its own rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from bot.core.messages import DeliveryState
from bot.core.notices.progress import Tally
from bot.store.database import Database
from bot.store.schema import announcements, deliveries

_REASONED = (DeliveryState.SKIPPED.value, DeliveryState.FAILED.value)


class Tallies:
    """Counts the ledger of a notice; a second for a million rows, so ask seldom."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, announcement_id: int) -> Tally:
        """Return what became of the rows of a notice so far."""
        with self._db.read() as connection:
            return tally(connection, announcement_id)


def tally(connection: Any, announcement_id: int) -> Tally:
    """Return the counts of a notice's rows as they are in this transaction."""
    seen = func.count(deliveries.c.seen_at)
    first, last = func.min(deliveries.c.sent_at), func.max(deliveries.c.sent_at)
    gathered = func.count(deliveries.c.digest)
    query = (
        select(
            deliveries.c.state, deliveries.c.error_code, func.count(), seen, first, last, gathered
        )
        .where(
            deliveries.c.announcement_id == announcement_id,
            deliveries.c.announcement_id.isnot(None),
        )
        .group_by(deliveries.c.state, deliveries.c.error_code)
    )
    made = Tally(planned=_is_planned(connection, announcement_id))
    for state, code, count, seen_count, began, ended, digests in connection.execute(query):
        made.states[state] = made.states.get(state, 0) + count
        made.seen += seen_count
        if state in _REASONED:
            reasons = made.skipped if state == DeliveryState.SKIPPED.value else made.failed
            reasons[code or ""] = reasons.get(code or "", 0) + count
        made.note_sent(began, ended)
        if state == DeliveryState.QUEUED.value:
            made.gathered += digests
    return made


def _is_planned(connection: Any, announcement_id: int) -> bool:
    own = announcements.c.id == announcement_id
    return connection.execute(select(announcements.c.planned_at).where(own)).scalar() is not None
