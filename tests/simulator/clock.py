"""The simulator's own time: it can be set, moved and made to run faster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
HOUR, DAY = 3600.0, 86400.0
NIGHT_BEGINS, NIGHT_ENDS = 22, 6


class Clock:
    """Seconds since 1970. ``speed`` 60 lets a minute pass each second, 0 stops it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._base, self._since, self._speed = time.time(), time.monotonic(), 1.0
        self._watchers: list[Callable[[], None]] = []

    def now(self) -> float:
        """Return the present moment of the simulated world."""
        with self._lock:
            return self._now()

    def _now(self) -> float:
        return self._base + (time.monotonic() - self._since) * self._speed

    @property
    def speed(self) -> float:
        """Return how many simulated seconds pass in a real one."""
        return self._speed

    def set(self, moment: float | None = None, speed: float | None = None) -> None:
        """Change the time, the speed, or both."""
        with self._lock:
            self._base, self._since = self._now() if moment is None else moment, time.monotonic()
            self._speed = self._speed if speed is None else max(0.0, speed)
        for watcher in self._watchers:
            watcher()

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call ``watcher`` whenever time or speed were changed."""
        self._watchers.append(watcher)

    def real_seconds_until(self, moment: float) -> float | None:
        """Return how long to wait for ``moment``; None while time stands still."""
        left = moment - self.now()
        if left <= 0:
            return 0.0
        return left / self._speed if self._speed else None

    def local(self) -> datetime:
        """Return the time in Vietnam."""
        return datetime.fromtimestamp(self.now(), VIETNAM)

    def is_night(self) -> bool:
        """Tell whether it is between 22:00 and 06:00 in Vietnam."""
        return not NIGHT_ENDS <= self.local().hour < NIGHT_BEGINS

    def milliseconds(self) -> str:
        """Return the present moment as the platform writes it."""
        return str(int(self.now() * 1000))
