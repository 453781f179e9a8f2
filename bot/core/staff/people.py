"""Who may change accounts, and what must never come of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.core.errors import DeskError
from bot.core.staff.roles import Role, Staff

LONGEST_NAME = 80  # characters
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_ADVICE = {
    "name": "give the person's name, as it should stand in the records",
    "login": "a login has 2 to 40 of a-z, 0-9, dot, dash and underscore",
    "taken": "somebody else has this login: choose another",
    "roles": "say what they may do",
    "unknown": "there is no such account",
    "not_admin": "only an administrator changes accounts",
    "own_roles": "nobody gives themselves more to do: another administrator can",
    "own_reset": "nobody resets themselves: another administrator can",
    "last_admin": "nobody else could look after accounts: make another administrator first",
}


class StaffRefused(DeskError):
    """An act on an account that is not allowed; nothing was changed.

    ``code`` is one of ``name``, ``login``, ``taken``, ``roles``, ``unknown``, ``not_admin``,
    ``own_roles``, ``own_reset``, ``last_admin``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(_ADVICE[code])
        self.code = code


@dataclass(frozen=True)
class By:
    """Who changes accounts: an administrator logged in, or (``staff_id`` None) a command."""

    actor: str  # in the audit trail
    staff_id: int | None = None

    @classmethod
    def of(cls, staff: Staff) -> By:
        """Return the person of a session."""
        return cls(f"staff:{staff.id}", staff.id)


@dataclass(frozen=True)
class Member:
    """As much of an account as the rules need. ``usable``: enrolled and not locked."""

    id: int
    roles: frozenset[Role]
    usable: bool


def check_new(login: str, name: str, roles: Collection[Role]) -> None:
    """Raise StaffRefused for what cannot be an account."""
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise StaffRefused("name")
    if not _LOGIN.fullmatch(login):
        raise StaffRefused("login")
    check_roles(roles)


def check_roles(roles: Collection[Role]) -> None:
    """Raise StaffRefused if somebody would have nothing to do: locking is for that."""
    if not roles:
        raise StaffRefused("roles")


def check_by(by: By, members: Iterable[Member]) -> None:
    """Raise StaffRefused unless who acts is an administrator at this very moment."""
    if by.staff_id is None:
        return
    if not any(each.id == by.staff_id and _looks_after(each) for each in members):
        raise StaffRefused("not_admin")


def check_given(by: By, target: Member, roles: Collection[Role]) -> None:
    """Raise StaffRefused if somebody would give themselves more to do."""
    if target.id == by.staff_id and not target.roles.issuperset(roles):
        raise StaffRefused("own_roles")


def check_left(by: By, target: Member, members: Iterable[Member]) -> None:
    """Raise StaffRefused if ``target`` going would leave nobody who can look after accounts.

    Only oneself can be the last one to go: others are let go by an administrator who stays. A
    command may do it, for an account in wrong hands; who runs it can make another.
    """
    if by.staff_id is None or by.staff_id != target.id:
        return
    if not any(_looks_after(each) for each in members if each.id != target.id):
        raise StaffRefused("last_admin")


def gaps(members: Iterable[Member]) -> tuple[str, ...]:
    """Return what the desk lacks people for.

    Of ``no_admin``, ``admin_cannot`` (none who could log in), ``no_author``, ``no_approver``
    (nobody could approve what another wrote) and ``one_approver`` (an emergency takes two).

    >>> lan = Member(1, frozenset({Role.ADMIN, Role.AUTHOR, Role.APPROVER}), True)
    >>> gaps([lan])
    ('no_approver', 'one_approver')
    """
    known = list(members)
    able = [each for each in known if each.usable]
    found = []
    if not any(map(_looks_after, able)):
        found.append("admin_cannot" if _with(known, Role.ADMIN) else "no_admin")
    authors, approvers = _with(able, Role.AUTHOR), _with(able, Role.APPROVER)
    beside = max((len(approvers - {author}) for author in authors), default=0)
    if not authors:
        found.append("no_author")
    elif beside < 1:
        found.append("no_approver")
    if authors and beside < 2:
        found.append("one_approver")
    return tuple(found)


def _with(members: Iterable[Member], role: Role) -> set[int]:
    return {each.id for each in members if role in each.roles}


def _looks_after(member: Member) -> bool:
    return member.usable and Role.ADMIN in member.roles
