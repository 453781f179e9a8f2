"""Digests: what was gathered for a citizen, in one message a day or a week.

A notice's row that waits for a digest is ``queued`` without a due time. Making a digest writes,
in one transaction, that this citizen had one for this period (unique), the message itself, and
on every notice's row which digest it went with. So a kill at any moment neither loses a notice
nor sends a digest twice. The rows share the message's fate once it is known (``settle``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from bot.core.announcements.digest import Gathered
from bot.core.announcements.pace import Pace, Period
from bot.core.messages import DeliveryState, Reply
from bot.core.notices.hours import Hours
from bot.store.announcements import COLUMNS, as_announcement
from bot.store.database import Database
from bot.store.gathering import IS_DIGEST, TOLD_CORRECTED
from bot.store.holding import CANCELLED, ENDS, EXPIRED, PAUSED
from bot.store.notices import BULK_PRIORITY
from bot.store.schema import announcements, citizens, deliveries
from bot.store.schema_digests import digests

BATCH = 1000  # rows looked at in one transaction
WINDOW = 5000  # open digests looked at in one go
_UNSURE = DeliveryState.UNSURE.value
Render = Callable[[Sequence[Gathered]], Reply]
_WAITS = deliveries.c.digest_id.is_(None) & deliveries.c.settled_at.is_(None)
_INTO = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("rows", expanding=True)))
    .values(digest_id=bindparam("into"))
)


@dataclass(frozen=True)
class _About:
    """A gathered announcement and how it stands now; ``end`` is what its rows become."""

    gathered: Gathered
    corrected_by: int | None
    paused: bool
    end: Mapping[str, Any] | None


class Digests:
    """Makes digests, and lets the gathered notices share their fate."""

    def __init__(self, db: Database, hours: Hours) -> None:
        self._db = db
        self._hours = hours

    def make(
        self, pace: Pace, period: Period, render: Render, now: datetime, batch: int = BATCH
    ) -> int:
        """Make the next digests of ``period``; return how many rows were seen to, 0 if none.

        ``render`` gets what was gathered for one citizen, newest first. Repeat until 0.
        """
        with self._db.read() as connection:  # most looks find nothing, and keep nobody waiting
            if connection.execute(_waiting(pace, period).limit(1)).first() is None:
                return 0
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, "digests")
            people = _people(connection, pace, period, batch)
            rows = _rows(connection, people, pace, period)
            about = _about(connection, {row.announcement_id for row in rows}, now)
            done = _end(connection, rows, about, now)
            by_citizen: dict[int, list[Any]] = {}
            for row in rows:
                known = about[row.announcement_id]
                if known.end is None and not known.paused:
                    by_citizen.setdefault(row.citizen_id, []).append(row)
            self._write(connection, by_citizen, about, period, render, now)
        return done + sum(map(len, by_citizen.values()))

    def _write(
        self,
        connection: Any,
        by_citizen: Mapping[int, Sequence[Any]],
        about: Mapping[int, _About],
        period: Period,
        render: Render,
        now: datetime,
    ) -> None:
        if not by_citizen:
            return
        marks = [{"citizen_id": each, "period": period.name, "at": now} for each in by_citizen]
        connection.execute(insert(digests), marks)
        own = (digests.c.period == period.name) & digests.c.citizen_id.in_(list(by_citizen))
        query = select(digests.c.citizen_id, digests.c.id).where(own)
        ids = dict(connection.execute(query).all())
        bodies: dict[tuple[int, ...], Any] = {}  # many get the same
        messages = []
        for citizen_id, rows in by_citizen.items():
            held = tuple(row.announcement_id for row in rows)
            if held not in bodies:
                bodies[held] = _told([about[each] for each in held], render)
            message = self._message(citizen_id, rows[0].channel, ids[citizen_id], now)
            messages.append({**message, "body": bodies[held]})
            into = {"rows": [row.id for row in rows], "into": ids[citizen_id]}
            connection.execute(_INTO, into)
        connection.execute(insert(deliveries), messages)

    def _message(
        self, citizen_id: int, channel: str, digest_id: int, now: datetime
    ) -> dict[str, Any]:
        return {
            "channel": channel,
            "citizen_id": citizen_id,
            "kind": "notice",
            "priority": BULK_PRIORITY,
            "digest_id": digest_id,
            "state": DeliveryState.QUEUED.value,
            "due_at": self._hours.earliest(now),
            "created_at": now,
        }

    def settle(self, now: datetime, after: int = 0, window: int = WINDOW) -> int | None:
        """Let notices share the fate of digests whose fate is known.

        Looks at the next ``window`` open digests after the id ``after``; returns the last one's
        id, None if there are no more. A digest in doubt stays open: more may be heard of it.
        """
        query = select(digests.c.id).where(digests.c.settled_at.is_(None), digests.c.id > after)
        with self._db.read() as connection:
            ids = connection.execute(query.order_by(digests.c.id).limit(window)).scalars().all()
            known = [row.digest_id for row in connection.execute(_fates(ids))]
        for start in range(0, len(known), BATCH):
            self._settle(known[start : start + BATCH], now)
        return ids[-1] if ids else None

    def _settle(self, ids: Sequence[int], now: datetime) -> None:
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, "digests")
            by_fate: dict[tuple[str, str | None], list[int]] = {}
            for row in connection.execute(_fates(ids)):
                by_fate.setdefault((row.state, row.error_code), []).append(row.digest_id)
            for (state, code), shared in by_fate.items():
                _share(connection, shared, state, code, now)
                if state != _UNSURE:
                    done = update(digests).where(digests.c.id.in_(shared))
                    connection.execute(done.values(settled_at=now))


def _told(about: Sequence[_About], render: Render) -> dict[str, Any]:
    """Return the message, and with it what it tells as put right."""
    reply = render([each.gathered for each in about])
    corrected = [
        [each.gathered.announcement.id, each.corrected_by] for each in about if each.corrected_by
    ]
    return (reply.with_meta(**{TOLD_CORRECTED: corrected}) if corrected else reply).as_json()


def _waiting(pace: Pace, period: Period) -> Any:
    """Select the citizens of rows that go into a digest now, the oldest row first."""
    had = select(digests.c.id).where(
        digests.c.citizen_id == deliveries.c.citizen_id, digests.c.period == period.name
    )
    return (
        select(deliveries.c.citizen_id)
        .select_from(deliveries.join(announcements))
        .where(
            deliveries.c.digest == pace.value,
            deliveries.c.created_at < period.at,
            _WAITS,
            or_(announcements.c.held.is_(None), announcements.c.held != PAUSED),
            ~had.exists(),
        )
        .order_by(deliveries.c.created_at)
    )


def _people(connection: Any, pace: Pace, period: Period, most: int) -> list[int]:
    """Return citizens to make a digest for, locked; who is talking just now comes later."""
    ids = sorted(set(connection.execute(_waiting(pace, period).limit(most)).scalars()))
    own = select(citizens.c.id).where(citizens.c.id.in_(ids)).order_by(citizens.c.id)
    return list(
        connection.execute(own.with_for_update(key_share=True, skip_locked=True)).scalars()
    )


def _rows(connection: Any, people: Sequence[int], pace: Pace, period: Period) -> list[Any]:
    """Return the rows that wait for these citizens' digests, the newest notice first."""
    query = (
        select(
            deliveries.c.id,
            deliveries.c.citizen_id,
            deliveries.c.channel,
            deliveries.c.announcement_id,
        )
        .where(
            deliveries.c.citizen_id.in_(people),
            # Not as the index of gathered rows says it: it would read a million, not theirs.
            func.coalesce(deliveries.c.digest, "") == pace.value,
            deliveries.c.created_at < period.at,
            _WAITS,
        )
        .order_by(deliveries.c.announcement_id.desc())
    )
    return list(connection.execute(query.with_for_update(skip_locked=True)).all())


