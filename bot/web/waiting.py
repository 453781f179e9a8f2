"""Waiting for a turn and holding streams open, without using up the threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SEATS = "motcua_seats"
_FIRST_PAUSE = 0.1  # seconds; the worker's word usually ends it early
_LONGEST_PAUSE = 0.25
_GROWTH = 1.4
STREAMS_EACH = 2  # a third stream of one citizen ends the oldest: tabs that were closed linger


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def wait_until(
    done: Callable[[], bool],
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    rest: Callable[[float], bool] = _sleep,
) -> bool:
    """Rest until told, asking ``done`` ever more slowly in between; False when time is up."""
    deadline = clock() + seconds
    pause = _FIRST_PAUSE
    while not done():
        left = deadline - clock()
        if left <= 0:
            return False
        if rest(min(pause, left)):
            return True
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    return True


@dataclass(eq=False)
class Stream:
    """One open stream. It looks for messages when ``woken`` and stops once ``ended``."""

    citizen_id: int
    woken: threading.Event = field(default_factory=threading.Event)
    ended: bool = False

    def end(self) -> None:
        """Ask the stream to stop at once."""
        self.ended = True
        self.woken.set()

    def rest(self, seconds: float) -> bool:
        """Pause; return True when woken before the time was up."""
        woken = self.woken.wait(seconds)
        self.woken.clear()
        return woken


class Seats:
    """Threads are few: so many may wait, so many may stream, the rest stays free.

    >>> Seats(48).most_streams, Seats(48).most_waiters
    (16, 26)
    """

    def __init__(self, threads: int) -> None:
        self.most_streams = max(1, threads // 3)
        self.most_waiters = max(1, threads - self.most_streams - 6)
        self._streams: list[Stream] = []
        self._waiters = 0
        self._lock = threading.Lock()

    @contextmanager
    def waiting(self) -> Iterator[bool]:
        """Take a waiter's seat; gives False, and takes none, when all are taken."""
        with self._lock:
            free = self._waiters < self.most_waiters
            self._waiters += free
        try:
            yield free
        finally:
            with self._lock:
                self._waiters -= free

    def open_stream(self, citizen_id: int) -> Stream | None:
        """Take a stream's seat, or return None when all are taken."""
        stream = Stream(citizen_id)
        with self._lock:
            own = [old for old in self._streams if old.citizen_id == citizen_id]
            for old in own[: max(0, len(own) - STREAMS_EACH + 1)]:
                old.end()
                self._streams.remove(old)
            if len(self._streams) >= self.most_streams:
                return None
            self._streams.append(stream)
        return stream

    def close_stream(self, stream: Stream) -> None:
        """Give the seat back; closing twice does no harm."""
        stream.end()
        with self._lock:
            if stream in self._streams:
                self._streams.remove(stream)

    def wake(self, citizen_id: int) -> None:
        """Let a citizen's streams look at once: something was said."""
        with self._lock:
            for stream in self._streams:
                if stream.citizen_id == citizen_id:
                    stream.woken.set()

    def end_streams(self) -> None:
        """End every stream: the process is leaving. Takes no lock, signals may call it."""
        for stream in list(self._streams):
            stream.end()

    def open_streams(self) -> int:
        """Return how many streams are open."""
        with self._lock:
            return len(self._streams)
