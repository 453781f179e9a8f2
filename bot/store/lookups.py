"""Codes that were tried, counted once for all processes. See ``bot/core/dossiers/guard.py``.

Rows live as long as the longest window, one hour: a code nobody knows says something about the
person who typed it, and the digests say nothing to whoever reads the table without the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, null, select, update

from bot.core.dossiers.guard import (
    NEIGHBOUR,
    PROVINCE_WINDOW,
    WINDOW,
    Limits,
    Mark,
    Noted,
    Past,
    Scope,
    Who,
    weigh,
)
from bot.store.database import Database
from bot.store.schema import Utc, inbound
from bot.store.schema_lookups import lookup_alarms, lookup_tries

_AFTER = lookup_tries.c.at > bindparam("after", type_=Utc)
_TRIED = select(lookup_tries).where(_AFTER).order_by(lookup_tries.c.id)
_BY_CITIZEN = _TRIED.where(lookup_tries.c.citizen_id == bindparam("citizen"))
_FROM_ADDRESS = _TRIED.where(lookup_tries.c.origin == bindparam("address"))
_WRONG = select(func.count(func.distinct(lookup_tries.c.code))).where(
    _AFTER, lookup_tries.c.wrong.is_(True)
)
_BESIDE = select(func.count(func.distinct(lookup_tries.c.code))).where(
    _AFTER,
    lookup_tries.c.stem == bindparam("same"),
    lookup_tries.c.number.between(bindparam("low"), bindparam("high")),
    lookup_tries.c.code != bindparam("itself"),
)
_ALARM = select(lookup_alarms).where(lookup_alarms.c.scope == bindparam("whose"))
# The message being answered; a citizen has one at a time.
_ORIGIN = select(inbound.c.origin).where(
    inbound.c.citizen_id == bindparam("citizen"),
    inbound.c.settled_at.is_(None),
    inbound.c.state == "working",
)


@dataclass(frozen=True)
class LookupFigures:
    """What is counted of look-ups: wrong codes of the last minutes, and alarms by scope."""

    wrong: int
    alarm: bool
    alarms: tuple[tuple[str, int], ...]


class Lookups:
    """The TryBook of the store."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def past(self, who: Who, now: datetime) -> Past:
        """Return what was tried by a citizen, from where they write now, and by everybody."""
        with self._db.read() as connection:
            return _past(connection, who.citizen_id, _origin(connection, who), now)

    def note(self, who: Who, mark: Mark, wrong: bool, limits: Limits, now: datetime) -> Noted:
        """Count a try, unless the budget is used up already; one try at a time."""
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, "lookups")
            origin = _origin(connection, who)
            before = _past(connection, who.citizen_id, origin, now, mark)
            if limits.used_up(before):
                return Noted(refused=True, wrong=before.wrong)
            points = weigh(mark, wrong, before.citizen) if who.citizen_id else 0
            origin_points = weigh(mark, wrong, before.address) if origin else 0
            if not points and not origin_points:
                return Noted(wrong=before.wrong)
            row = {
                "at": now,
                "citizen_id": who.citizen_id or None,
                "origin": origin,
                "points": points,
                "origin_points": origin_points,
                "wrong": wrong,
                **vars(mark),
            }
            connection.execute(lookup_tries.insert().values(row))
            after = _past(connection, who.citizen_id, origin, now)
            closed, crowded = limits.used_up(after), limits.is_crowded(before)
            causes = {
                Scope.ADDRESS: Scope.ADDRESS in closed,
                Scope.PROVINCE: crowded or after.wrong >= limits.province,
            }
            due = [scope for scope, caused in causes.items() if caused]
            alarms = tuple(scope for scope in due if self._raise(connection, scope, now))
        return Noted(crowded, closed, alarms, after.wrong)

    def figures(self, now: datetime) -> LookupFigures:
        """Return what is counted, for whoever watches the desk."""
        with self._db.read() as connection:
            rows = connection.execute(select(lookup_alarms)).all()
            wrong = _wrong(connection, now)
        alarm = any(row.scope == Scope.PROVINCE.value and row.until > now for row in rows)
        return LookupFigures(wrong, alarm, tuple((row.scope, row.times) for row in rows))

    def _raise(self, connection: Any, scope: Scope, now: datetime) -> bool:
        """Keep an alarm up from now on; whether it was down before."""
        row = connection.execute(_ALARM, {"whose": scope.value}).first()
        until = now + PROVINCE_WINDOW
        if row is None:
            first = {"scope": scope.value, "since": now, "until": until, "times": 1}
            connection.execute(lookup_alarms.insert().values(first))
            return True
        change = update(lookup_alarms).where(lookup_alarms.c.scope == scope.value)
        begins = bool(row.until <= now or row.since > now)  # or our clock was set back
        values = {"since": now, "times": row.times + 1} if begins else {}
        connection.execute(change.values(until=until, **values))
        return begins


def forget_tries(connection: Any, citizen_id: int) -> None:
    """Take a citizen's name off what they tried.

    The tries go on counting for their address and the province until their hour is over:
    erasing oneself must not open a new budget there.
    """
    own = lookup_tries.c.citizen_id == citizen_id
    connection.execute(update(lookup_tries).where(own).values(citizen_id=null()))


def forget_old_tries(connection: Any, now: datetime) -> int:
    """Delete what no window reaches any more; return how many rows."""
    old = delete(lookup_tries).where(lookup_tries.c.at <= now - WINDOW)
    return int(connection.execute(old).rowcount)


def _origin(connection: Any, who: Who) -> str:
    known = who.origin or connection.execute(_ORIGIN, {"citizen": who.citizen_id}).scalar()
    return str(known or "")


def _past(
    connection: Any, citizen_id: int, origin: str, now: datetime, mark: Mark | None = None
) -> Past:
    after = now - WINDOW
    own = connection.execute(_BY_CITIZEN, {"citizen": citizen_id, "after": after}).all()
    near: Sequence[Any] = ()
    if origin:
        near = connection.execute(_FROM_ADDRESS, {"address": origin, "after": after}).all()
    alarm = connection.execute(_ALARM, {"whose": Scope.PROVINCE.value}).first()
    return Past(
        tuple((_mark(row), row.points) for row in own),
        tuple((_mark(row), row.origin_points) for row in near),
        _beside(connection, mark, after) if mark else 0,
        _wrong(connection, now),
        bool(alarm and alarm.since <= now < alarm.until),
    )


def _beside(connection: Any, mark: Mark, after: datetime) -> int:
    around = {"low": mark.number - NEIGHBOUR, "high": mark.number + NEIGHBOUR}
    values = {"same": mark.stem, "itself": mark.code, "after": after, **around}
    return int(connection.execute(_BESIDE, values).scalar() or 0)


def _wrong(connection: Any, now: datetime) -> int:
    return int(connection.execute(_WRONG, {"after": now - PROVINCE_WINDOW}).scalar() or 0)


def _mark(row: Any) -> Mark:
    return Mark(row.code, row.stem, row.number)