def _about(connection: Any, ids: set[int], now: datetime) -> dict[int, _About]:
    """Return what there is to say about announcements; they stay as they are until we commit."""
    query = select(*COLUMNS, announcements.c.held).where(announcements.c.id.in_(ids))
    rows = connection.execute(query.with_for_update(read=True)).all()
    later = {row.corrected_by for row in rows if row.corrected_by is not None}
    right = select(*COLUMNS).where(announcements.c.id.in_(later))
    corrections = {row.id: as_announcement(row) for row in connection.execute(right)}
    return {
        row.id: _About(
            Gathered(as_announcement(row), corrections.get(row.corrected_by)),
            row.corrected_by,
            row.held == PAUSED,
            _end_of(row, now),
        )
        for row in rows
    }


def _end_of(row: Any, now: datetime) -> Mapping[str, Any] | None:
    """Return what becomes of rows of a notice nobody may be told any more.

    What was put right is told, with the mark: who waits for a digest gets no correction.
    """
    if row.expires_at is not None and row.expires_at <= now:
        return ENDS[EXPIRED]
    if row.held == CANCELLED and row.corrected_by is not None:
        return None
    return ENDS.get(row.held)


def _end(connection: Any, rows: Sequence[Any], about: Mapping[int, _About], now: datetime) -> int:
    done = 0
    for announcement_id, known in about.items():
        ids = [row.id for row in rows if row.announcement_id == announcement_id]
        if known.end is not None and ids:
            change = update(deliveries).where(deliveries.c.id.in_(ids))
            connection.execute(change.values(**known.end, settled_at=now))
            done += len(ids)
    return done


def _fates(ids: Sequence[int]) -> Any:
    """Select the fates of digests that their notices do not share yet."""
    item = deliveries.alias("item")
    open_item = select(item.c.id).where(
        item.c.digest_id == deliveries.c.digest_id,
        item.c.announcement_id.isnot(None),
        item.c.settled_at.is_(None),
    )
    return select(deliveries.c.digest_id, deliveries.c.state, deliveries.c.error_code).where(
        deliveries.c.digest_id.in_(ids),
        IS_DIGEST,
        deliveries.c.settled_at.isnot(None),
        or_(deliveries.c.state != _UNSURE, open_item.exists()),
    )


def _share(
    connection: Any, ids: Sequence[int], state: str, code: str | None, now: datetime
) -> None:
    message = deliveries.alias("message")
    its = (message.c.digest_id == deliveries.c.digest_id) & message.c.announcement_id.is_(None)
    times = {
        name: select(message.c[name]).where(its).limit(1).scalar_subquery()
        for name in ("sent_at", "delivered_at", "seen_at")
    }
    # What a person decided about an item in doubt stays as it is.
    unknown = deliveries.c.settled_at.is_(None) | (deliveries.c.state == _UNSURE)
    item = deliveries.c.digest_id.in_(ids) & deliveries.c.announcement_id.isnot(None) & unknown
    values = {"state": state, "error_code": code, "settled_at": now, **times}
    connection.execute(update(deliveries).where(item).values(**values))
