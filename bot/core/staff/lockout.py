"""How long a door stays shut after wrong attempts; longer each time, never for good.

An attempt is counted when it begins and taken back when it succeeds: a hundred attempts at the
same moment are a hundred attempts. Strangers are counted apart from browsers somebody once came
in with: whoever knows a login can slow strangers down, but not keep its owner out.
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
        >>> (PAIR_LOCK.until([noon] * 7) - noon).total_seconds() / 60
        4.0
        """
        over = len(failures) - self.free
        if over < 0:
            return None
        doublings = min(over, 32)
        return max(failures) + min(self.first * (1 << doublings), self.longest)


# One login from one address, or from one known browser: somebody mistypes.
PAIR_LOCK = Lock(5, timedelta(minutes=1), timedelta(hours=1))
# One login from wherever strangers are. Many addresses guess at most four times an hour, and
# its owner at a new browser waits a quarter of an hour, not longer.
LOGIN_LOCK = Lock(20, timedelta(minutes=1), timedelta(minutes=15))
# Behind one address sits a whole office.
ADDRESS_LOCK = Lock(30, timedelta(minutes=1), timedelta(hours=1))

Counted = tuple[Lock, Sequence[datetime]]


def shut_until(now: datetime, *counted: Counted) -> datetime | None:
    """Return until when attempts are refused, or None when one may be made now.

    Failures of the future are of a clock that was wrong; they count as of now, so that nobody
    is shut out for a year.
    """
    ends = [
        lock.until([min(at, now) for at in failures if at > now - MEMORY])
        for lock, failures in counted
    ]
    late = [end for end in ends if end is not None and end > now]
    return max(late, default=None)
