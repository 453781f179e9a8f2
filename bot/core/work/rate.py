"""How many calls an app may make: one bucket of calls that fills steadily, for all processes.

A platform counts by its own clock's minutes, which ours need not match. So the bucket is made
such that *any* sixty seconds hold at most 98 % of the limit: what it can hold at once plus what
flows in during a minute. The rest is for calls that nobody takes from the bucket (a token
replaced, a command) and for those under way.

A part of the bucket is kept for what is more important: however long a broadcast runs, an
answer finds calls left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

BURST, FLOW = 0.08, 0.9  # shares of the limit: held at once, and added in a minute
_SMALLEST = 4.0
KEPT_BACK = (0.0, 0.1, 0.3)  # share of the bucket that replies, urgent notices, bulk leave


@dataclass(frozen=True)
class Pool:
    """Who shares a limit: the app's name in the store, and its calls a minute."""

    name: str
    per_minute: int


@dataclass(frozen=True)
class Bucket:
    """``calls`` left at the moment ``at``; a moment to come means that nothing is added before."""

    per_minute: int
    calls: float
    at: datetime

    @classmethod
    def full(cls, per_minute: int, now: datetime) -> Bucket:
        """Return a bucket nobody took from yet."""
        return cls(per_minute, capacity(per_minute), now)

    def level(self, now: datetime) -> float:
        """Return how many calls are left at ``now``."""
        seconds = max(0.0, (now - self.at).total_seconds())
        full = capacity(self.per_minute)
        return min(full, self.calls + seconds * self.per_minute * FLOW / 60)

    def left_for(self, priority: int, now: datetime) -> int:
        """Return how many calls rows of a priority (0 replies, 1 urgent, 2 bulk) may take."""
        kept = capacity(self.per_minute) * KEPT_BACK[priority]
        return max(0, int(self.level(now) - kept))

    def take(self, count: int, now: datetime) -> Bucket:
        """Return the bucket after ``count`` calls."""
        return replace(self, calls=self.level(now) - count, at=max(self.at, now))

    def told(self, per_minute: int, remain: int, now: datetime) -> Bucket:
        """Return the bucket after the platform said how many calls are left in this minute.

        Fewer than we thought: somebody else made them. Then that is all until the next minute.
        """
        known = Bucket(per_minute, min(self.level(now), capacity(per_minute)), max(self.at, now))
        if remain >= known.calls:
            return known
        return Bucket(per_minute, float(remain), max(self.at, next_minute(now)))


def capacity(per_minute: int) -> float:
    """Return how many calls may be made at once."""
    return max(_SMALLEST, per_minute * BURST)


def next_minute(now: datetime) -> datetime:
    """Return when a platform counts calls anew, with a second for its clock."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1, seconds=1)
