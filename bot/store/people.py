"""What administrators do to accounts: rules, change and audit line in one transaction.

Pages and commands both come this way. Who acts is looked up again under the lock: of two
administrators who take the role from each other at the same moment, one is too late.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, null, select, update
from sqlalchemy.exc import IntegrityError

from bot.core.staff.door import clean_login, login_key
from bot.core.staff.people import (
    By,
    Member,
    StaffRefused,
    check_by,
    check_given,
    check_left,
    check_new,
    check_roles,
)
from bot.core.staff.roles import Role, Staff
from bot.core.staff.sessions import LINK_LIFE
from bot.store import audit
from bot.store.database import Database
from bot.store.schema_staff import login_attempts, staff, staff_links, staff_roles, staff_sessions
from bot.store.sealing import Sealer
from bot.store.staff import OPENS, delete_of, digest_of, members

Result = TypeVar("Result")


class People:
    """Adds, locks and resets accounts. Every act raises StaffRefused if it may not happen."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db = db
        self._sealer = sealer

    def add(
        self,
        by: By,
        login: str,
        name: str,
        roles: Collection[Role],
        now: datetime,
        token: str | None = None,
    ) -> Staff:
        """Make an account nobody can use before it is enrolled, by the link of ``token``.

        Raises SettingsError when there is no key to seal its secret with.
        """
        known_as, called = clean_login(login), name.strip()
        check_new(known_as, called, roles)
        values = {"login": known_as, "name": called, "created_at": now}

        def added(connection: Any) -> Staff:
            made = connection.execute(staff.insert().values(values))
            number = int(made.inserted_primary_key[0])
            _give(connection, number, roles)
            if token:
                self._invite(connection, number, token, now)
            self._note(connection, by, "staff_added", number, {"roles": _names(roles)}, now)
            return Staff(number, called, known_as, frozenset(roles))

        try:
            return self._act(by, lambda connection, _: added(connection))
        except IntegrityError as error:
            raise StaffRefused("taken") from error

    def set_roles(self, by: By, staff_id: int, roles: Collection[Role], now: datetime) -> None:
        """Let somebody do exactly this from the next request on."""
        check_roles(roles)

        def changed(connection: Any, known: Mapping[int, Member]) -> None:
            target = _found(known, staff_id)
            check_given(by, target, roles)
            if Role.ADMIN in target.roles and Role.ADMIN not in roles:
                check_left(by, target, known.values())
            connection.execute(delete(staff_roles).where(staff_roles.c.staff_id == staff_id))
            _give(connection, staff_id, roles)
            detail = {"before": _names(target.roles), "after": _names(roles)}
            self._note(connection, by, "staff_roles", staff_id, detail, now)

        self._act(by, changed)

    def lock(self, by: By, staff_id: int, now: datetime) -> None:
        """Keep somebody out, and end what they have open; invitations end too."""

        def locked(connection: Any, known: Mapping[int, Member]) -> None:
            check_left(by, _found(known, staff_id), known.values())
            change = update(staff).where(staff.c.id == staff_id, staff.c.locked_at.is_(None))
            connection.execute(change.values(locked_at=now))
            delete_of(connection, staff_id, staff_sessions, staff_links)
            self._note(connection, by, "staff_locked", staff_id, {}, now)

        self._act(by, locked)

    def unlock(self, by: By, staff_id: int, now: datetime) -> int:
        """Let somebody in again, also after wrong attempts; return how many are forgotten."""

        def unlocked(connection: Any, known: Mapping[int, Member]) -> int:
            _found(known, staff_id)
            change = update(staff).where(staff.c.id == staff_id)
            connection.execute(change.values(locked_at=None))
            forgiven = _forgive(connection, staff_id)
            self._note(connection, by, "staff_unlocked", staff_id, {"forgiven": forgiven}, now)
            return forgiven

        return self._act(by, unlocked)

    def reset(self, by: By, staff_id: int, token: str, now: datetime) -> datetime:
        """Take password, second factor and sessions away; a link enrols anew.

        Returns until when. Raises SettingsError when there is no key to seal its secret with.
        """
        if by.staff_id == staff_id:
            raise StaffRefused("own_reset")

        def done(connection: Any, known: Mapping[int, Member]) -> datetime:
            _found(known, staff_id)
            delete_of(connection, staff_id, *OPENS)
            change = update(staff).where(staff.c.id == staff_id)
            connection.execute(change.values(password=null(), password_at=None))
            _forgive(connection, staff_id)
            ends = self._invite(connection, staff_id, token, now)
            self._note(connection, by, "staff_reset", staff_id, {}, now)
            return ends

        ends = self._act(by, done)
        self._db.has_deleted = True
        return ends

    def _act(self, by: By, work: Callable[[Any, Mapping[int, Member]], Result]) -> Result:
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, "people")
            known = members(connection)
            check_by(by, known)
            return work(connection, {each.id: each for each in known})

    def _invite(self, connection: Any, staff_id: int, token: str, now: datetime) -> datetime:
        self._sealer.seal("")  # without a key nobody could enrol
        delete_of(connection, staff_id, staff_links)
        connection.execute(delete(staff_links).where(staff_links.c.ends_at <= now))
        ends = now + LINK_LIFE
        link = {"digest": digest_of(token), "staff_id": staff_id, "made_at": now, "ends_at": ends}
        connection.execute(staff_links.insert().values(**link, totp=""))
        return ends

    def _note(
        self,
        connection: Any,
        by: By,
        action: str,
        staff_id: int,
        detail: Mapping[str, Any],
        now: datetime,
    ) -> None:
        audit.add(self._db, connection, by.actor, action, f"staff:{staff_id}", detail, now)


def _found(known: Mapping[int, Member], staff_id: int) -> Member:
    if staff_id not in known:
        raise StaffRefused("unknown")
    return known[staff_id]


def _give(connection: Any, staff_id: int, roles: Collection[Role]) -> None:
    rows = [{"staff_id": staff_id, "role": role.value} for role in sorted(set(roles))]
    connection.execute(staff_roles.insert(), rows)


def _names(roles: Collection[Role]) -> list[str]:
    return [role.value for role in Role if role in roles]


def _forgive(connection: Any, staff_id: int) -> int:
    login = connection.execute(select(staff.c.login).where(staff.c.id == staff_id)).scalar()
    gone = delete(login_attempts).where(login_attempts.c.login == login_key(login))
    return int(connection.execute(gone).rowcount)
