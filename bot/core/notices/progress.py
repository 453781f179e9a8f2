"""How far a notice is: shares, pace, the time left. Arithmetic over counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.messages import DeliveryState
from bot.core.notices.forecast import AREA_UNKNOWN, NOT_SUBSCRIBED, OTHER_AREA

_S = DeliveryState
_WAITING = (_S.QUEUED, _S.RETRY)
_ARRIVED = (_S.SENT, _S.DELIVERED)
NOT_MEANT = frozenset({NOT_SUBSCRIBED, OTHER_AREA, AREA_UNKNOWN})
LOOKED_BACK = timedelta(minutes=2)  # the pace is that of the last two minutes


@dataclass
class Tally:
    """Rows of a notice by state, and why some were skipped or failed.

    ``planned``: everybody has a row. ``seen`` counts among the delivered ones, ``gathered`` among
    the queued ones: they wait for a digest. ``first_at`` and ``last_at`` are when the first and
    the last row left.
    """

    states: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    seen: int = 0
    gathered: int = 0
    planned: bool = True
    first_at: datetime | None = None
    last_at: datetime | None = None
    counted_at: datetime | None = None

    def note_sent(self, first: datetime | None, last: datetime | None) -> None:
        """Widen the time in which rows left."""
        if first is not None:
            self.first_at = min(self.first_at or first, first)
        if last is not None:
            self.last_at = max(self.last_at or last, last)

    def count(self, *states: DeliveryState) -> int:
        """Return how many rows are in one of these states."""
        return sum(self.states.get(state.value, 0) for state in states)

    @property
    def total(self) -> int:
        """How many people have a row."""
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        """How many have not been written to yet and will be, by themselves."""
        return self.count(*_WAITING) - self.gathered

    @property
    def arrived(self) -> int:
        """How many the platform took, delivered and seen ones among them."""
        return self.count(*_ARRIVED)

    @property
    def done(self) -> int:
        """How many rows will not change any more by themselves."""
        return self.total - self.waiting - self.gathered - self.count(_S.SENDING)

    @property
    def went_out(self) -> int:
        """How many rows a sender has dealt with; those skipped beforehand do not count."""
        return self.arrived + self.count(_S.FAILED, _S.UNSURE)

    @property
    def percent(self) -> int:
        """Whole percent that are done; 100 only when all are.

        >>> Tally({"sent": 999, "queued": 1}).percent, Tally({"sent": 5}).percent, Tally().percent
        (99, 100, 0)
        """
        return 100 * self.done // self.total if self.total else 0


@dataclass(frozen=True)
class Pace:
    """Rows a minute; ``left`` is None while there is nothing to reckon with."""

    per_minute: int = 0
    left: timedelta | None = None


class Paces:
    """Remembers how far one notice was and tells its pace from that."""

    def __init__(self, looked_back: timedelta = LOOKED_BACK) -> None:
        self._looked_back = looked_back
        self._looks: deque[tuple[datetime, int]] = deque()

    def note(self, tally: Tally, now: datetime) -> Pace:
        """Take note of a count made at ``now`` and return the pace.

        A first look knows only how long the whole took so far.
        """
        if self._looks and now < self._looks[-1][0]:  # the clock was put back
            self._looks.clear()
        self._looks.append((now, tally.went_out))
        while len(self._looks) > 2 and now - self._looks[1][0] >= self._looked_back:
            self._looks.popleft()
        since, before = self._looks[0]
        if since == now:
            since, before = tally.first_at or now, 0
        return pace(tally, tally.went_out - before, now - since)


def pace(tally: Tally, count: int, took: timedelta) -> Pace:
    """Return the pace when ``count`` rows took that long.

    >>> pace(Tally({"queued": 300}), 200, timedelta(minutes=2))
    Pace(per_minute=100, left=datetime.timedelta(seconds=180))
    """
    minutes = took / timedelta(minutes=1)
    if count <= 0 or minutes <= 0:
        return Pace()
    rate = count / minutes
    open_rows = tally.waiting + tally.count(_S.SENDING)
    return Pace(round(rate), timedelta(minutes=open_rows / rate) if open_rows else None)


def differences(never: Mapping[str, int], tally: Tally) -> dict[str, int]:
    """Return what happened otherwise than forecast: people more (below 0: fewer) by reason.

    ``never`` are those expected not to be reached, by reason. Who was not meant at all has no
    row, so nothing can be said about them.

    >>> differences({"stopped": 2, "other_area": 9}, Tally({"failed": 1}, {"stopped": 5}))
    {'stopped': 3, 'failed': 1}
    """
    reasons = [reason for reason in {**never, **tally.skipped} if reason not in NOT_MEANT]
    found = {reason: tally.skipped.get(reason, 0) - never.get(reason, 0) for reason in reasons}
    found.update(
        failed=tally.count(_S.FAILED),
        unsure=tally.count(_S.UNSURE),
        cancelled=tally.count(_S.CANCELLED),
        waiting=tally.waiting + tally.gathered + tally.count(_S.SENDING),
    )
    return {reason: count for reason, count in found.items() if count}
