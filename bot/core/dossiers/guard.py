"""How many codes may be tried: enough for people, too few to walk through running numbers.

Every code asked about costs points, once per hour and citizen: a code no source knows costs
``WRONG``, one that is known next to nothing. Twice the price, and the full one for a known code,
is paid for a neighbour of a code tried before: nobody needs -0001, -0002, -0003, ….
Where many close neighbours were tried, by whomever, no further one is answered: a walk from many
addresses shows in the running numbers themselves.
The dossiers somebody follows or has proved to be theirs cost nothing and are always answered.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from bot.core.dossiers.codes import DossierCode
from bot.core.errors import DeskError

log = logging.getLogger(__name__)

WINDOW = timedelta(hours=1)  # of a citizen and of an address
PROVINCE_WINDOW = timedelta(minutes=10)  # of everybody together; an alarm lasts as long
RIGHT, WRONG = 1, 4  # points
NEIGHBOUR = 20  # running numbers apart
_SLOWER = 4  # while the alarm lasts, budgets are this part of what they were
_TAIL = 4  # digits of the running number that are compared


class LookupsClosed(DeskError):
    """Too many codes were tried: neither this one nor any other is answered for now."""


class Scope(str, Enum):
    """Whose budget is used up."""

    CITIZEN = "citizen"
    ADDRESS = "address"
    PROVINCE = "province"


@dataclass(frozen=True)
class Mark:
    """A code as the budget knows it: digests only the desk can make, and its last digits.

    ``stem`` is what the codes of one running sequence have in common.
    """

    code: str
    stem: str
    number: int

    def is_beside(self, other: Mark) -> bool:
        """Whether two codes stand close together in one running sequence."""
        return self.stem == other.stem and 0 < abs(self.number - other.number) <= NEIGHBOUR


@dataclass(frozen=True)
class Past:
    """What was tried within the last hour by a citizen and from their address, with points.

    ``beside`` counts the different codes close to the one in question, whoever tried them, and
    ``wrong`` the different codes nobody knows that were tried in the whole province within
    ``PROVINCE_WINDOW``; ``alarm`` says that there were too many.
    """

    citizen: Sequence[tuple[Mark, int]] = ()
    address: Sequence[tuple[Mark, int]] = ()
    beside: int = 0
    wrong: int = 0
    alarm: bool = False


@dataclass(frozen=True)
class Limits:
    """How many wrong codes are allowed: a citizen's and an address's an hour, all in ten minutes.

    ``nearby`` different codes close together within an hour, whoever tried them, are a walk.

    >>> seven = tuple((Mark(str(n), str(n), 0), WRONG) for n in range(7))
    >>> Limits(8).used_up(Past(seven)), Limits(7).used_up(Past(seven))
    ((), (<Scope.CITIZEN: 'citizen'>,))
    """

    citizen: int = 8
    address: int = 30
    province: int = 60
    nearby: int = 12

    def is_crowded(self, past: Past) -> bool:
        """Whether somebody walks through the running numbers around the code in question."""
        return past.beside >= max(1, self.nearby // (_SLOWER if past.alarm else 1))

    def used_up(self, past: Past) -> tuple[Scope, ...]:
        """Return whose budgets are used up."""
        part = _SLOWER if past.alarm else 1
        budgets = (
            (Scope.CITIZEN, past.citizen, self.citizen),
            (Scope.ADDRESS, past.address, self.address),
        )
        return tuple(
            scope
            for scope, tried, most in budgets
            if sum(points for _, points in tried) >= max(1, most // part) * WRONG
        )


def weigh(mark: Mark, wrong: bool, tried: Sequence[tuple[Mark, int]]) -> int:
    """Return the points one more try costs; the same code again costs nothing.

    >>> first, second = Mark("a", "s", 1), Mark("b", "s", 2)
    >>> weigh(first, True, ()), weigh(second, True, [(first, 4)]), weigh(first, True, [(first, 4)])
    (4, 8, 0)
    """
    if any(mark.code == other.code for other, _ in tried):
        return 0
    walking = any(mark.is_beside(other) for other, _ in tried)
    if wrong:
        return 2 * WRONG if walking else WRONG
    return WRONG if walking else RIGHT


@dataclass(frozen=True)
class Noted:
    """What counting one try came to.

    ``refused``: a budget was used up before it, or it stands in a crowd. ``closed`` are the
    budgets used up by it, ``alarms`` the scopes whose alarm began with it; ``wrong`` as in
    ``Past``.
    """

    refused: bool = False
    closed: tuple[Scope, ...] = ()
    alarms: tuple[Scope, ...] = ()
    wrong: int = 0


@dataclass(frozen=True)
class Who:
    """Who tries: a citizen in a talk, or (``citizen_id`` 0) somebody at an address.

    ``origin`` is the address's digest; of a citizen the book knows it, from their message.
    """

    citizen_id: int = 0
    origin: str = ""


class TryBook(Protocol):
    """Counts tries for all processes together, durably."""

    def past(self, who: Who, now: datetime) -> Past:
        """Return what was tried by a citizen, from where they are now, and by everybody."""

    def note(self, who: Who, mark: Mark, wrong: bool, limits: Limits, now: datetime) -> Noted:
        """Count a try, after all earlier ones and before all later ones."""


class Marks:
    """Makes what the budget and the proofs know codes by; nobody without the secret can."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"motcua look-ups 1", hashlib.sha256)

    def of(self, code: DossierCode, purpose: str = "code") -> Mark:
        """Return the mark of a code; marks of different purposes have nothing in common."""
        tail = code.key[-_TAIL:]
        number = int(tail) if tail.isascii() and tail.isdigit() else 0
        stem = self._digest(f"{purpose} stem:{code.key[:-_TAIL]}")
        return Mark(self.digest(code.key, purpose), stem, number)

    def digest(self, key: str, purpose: str) -> str:
        """Return what stands for the matching key of a code."""
        return self._digest(f"{purpose}:{key}")

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]


