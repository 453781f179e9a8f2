"""Accounts of staff: enrolling, passwords, second factors, recovery codes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from bot.core.staff.door import Credentials, clean_login
from bot.core.staff.people import Member
from bot.core.staff.roles import Role, Staff
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


@dataclass(frozen=True)
class Account:
    """One account as a list of them shows it."""

    staff: Staff
    enrolled: bool
    locked: bool
    created_at: datetime
    password_at: datetime | None
    recovery_left: int
    entered_at: datetime | None = None
    second: bool = False  # an authenticator app is joined
    link_until: datetime | None = None  # an invitation that was not used yet


@dataclass(frozen=True)
class Invitation:
    """Whose enrolment a link is."""

    staff: Staff
    ends_at: datetime


@dataclass(frozen=True)
class OpenInvitation:
    """The secret one browser is shown. ``moved``: another one had opened the link before."""

    totp: str
    moved: bool


# What somebody comes in with, or is in by.
OPENS = (staff_links, staff_secrets, staff_recovery, staff_sessions)


class StaffAccounts:
    """What people do to their own account; ``people.py`` has what is done to others'.

    Secrets are sealed; of links and codes only digests are kept.
    """

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db = db
        self._sealer = sealer

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

    def members(self) -> list[Member]:
        """Return what rules about all accounts together need of each."""
        with self._db.read() as connection:
            return members(connection)

    def invitation(self, token: str, now: datetime) -> Invitation | None:
        """Return whose enrolment a link is, or None when it is unknown, used or too old."""
        query = select(staff_links).where(_good(token, now))
        with self._db.read() as connection:
            link = connection.execute(query).first()
            account = next(_accounts(connection, staff.c.id == link.staff_id)) if link else None
        return Invitation(account.staff, link.ends_at) if link and account else None

    def open_invitation(
        self, token: str, browser: str, fresh: str, now: datetime
    ) -> OpenInvitation | None:
        """Return the secret for the authenticator app that this browser, and no other, is shown.

        The first one to open a link gets ``fresh``, and sees it again when it comes back. If
        another comes, it gets ``fresh`` too and what the earlier one saw is worth nothing: a
        link that was read on its way, or opened by a preview, gives no secret away.
        """
        taking = select(staff_links).where(_good(token, now)).with_for_update()
        mine = digest_of(browser)
        with self._db.write() as connection:
            link = connection.execute(taking).first()
            if link is None:
                return None
            if link.browser == mine:
                return OpenInvitation(self._sealer.open(link.totp), moved=False)
            change = update(staff_links).where(staff_links.c.digest == link.digest)
            connection.execute(change.values(totp=self._sealer.seal(fresh), browser=mine))
            return OpenInvitation(fresh, moved=link.browser is not None)

    def secret_of_invitation(self, token: str, browser: str, now: datetime) -> str | None:
        """Return the secret this browser was shown; None if another came after it."""
        mine = staff_links.c.browser == digest_of(browser)
        with self._db.read() as connection:
            link = connection.execute(select(staff_links).where(_good(token, now), mine)).first()
        return self._sealer.open(link.totp) if link else None

    def enrol(
        self,
        token: str,
        browser: str,
        password: str,
        step: int,
        recovery: Iterable[str],
        now: datetime,
    ) -> bool:
        """Use up a link and set all it takes to log in.

        False when it was used, or opened by another browser, meanwhile. ``password`` is a hash
        and ``recovery`` are digests. What was set before is gone, and open sessions end.
        """
        mine = staff_links.c.browser == digest_of(browser)
        taking = select(staff_links).where(_good(token, now), mine).with_for_update()
        with self._db.write() as connection:
            link = connection.execute(taking).first()
            if link is None:
                return False
            number = link.staff_id
            delete_of(connection, number, *OPENS)
            secret = {"staff_id": number, "totp": link.totp, "last_step": step, "made_at": now}
            connection.execute(staff_secrets.insert().values(secret))
            rows = [{"staff_id": number, "digest": digest} for digest in recovery]
            connection.execute(staff_recovery.insert(), rows)
            _set_password(connection, number, password, now)
        self._db.has_deleted = True
        return True

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
            delete_of(connection, staff_id, staff_recovery)
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


def _set_password(connection: Any, staff_id: int, password: str, now: datetime) -> None:
    change = update(staff).where(staff.c.id == staff_id)
    connection.execute(change.values(password=password, password_at=now))


def delete_of(connection: Any, staff_id: int, *tables: Any) -> None:
    """Delete the rows of one person."""
    for table in tables:
        connection.execute(delete(table).where(table.c.staff_id == staff_id))


def members(connection: Any) -> list[Member]:
    """Return what rules about all accounts together need of each."""
    usable = (staff.c.password.isnot(None) & staff.c.locked_at.is_(None)).label("usable")
    query = (
        select(staff.c.id, usable, staff_roles.c.role)
        .outerjoin(staff_roles, staff_roles.c.staff_id == staff.c.id)
        .order_by(staff.c.id)
    )
    found: dict[int, Member] = {}
    for row in connection.execute(query).all():
        known = found.get(row.id, Member(row.id, frozenset(), bool(row.usable)))
        roles = known.roles | ({Role(row.role)} if row.role else set())
        found[row.id] = Member(row.id, roles, known.usable)
    return list(found.values())


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
    query = (
        select(staff, left.label("recovery_left"), staff_secrets.c.made_at, staff_links.c.ends_at)
        .outerjoin(staff_secrets, staff_secrets.c.staff_id == staff.c.id)
        .outerjoin(staff_links, staff_links.c.staff_id == staff.c.id)
        .where(which)
        .order_by(staff.c.login)
    )
    for row in connection.execute(query).all():
        who = Staff(row.id, row.name, row.login, _roles(connection, row.id))
        yield Account(
            who,
            enrolled=row.password is not None,
            locked=row.locked_at is not None,
            created_at=row.created_at,
            password_at=row.password_at,
            recovery_left=row.recovery_left,
            entered_at=row.entered_at,
            second=row.made_at is not None,
            link_until=row.ends_at,
        )
