"""Things to do at a moment of the simulator's clock: retries, delayed and due events."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable

from tests.simulator.clock import Clock

log = logging.getLogger(__name__)

Action = Callable[[], object]


class Timetable:
    """Runs each action once its moment has come, one after the other, in order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._running = threading.RLock()
        self._stopped = False
        clock.watch(self._wake)

    def at(self, moment: float, action: Action) -> None:
        """Plan ``action``."""
        with self._changed:
            heapq.heappush(self._due, (moment, next(self._numbers), action))
            self._changed.notify_all()

    def moments(self) -> list[float]:
        """Return when something is planned, soonest first."""
        with self._changed:
            return sorted(moment for moment, _, _ in self._due)

    def advance(self, seconds: float) -> None:
        """Let time pass and run everything that falls due on the way, each at its moment."""
        with self._running:
            end = self._clock.now() + seconds
            while (due := self.moments()) and due[0] <= end:
                self._clock.set(max(due[0], self._clock.now()))
                self.run_due()
            self._clock.set(max(end, self._clock.now()))

    def run_due(self) -> None:
        """Run what is due now."""
        with self._running:
            while action := self._next_due():
                try:
                    action()
                except Exception:  # a test's receiver may raise anything
                    log.exception("event=planned_action_failed")

    def _next_due(self) -> Action | None:
        with self._changed:
            if self._due and self._due[0][0] <= self._clock.now():
                return heapq.heappop(self._due)[2]
        return None

    def loop(self) -> None:
        """Run until stopped, for a thread."""
        while not self._stopped:
            self.run_due()
            with self._changed:
                if not self._stopped:
                    self._changed.wait(self._seconds_to_wait())

    def _seconds_to_wait(self) -> float | None:
        return self._clock.real_seconds_until(self._due[0][0]) if self._due else None

    def stop(self) -> None:
        """End the loop; what is planned stays undone."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
