"""Accounts of staff: roles, passwords, second factors and invitations to enrol."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.core.errors import DeskError
from bot.core.staff.door import Credentials, clean_login
from bot.core.staff.roles import Role, Staff
from bot.core.staff.sessions import LINK_LIFE
from bot.store.database import Database
from bot.store.schema_staff import (
    staff,
    staff_links,
    staff_recovery,
    staff_roles,
    staff_secrets,
    staff_sessions,
)
from bot.store.sealing import Sealer


class LoginTaken(DeskError):
    """Somebody else has this login."""


@dataclass(frozen=True)
class Account:
    """One account as a list of them shows it."""

    staff: Staff
    enrolled: bool
    locked: bool
    created_at: datetime
    password_at: datetime | None
    recovery_left: int


@dataclass(frozen=True)
class Invitation:
    """Whose enrolment a link is, and the secret for the authenticator app."""

    staff: Staff
    totp: str
    ends_at: datetime


class StaffAccounts:
    """Reads and writes accounts. Secrets are sealed; of links and codes only digests are kept."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db = db
        self._sealer = sealer

    def add(self, login: str, name: str, roles: Collection[Role], now: datetime) -> Staff:
        """Make an account nobody can use before it is enrolled. Raises LoginTaken."""
        known_as = clean_login(login)
        values = {"login": known_as, "name": name, "created_at": now}
        try:
            with self._db.write() as connection:
                added = connection.execute(staff.insert().values(values))
                number = int(added.inserted_primary_key[0])
                _give(connection, number, roles)
        except IntegrityError as error:
            raise LoginTaken(f"there is an account called {known_as!r} already") from error
        return Staff(number, name, known_as, frozenset(roles))

    def find(self, login: str) -> Account | None:
        """Return the account, or None."""
        with self._db.read() as connection:
            return next(_accounts(connection, staff.c.login == clean_login(login)), None)

    def by_id(self, staff_id: int) -> Account | None:
        """Return the account, or None."""
        with self._db.read() as connection:
            return next(_accounts(connection, staff.c.id == staff_id), None)

    def all(self) -> list[Account]:
        """Return every account in order of login."""
        with self._db.read() as connection:
            return list(_accounts(connection, staff.c.id.isnot(None)))

    def set_roles(self, staff_id: int, roles: Collection[Role]) -> None:
        """Let somebody do exactly this from the next request on."""
        with self._db.write() as connection:
            connection.execute(delete(staff_roles).where(staff_roles.c.staff_id == staff_id))
            _give(connection, staff_id, roles)

    def lock(self, staff_id: int, now: datetime) -> None:
        """Keep somebody out, and end what they have open; invitations end too."""
        with self._db.write() as connection:
            connection.execute(update(staff).where(staff.c.id == staff_id).values(locked_at=now))
            _delete(connection, staff_id, staff_sessions, staff_links)

    def unlock(self, staff_id: int) -> None:
        """Let somebody in again."""
        with self._db.write() as connection:
            connection.execute(update(staff).where(staff.c.id == staff_id).values(locked_at=None))

    def invite(self, staff_id: int, token: str, totp: str, now: datetime) -> datetime:
        """Keep a link that enrols, until the time returned; earlier links end.

        Raises SettingsError when there is no key to seal the secret with.
        """
        values = {
            "digest": digest_of(token),
            "staff_id": staff_id,
            "totp": self._sealer.seal(totp),
            "made_at": now,
            "ends_at": now + LINK_LIFE,
        }
        with self._db.write() as connection:
            _delete(connection, staff_id, staff_links)
            connection.execute(delete(staff_links).where(staff_links.c.ends_at <= now))
            connection.execute(staff_links.insert().values(values))
        return now + LINK_LIFE

    def invitation(self, token: str, now: datetime) -> Invitation | None:
        """Return what a link is for, or None when it is unknown, used or too old."""
        query = select(staff_links).where(_good(token, now))
        with self._db.read() as connection:
            link = connection.execute(query).first()
            account = next(_accounts(connection, staff.c.id == link.staff_id)) if link else None
        if link is None or account is None:
            return None
        return Invitation(account.staff, self._sealer.open(link.totp), link.ends_at)

    def enrol(
        self, token: str, password: str, step: int, recovery: Iterable[str], now: datetime
    ) -> bool:
        """Use up a link and set all it takes to log in; False when it was used meanwhile.

        ``password`` is a hash and ``recovery`` are digests. What was set before is gone, and
        open sessions end.
        """
        taking = select(staff_links).where(_good(token, now)).with_for_update()
        with self._db.write() as connection:
            link = connection.execute(taking).first()
            if link is None:
                return False
            number = link.staff_id
            _delete(connection, number, staff_links, staff_secrets, staff_recovery, staff_sessions)
            secret = {"staff_id": number, "totp": link.totp, "last_step": step, "made_at": now}
            connection.execute(staff_secrets.insert().values(secret))
            rows = [{"staff_id": number, "digest": digest} for digest in recovery]
            connection.execute(staff_recovery.insert(), rows)
            _set_password(connection, number, password, now)
        self._db.has_deleted = True
        return True

    def reset(self, staff_id: int) -> None:
        """Take password, second factor and sessions away; only a new invitation helps."""
        with self._db.write() as connection:
            _delete(
                connection, staff_id, staff_links, staff_secrets, staff_recovery, staff_sessions
            )
            connection.execute(
                update(staff)
                .where(staff.c.id == staff_id)
                .values(password=null(), password_at=None)
            )
        self._db.has_deleted = True

    def credentials(self, login: str) -> Credentials | None:
        """Return what is kept of an enrolled account, or None."""
        query = (
            select(staff, staff_secrets.c.totp, staff_secrets.c.last_step)
            .join(staff_secrets, staff_secrets.c.staff_id == staff.c.id)
            .where(staff.c.login == clean_login(login), staff.c.password.isnot(None))
        )
        with self._db.read() as connection:
            row = connection.execute(query).first()
            roles = _roles(connection, row.id) if row else frozenset()
        if row is None:
            return None
        who = Staff(row.id, row.name, row.login, roles)
        totp = self._sealer.open(row.totp)
        return Credentials(who, row.password, totp, row.last_step, row.locked_at is not None)

    def take_step(self, staff_id: int, step: int) -> bool:
        """Use up a step; False when it, or a later one, was used meanwhile."""
        last = staff_secrets.c.last_step
        unused = (staff_secrets.c.staff_id == staff_id, or_(last.is_(None), last < step))
        with self._db.write() as connection:
            change = update(staff_secrets).where(*unused).values(last_step=step)
            return bool(connection.execute(change).rowcount == 1)

    def use_recovery(self, staff_id: int, digest: str, now: datetime) -> bool:
        """Use up a recovery code; False when there is none like it or it was used."""
        table = staff_recovery.c
        unused = (table.staff_id == staff_id, table.digest == digest, table.used_at.is_(None))
        with self._db.write() as connection:
            change = update(staff_recovery).where(*unused).values(used_at=now)
            return bool(connection.execute(change).rowcount == 1)

    def new_recovery(self, staff_id: int, digests: Iterable[str]) -> None:
        """Keep new recovery codes; the old ones are worth nothing from now on."""
        rows = [{"staff_id": staff_id, "digest": digest} for digest in digests]
        with self._db.write() as connection:
            _delete(connection, staff_id, staff_recovery)
            connection.execute(staff_recovery.insert(), rows)

    def set_password(
        self, staff_id: int, password: str, keep_session: int | None, now: datetime
    ) -> None:
        """Set a new hash and end every session but one."""
        others = staff_sessions.c.id != (keep_session or 0)
        with self._db.write() as connection:
            _set_password(connection, staff_id, password, now)
            connection.execute(
                delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id, others)
            )


