"""Hears from the worker which message was just answered, so that nobody has to ask in a loop."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

HINTS = "motcua_hints"
_LISTEN_SECONDS = 5.0

Rest = Callable[[float], bool]  # seconds; True when the worker said that it is answered


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


class Listener(Protocol):
    """Receives notes from other processes."""

    def notes(self, timeout_seconds: float) -> Sequence[str]:
        """Return the notes that came, at the latest after ``timeout_seconds``."""


class Hints:
    """Wakes whoever waits for a message when the worker says it is answered.

    A lost note costs one look at the store, which every waiter still takes now and then.
    ``listen`` is called in the process that waits, on first use: sockets do not survive a fork.
    """

    def __init__(self, listen: Callable[[], Listener] | None) -> None:
        self._listen = listen
        self._lock = threading.Lock()
        self._waiting: dict[str, list[threading.Event]] = defaultdict(list)
        self._thread: threading.Thread | None = None

    @contextmanager
    def expecting(self, inbound_id: int) -> Iterator[Rest]:
        """Give a way to rest that ends early when ``inbound_id`` is answered."""
        if self._listen is None:
            yield _sleep
            return
        event = threading.Event()
        key = str(inbound_id)
        with self._lock:
            self._waiting[key].append(event)
            self._start()
        try:
            yield event.wait
        finally:
            with self._lock:
                self._waiting[key].remove(event)
                if not self._waiting[key]:
                    del self._waiting[key]

    def _start(self) -> None:
        if self._thread is None and self._listen is not None:
            listener = self._listen()
            self._thread = threading.Thread(target=self._hear, args=(listener,), daemon=True)
            self._thread.start()

    def _hear(self, listener: Listener) -> None:
        while True:
            notes = listener.notes(_LISTEN_SECONDS)
            with self._lock:
                for event in (event for note in notes for event in self._waiting.get(note, ())):
                    event.set()
