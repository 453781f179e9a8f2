"""Makes the daily and weekly digests when their time comes, and settles what they held.

It looks at the store and the clock alone: which period is due follows from the time, and who
had its digest is written down. A clock that jumps, a killed process or two workers at once
neither repeat a digest nor lose a notice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from bot.core.announcements.digest import Gathered
from bot.core.announcements.pace import GATHERED, Pace, Period, period_of
from bot.core.messages import Reply

log = logging.getLogger(__name__)

_LOOKS = 20  # at open digests in one step


class Digests(Protocol):
    """The digests, as the lane needs them."""

    def make(
        self,
        pace: Pace,
        period: Period,
        render: Callable[[Sequence[Gathered]], Reply],
        now: datetime,
    ) -> int:
        """Make the next digests of a period; return how many rows were seen to, 0 if none."""

    def settle(self, now: datetime, after: int = 0) -> int | None:
        """Let notices share the fate of some digests after the id ``after``.

        Return the id of the last one looked at, None if there were no more.
        """


class DigestLane:
    """Turns gathered notices into digests."""

    def __init__(
        self, digests: Digests, render: Callable[[Sequence[Gathered]], Reply], zone: tzinfo
    ) -> None:
        self._digests = digests
        self._render = render
        self._zone = zone
        self._looked_at = 0  # open digests up to this id; a mere place to go on from

    def step(self, clock: Callable[[], datetime], planned: Callable[[], None]) -> int:
        """Make what is due; return how many rows were seen to.

        ``planned`` is told after each batch: digests wait to be sent.
        """
        total = sum(self._make(pace, clock, planned) for pace in GATHERED)
        self._settle(clock)
        return total

    def _settle(self, clock: Callable[[], datetime]) -> None:
        """Go on through the open digests; a million of them are not looked at in every step."""
        for _ in range(_LOOKS):
            last = self._digests.settle(clock(), self._looked_at)
            self._looked_at = last or 0
            if last is None:
                return

    def _make(self, pace: Pace, clock: Callable[[], datetime], planned: Callable[[], None]) -> int:
        total = 0
        while True:
            now = clock()
            period = period_of(pace, now, self._zone)
            rows = self._digests.make(pace, period, self._render, now)
            if not rows:
                break
            total += rows
            planned()
        if total:
            log.info("event=digests_made period=%s rows=%d", period.name.replace(" ", "_"), total)
        return total