class Guard:
    """Says when a citizen's codes are no longer answered, and raises the alarm."""

    def __init__(self, book: TryBook, limits: Limits, marks: Marks) -> None:
        self._book = book
        self._limits = limits
        self._marks = marks

    def is_closed(self, who: Who, now: datetime) -> bool:
        """Whether the budget of somebody, or of where they are, is used up."""
        return bool(self._limits.used_up(self._book.past(who, now)))

    def count(self, who: Who, code: DossierCode, now: datetime, *, wrong: bool) -> bool:
        """Count a code that was looked up; False when it must not be answered after all."""
        return self._count(who, self._marks.of(code), wrong, now)

    def count_proof(self, who: Who, code: DossierCode, now: datetime) -> bool:
        """Count a proof that was none, like a wrong code."""
        return self._count(who, self._marks.of(code, "try"), True, now)

    def _count(self, who: Who, mark: Mark, wrong: bool, now: datetime) -> bool:
        noted = self._book.note(who, mark, wrong, self._limits, now)
        for scope in noted.closed:
            log.warning("event=lookup_closed scope=%s citizen=%s", scope.value, who.citizen_id)
        for scope in noted.alarms:
            log.error("event=lookup_alarm scope=%s wrong_codes=%s", scope.value, noted.wrong)
        return not noted.refused


class AddressGuard:
    """The same budgets for people without a talk, who are known by their address.

    ``digest`` makes of an address and a day what may be kept.
    """

    def __init__(self, guard: Guard, digest: Callable[[str, datetime], str]) -> None:
        self._guard = guard
        self._digest = digest

    def allowed(self, origin: str, now: datetime) -> bool:
        """Whether the address ``origin`` may try another code."""
        return not self._guard.is_closed(self._who(origin, now), now)

    def note(self, origin: str, code: DossierCode, now: datetime, *, wrong: bool) -> bool:
        """Count a code; False when it must not be answered after all."""
        return self._guard.count(self._who(origin, now), code, now, wrong=wrong)

    def _who(self, address: str, now: datetime) -> Who:
        return Who(origin=self._digest(address, now))
