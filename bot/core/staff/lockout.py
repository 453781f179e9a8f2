"""How long a door stays shut after wrong attempts; longer each time, never for good.

An attempt is counted when it begins and taken back when it succeeds: a hundred attempts at the
same moment are a hundred attempts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MEMORY = timedelta(hours=24)  # attempts older than this are forgotten


@dataclass(frozen=True)
class Lock:
    """``free`` attempts cost nothing; each further one doubles the wait, up to ``longest``."""

    free: int
    first: timedelta
    longest: timedelta

    def until(self, failures: Sequence[datetime]) -> datetime | None:
        """Return when the next attempt may be made after these failures, or None for at once.

        >>> noon = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
        >>> (LOGIN_LOCK.until([noon] * 7) - noon).total_seconds() / 60
        4.0
        """
        over = len(failures) - self.free
        if over < 0:
            return None
        doublings = min(over, 32)
        return max(failures) + min(self.first * (1 << doublings), self.longest)


# One person mistypes; behind one address sits a whole office.
LOGIN_LOCK = Lock(5, timedelta(minutes=1), timedelta(hours=1))
ADDRESS_LOCK = Lock(30, timedelta(minutes=1), timedelta(hours=1))


def shut_until(
    of_login: Sequence[datetime], of_address: Sequence[datetime], now: datetime
) -> datetime | None:
    """Return until when attempts are refused, or None when one may be made now.

    Failures of the future are of a clock that was wrong; they count as of now, so that nobody
    is shut out for a year.
    """
    ends = [
        lock.until([min(at, now) for at in failures if at > now - MEMORY])
        for lock, failures in ((LOGIN_LOCK, of_login), (ADDRESS_LOCK, of_address))
    ]
    late = [end for end in ends if end is not None and end > now]
    return max(late, default=None)
