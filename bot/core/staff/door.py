"""Lets staff in: attempts counted, password and second factor, one answer for all that is wrong.

Whoever knocks learns nothing about which accounts exist: an unknown login costs the same work,
counts the same and is refused in the same words as a wrong password or a wrong code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.staff.roles import Staff
from bot.core.staff.second import accepted_step, recovery_digest
from bot.core.vietnamese import normalise

_INSIDE = "inside"  # no browser's mark


@dataclass(frozen=True)
class Credentials:
    """What is kept to recognise one person. ``totp`` is the secret the app shares."""

    staff: Staff
    password: str
    totp: str
    last_step: int | None
    locked: bool = False


class Accounts(Protocol):
    """Where accounts are kept."""

    def credentials(self, login: str) -> Credentials | None:
        """Return what is kept of an enrolled account, or None."""

    def take_step(self, staff_id: int, step: int) -> bool:
        """Use up a step; False when it, or a later one, was used meanwhile."""

    def use_recovery(self, staff_id: int, digest: str, now: datetime) -> bool:
        """Use up a recovery code; False when there is none like it or it was used."""


class Attempts(Protocol):
    """Counts attempts."""

    def begin(
        self, login_key: str, origin: str, now: datetime, device: str = ""
    ) -> int | datetime:
        """Count an attempt and return its number, or until when none is taken.

        ``device`` is the mark of a browser known to this login: it has a count of its own.
        """

    def succeed(self, number: int) -> None:
        """Forget the failures of this login at this place."""


class Hasher(Protocol):
    """Keeps passwords unreadable."""

    def fits(self, kept: str | None, password: str) -> bool:
        """Return whether it is the password; for None, False after the same work."""


@dataclass(frozen=True)
class Entered:
    """Somebody is in. ``recovery`` says a recovery code opened."""

    staff: Staff
    recovery: bool


@dataclass(frozen=True)
class Refused:
    """Nobody is in; ``until`` is set while no attempt is taken at all."""

    until: datetime | None = None


class Door:
    """Decides who may come in."""

    def __init__(
        self,
        accounts: Accounts,
        attempts: Attempts,
        hasher: Hasher,
        code_of: Callable[[str, int], str],
        spare_totp: str,
    ) -> None:
        """``code_of`` gives the code of a secret and a step; ``spare_totp`` stands in for none."""
        self._accounts = accounts
        self._attempts = attempts
        self._hasher = hasher
        self._code_of = code_of
        self._spare_totp = spare_totp

    def enter(
        self, login: str, password: str, code: str, origin: str, now: datetime, device: str = ""
    ) -> Entered | Refused:
        """Return who came in, or why nobody did.

        ``origin`` is a digest of the address, ``device`` the mark of a browser this login came
        in with before.
        """
        number = self._attempts.begin(login_key(login), origin, now, device)
        if isinstance(number, datetime):
            return Refused(number)
        kept = self._accounts.credentials(clean_login(login))
        right = self._hasher.fits(kept.password if kept else None, password)
        step = self._step(kept, code, now)
        if kept is None or not right or kept.locked:
            return Refused()
        if not self._taken(kept.staff.id, step, code, now):
            return Refused()
        self._attempts.succeed(number)
        return Entered(kept.staff, recovery=step is None)

    def proves(
        self, staff: Staff, password: str, origin: str, now: datetime, code: str | None = None
    ) -> Entered | Refused:
        """Return whether somebody who is in knows the password.

        Counted like coming in, but apart from it: what strangers try outside shuts nobody out
        who is inside. With ``code``, one of the app or an unused recovery code must be right,
        too.
        """
        number = self._attempts.begin(login_key(staff.login), origin, now, _INSIDE)
        if isinstance(number, datetime):
            return Refused(number)
        kept = self._accounts.credentials(staff.login)
        if not self._hasher.fits(kept.password if kept else None, password):
            return Refused()
        if code is not None and not self._second_is_right(kept, staff.id, code, now):
            return Refused()
        self._attempts.succeed(number)
        return Entered(staff, recovery=False)

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """Return the step of a code of a secret that was never used."""
        return accepted_step(lambda step: self._code_of(secret, step), code, now, None)

    def _step(self, kept: Credentials | None, code: str, now: datetime) -> int | None:
        secret = kept.totp if kept else self._spare_totp
        last = kept.last_step if kept else None
        return accepted_step(lambda step: self._code_of(secret, step), code, now, last)

    def _second_is_right(
        self, kept: Credentials | None, staff_id: int, code: str, now: datetime
    ) -> bool:
        return self._taken(staff_id, self._step(kept, code, now), code, now)

    def _taken(self, staff_id: int, step: int | None, code: str, now: datetime) -> bool:
        """Use up a code of the app, or a recovery code."""
        if step is not None:
            return self._accounts.take_step(staff_id, step)
        return self._recovered(staff_id, code, now)

    def _recovered(self, staff_id: int, code: str, now: datetime) -> bool:
        digest = recovery_digest(code)
        return bool(digest and self._accounts.use_recovery(staff_id, digest, now))


def clean_login(text: str) -> str:
    """Return a login in its one spelling."""
    return normalise(text).lower()


def login_key(text: str) -> str:
    """Return what attempts at a login are counted under.

    A digest: people type their password into the wrong field.
    """
    return hashlib.sha256(f"motcua login {clean_login(text)}".encode()).hexdigest()
