"""Due rows that must wait for the morning, or end as was decided about their notice.

A decision (pause, cancellation, end) is one mark on the announcement, so it holds between two
rows however many there are. Rows leave the queue when a sender comes upon them: a paused one
loses its due time, one that must wait for the morning gets a later one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, update

from bot.core.messages import DeliveryState
from bot.core.notices.hours import Hours
from bot.store.schema import announcements, deliveries

PAUSED, CANCELLED, EXPIRED = "paused", "cancelled", "expired"
WAITING = (DeliveryState.QUEUED.value, DeliveryState.RETRY.value)
# What becomes of the waiting rows of a notice that will not be sent any further.
ENDS = {
    CANCELLED: {"state": DeliveryState.CANCELLED.value, "error_code": None, "due_at": None},
    EXPIRED: {"state": DeliveryState.SKIPPED.value, "error_code": EXPIRED, "due_at": None},
}

AGAIN = "again"  # error_code of a row that a person sends once more: the first try may be there


def ending(mark: str) -> dict[str, Any]:
    """Return what becomes of waiting rows by ``mark``."""
    end = ENDS[mark]
    return called_off(str(end["state"]), end["error_code"])


def called_off(state: str, code: str | None) -> dict[str, Any]:
    """Return what a row becomes that does not leave; one in its second try is in doubt again."""
    tried = deliveries.c.error_code == AGAIN
    return {
        "state": case((tried, DeliveryState.UNSURE.value), else_=state),
        "error_code": case((tried, AGAIN), else_=code),
        "due_at": None,
    }


def hold_back(connection: Any, rows: Iterable[Any], hours: Hours, now: datetime) -> set[int]:
    """Take rows that must not leave now out of the queue; return their ids."""
    rows = list(rows)
    by_mark: dict[str, set[int]] = {}
    for row in rows:
        if row.held:
            by_mark.setdefault(row.held, set()).add(row.announcement_id)
    gone: set[int] = set()
    for mark, ids in by_mark.items():
        sure = _still(connection, mark, ids)
        own = [row.id for row in rows if row.announcement_id in sure]
        _change(connection, own, ending(mark) if mark in ENDS else None, now)
        gone.update(own)
    if hours.is_quiet(now):
        own = [row.id for row in rows if row.daytime and row.id not in gone]
        _update(connection, own, due_at=hours.earliest(now))
        gone.update(own)
    # A mark that was lifted just now: the row stays due, for the next look.
    return gone | {row.id for row in rows if row.held and row.id not in gone}


def _still(connection: Any, mark: str, ids: set[int]) -> set[int]:
    """Return the announcements that bear the mark until we commit: lifting it waits for us."""
    query = select(announcements.c.id).where(
        announcements.c.id.in_(ids), announcements.c.held == mark
    )
    return set(connection.execute(query.with_for_update(read=True)).scalars())


def _change(connection: Any, ids: list[int], end: dict[str, Any] | None, now: datetime) -> None:
    if end is None:
        _update(connection, ids, due_at=None)
    else:
        _update(connection, ids, **end, settled_at=now)


def _update(connection: Any, ids: list[int], **values: Any) -> None:
    if ids:
        own = deliveries.c.id.in_(ids)
        connection.execute(update(deliveries).where(own).values(**values))
