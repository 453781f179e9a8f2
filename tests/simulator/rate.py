"""How many calls an app may still make in this minute."""

from __future__ import annotations

import threading

from tests.simulator.clock import Clock

PER_MINUTE = 4000


class Rate:
    """Counts the calls of each minute of the simulator's clock."""

    def __init__(self, clock: Clock, limit: int = PER_MINUTE) -> None:
        self.limit = limit
        self._clock = clock
        self._minute, self._calls = 0, 0
        self._lock = threading.Lock()

    def count(self) -> int:
        """Count one call; return how many are left, below zero when there were too many."""
        with self._lock:
            minute = int(self._clock.now() // 60)
            if minute != self._minute:
                self._minute, self._calls = minute, 0
            self._calls += 1
            return self.limit - self._calls

    @property
    def remain(self) -> int:
        """Return how many calls are left, without counting one."""
        with self._lock:
            same = int(self._clock.now() // 60) == self._minute
            return max(0, self.limit - (self._calls if same else 0))
