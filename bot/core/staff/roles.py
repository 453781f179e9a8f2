"""Who works at the desk and what each of them may do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from bot.core.errors import DeskError


class Role(str, Enum):
    """What somebody does here; one person may do several things."""

    AUTHOR = "author"  # writes notices
    APPROVER = "approver"  # lets the notices of others go out
    OPERATOR = "operator"  # the front desk: receipts, handed-over talks
    ADMIN = "admin"  # accounts and settings; approves nothing by that alone


class UnknownRole(DeskError):
    """There is no such role."""


@dataclass(frozen=True)
class Staff:
    """One person with an account."""

    id: int
    name: str
    login: str
    roles: frozenset[Role]


def may(roles: Collection[Role], needed: Collection[Role]) -> bool:
    """Return whether somebody with ``roles`` may do what any of ``needed`` may do.

    No role contains another: an administrator who should approve is made an approver, by
    name and in the audit trail.

    >>> may({Role.ADMIN}, {Role.APPROVER})
    False
    """
    return not set(roles).isdisjoint(needed)


def may_approve(roles: Collection[Role]) -> bool:
    """Return whether somebody with ``roles`` may approve notices at all."""
    return may(roles, {Role.APPROVER})


def read_roles(names: Iterable[str]) -> frozenset[Role]:
    """Return the roles called ``names``. Raises UnknownRole.

    >>> sorted(read_roles(["approver", "author"]))
    [<Role.APPROVER: 'approver'>, <Role.AUTHOR: 'author'>]
    """
    try:
        return frozenset(Role(name) for name in names)
    except ValueError as error:
        raise UnknownRole(str(error)) from error
