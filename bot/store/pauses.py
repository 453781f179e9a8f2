"""Pauses: when a platform takes nothing more, the account waits, not each row by itself.

A pause a person must end is left by a probe: when its time is over, one row is let out and the
time moves on, whatever becomes of that row. If the row arrives, the pause is gone; if it is
refused for the same reason, nothing happened. So a restart, or ten senders, cost one message
each few minutes at most. Other pauses (call rate, night) simply end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from bot.core.errors import Reach
from bot.store.database import Database
from bot.store.records import Pause
from bot.store.schema import pauses

PRIORITIES = (0, 1, 2)  # replies, urgent notices, bulk
EPISODE = timedelta(minutes=10)  # the same wait again within it is no news
REPLIES, NOTICES = PRIORITIES[:1], PRIORITIES[1:]
_PAUSES = select(pauses).order_by(pauses.c.reach)


@dataclass(frozen=True)
class Gate:
    """What may leave now: rows of the ``free`` priorities, or else one ``probe`` for a pause."""

    free: tuple[int, ...] = PRIORITIES
    probe: tuple[int, ...] = ()
    reach: str = ""

    @property
    def priorities(self) -> tuple[int, ...]:
        """Return every priority a row may leave with."""
        return (*self.free, *self.probe)


def gate(connection: Any, channel: str, now: datetime, *, locked: bool = False) -> Gate:
    """Return what may leave now; ``locked`` keeps other senders out until commit."""
    query = _PAUSES.where(pauses.c.channel == channel)
    rows = connection.execute(query.with_for_update() if locked else query)
    return _gate({row.reach: row for row in rows}, now)


def _gate(rows: Mapping[str, Any], now: datetime) -> Gate:
    everything = _state(rows.get(Reach.ACCOUNT.value), now)
    paid = _state(rows.get(Reach.NOTICES.value), now)
    if everything == "closed":
        return Gate(())
    if everything == "probe":
        return Gate((), PRIORITIES if paid == "open" else REPLIES, Reach.ACCOUNT.value)
    if paid == "probe":
        return Gate(REPLIES, NOTICES, Reach.NOTICES.value)
    return Gate() if paid == "open" else Gate(REPLIES)


def _state(row: Any, now: datetime) -> str:
    if row is None:
        return "open"
    if row.since <= now < row.until:  # begun in the future: the clock was set back meanwhile
        return "closed"
    return "probe" if row.person else "open"


def put_off(connection: Any, channel: str, reach: str, until: datetime) -> None:
    """Let no further probe out before ``until``."""
    own = (pauses.c.channel == channel) & (pauses.c.reach == reach)
    connection.execute(update(pauses).where(own).values(until=until))


class Pauses:
    """Begins, shows and ends pauses."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(
        self, channel: str, reach: str, code: str, now: datetime, until: datetime, *, person: bool
    ) -> bool:
        """Let nothing within ``reach`` leave before ``until``; True if that is news.

        A mere wait does not take the place of a pause that needs a person.
        """
        key = {"channel": channel, "reach": reach}
        values = {"code": code, "person": person, "since": now, "until": until}
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, f"pause:{channel}:{reach}")
            own = (pauses.c.channel == channel) & (pauses.c.reach == reach)
            old = connection.execute(_PAUSES.where(own)).first()
            if old and old.person and (old.code == code or not person):
                put_off(connection, channel, reach, max(until, old.until))
                return False
            known = old is not None and old.code == code and now < old.until + EPISODE
            if known:
                values["since"] = old.since
            upsert = self._db.insert(pauses).values(**key, **values)
            connection.execute(upsert.on_conflict_do_update(index_elements=list(key), set_=values))
        return not known

    def end(self, channel: str, reach: str) -> bool:
        """End a pause; False if there was none. A row got through."""
        gone = delete(pauses).where(pauses.c.channel == channel, pauses.c.reach == reach)
        with self._db.write() as connection:
            return bool(connection.execute(gone).rowcount)

    def probe_now(self, channel: str, now: datetime) -> int:
        """Let the next row test each pause at once: a person has acted. Returns how many."""
        change = update(pauses).where(pauses.c.channel == channel, pauses.c.person)
        with self._db.write() as connection:
            return int(connection.execute(change.values(until=now)).rowcount)

    def of(self, channel: str, now: datetime) -> list[Pause]:
        """Return the pauses in force."""
        with self._db.read() as connection:
            rows: Iterable[Any] = connection.execute(_PAUSES.where(pauses.c.channel == channel))
            return [
                Pause(row.reach, row.code, row.person, row.since, row.until)
                for row in rows
                if row.person or row.until > now
            ]