def digest_of(token: str) -> str:
    """Return what the store knows an unguessable token by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _good(token: str, now: datetime) -> Any:
    return (staff_links.c.digest == digest_of(token)) & (staff_links.c.ends_at > now)


def _give(connection: Any, staff_id: int, roles: Collection[Role]) -> None:
    rows = [{"staff_id": staff_id, "role": role.value} for role in roles]
    if rows:
        connection.execute(staff_roles.insert(), rows)


def _set_password(connection: Any, staff_id: int, password: str, now: datetime) -> None:
    change = update(staff).where(staff.c.id == staff_id)
    connection.execute(change.values(password=password, password_at=now))


def _delete(connection: Any, staff_id: int, *tables: Any) -> None:
    for table in tables:
        connection.execute(delete(table).where(table.c.staff_id == staff_id))


def _roles(connection: Any, staff_id: int) -> frozenset[Role]:
    query = select(staff_roles.c.role).where(staff_roles.c.staff_id == staff_id)
    return frozenset(map(Role, connection.execute(query).scalars()))


def _accounts(connection: Any, which: Any) -> Iterator[Account]:
    left = (
        select(func.count())
        .select_from(staff_recovery)
        .where(staff_recovery.c.staff_id == staff.c.id, staff_recovery.c.used_at.is_(None))
        .scalar_subquery()
    )
    query = select(staff, left.label("recovery_left")).where(which).order_by(staff.c.login)
    for row in connection.execute(query).all():
        who = Staff(row.id, row.name, row.login, _roles(connection, row.id))
        yield Account(
            who,
            row.password is not None,
            row.locked_at is not None,
            row.created_at,
            row.password_at,
            row.recovery_left,
        )
