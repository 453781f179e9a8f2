"""Who is logged in, and how often somebody tried. See ``bot/core/staff``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from bot.core.staff.lockout import (
    ADDRESS_LOCK,
    LOGIN_LOCK,
    MEMORY,
    PAIR_LOCK,
    Counted,
    shut_until,
)
from bot.core.staff.roles import Role, Staff
from bot.core.staff.sessions import IDLE, WHOLE, is_over, is_worth_noting
from bot.store.database import Database
from bot.store.schema_staff import login_attempts, staff, staff_roles, staff_sessions
from bot.store.staff import digest_of


@dataclass(frozen=True)
class StaffSession:
    """Somebody at one browser."""

    id: int
    staff: Staff
    device: str
    begun_at: datetime
    seen_at: datetime


class StaffSessions:
    """Sessions live here, not in the cookie: they can be ended from elsewhere."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def open(self, staff_id: int, token: str, device: str, now: datetime) -> int:
        """Begin a session and return its number; what has ended is deleted on the way."""
        values = {
            "digest": digest_of(token),
            "staff_id": staff_id,
            "device": device,
            "begun_at": now,
            "seen_at": now,
        }
        own = staff_sessions.c
        ended = or_(own.seen_at <= now - IDLE, own.begun_at <= now - WHOLE)
        with self._db.write() as connection:
            connection.execute(delete(staff_sessions).where(ended))
            connection.execute(update(staff).where(staff.c.id == staff_id).values(entered_at=now))
            added = connection.execute(staff_sessions.insert().values(values))
            return int(added.inserted_primary_key[0])

    def find(self, token: str, now: datetime) -> StaffSession | None:
        """Return whose session it is and note that it is in use; None when it has ended."""
        with self._db.read() as connection:
            which = staff_sessions.c.digest == digest_of(token)
            found = next(_sessions(connection, which), None)
        if found is None or is_over(found.begun_at, found.seen_at, now):
            return None
        if is_worth_noting(found.seen_at, now):
            with self._db.write() as connection:
                seen = update(staff_sessions).where(staff_sessions.c.id == found.id)
                connection.execute(seen.values(seen_at=now))
        return found

    def of(self, staff_id: int, now: datetime) -> list[StaffSession]:
        """Return the open sessions of somebody, the last seen first."""
        with self._db.read() as connection:
            found = list(_sessions(connection, staff_sessions.c.staff_id == staff_id))
        return [one for one in found if not is_over(one.begun_at, one.seen_at, now)]

    def end(self, staff_id: int, number: int) -> bool:
        """End one session of somebody; False when it is not theirs or over."""
        which = (staff_sessions.c.staff_id == staff_id, staff_sessions.c.id == number)
        with self._db.write() as connection:
            return bool(connection.execute(delete(staff_sessions).where(*which)).rowcount)

    def end_others(self, staff_id: int, number: int) -> int:
        """End every session of somebody but one; return how many."""
        which = (staff_sessions.c.staff_id == staff_id, staff_sessions.c.id != number)
        with self._db.write() as connection:
            return int(connection.execute(delete(staff_sessions).where(*which)).rowcount)


class LoginAttempts:
    """Counts attempts to log in for a day. See ``bot/core/staff/lockout.py``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(
        self, login_key: str, origin: str, now: datetime, device: str = ""
    ) -> int | datetime:
        """Count an attempt and return its number, or until when none is taken.

        ``device`` is the mark of a browser known to this login: it has a count of its own,
        which no stranger adds to, and no mistake made there counts against the address.
        """
        values = {"at": now, "login": login_key, "device": device}
        values["origin"] = "" if device else origin
        old = login_attempts.c.at <= now - MEMORY
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, "login")
            connection.execute(delete(login_attempts).where(old))
            until = shut_until(now, *_counted(connection, values))
            if until is not None:
                return until
            added = connection.execute(login_attempts.insert().values(values))
            return int(added.inserted_primary_key[0])

    def succeed(self, number: int) -> None:
        """Forget the failures of this login at this address, or at this known browser.

        Those of strangers elsewhere stay: its owner coming in does not let them guess on.
        """
        own = login_attempts.c
        with self._db.write() as connection:
            row = connection.execute(select(login_attempts).where(own.id == number)).first()
            if row is not None:
                same = (own.login == row.login, own.origin == row.origin, own.device == row.device)
                connection.execute(delete(login_attempts).where(*same))


def _counted(connection: Any, values: Mapping[str, Any]) -> Iterator[Counted]:
    """Yield each lock with the failures that count for it."""
    own = login_attempts.c
    of_login, of_origin = own.login == values["login"], own.origin == values["origin"]
    of_device = own.device == values["device"]
    yield PAIR_LOCK, _moments(connection, of_login & of_origin & of_device)
    if values["device"]:
        return
    yield LOGIN_LOCK, _moments(connection, of_login & of_device)
    if values["origin"]:
        yield ADDRESS_LOCK, _moments(connection, of_origin)


def _moments(connection: Any, which: Any) -> list[datetime]:
    return list(connection.execute(select(login_attempts.c.at).where(which)).scalars())


def _sessions(connection: Any, which: Any) -> Iterator[StaffSession]:
    query = (
        select(staff_sessions, staff.c.name, staff.c.login)
        .join(staff, staff.c.id == staff_sessions.c.staff_id)
        .where(which, staff.c.locked_at.is_(None))
        .order_by(staff_sessions.c.seen_at.desc())
    )
    for row in connection.execute(query).all():
        roles = select(staff_roles.c.role).where(staff_roles.c.staff_id == row.staff_id)
        has = frozenset(map(Role, connection.execute(roles).scalars()))
        who = Staff(row.staff_id, row.name, row.login, has)
        yield StaffSession(row.id, who, row.device, row.begun_at, row.seen_at)
