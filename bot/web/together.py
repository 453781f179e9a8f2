"""Many callers, one transaction: what waits at the same time is written at the same time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

_Item = TypeVar("_Item")
_MOST = 50  # of one transaction


class Together(Generic[_Item]):
    """Hands items to ``handle`` in the order they came, as many at once as are waiting.

    An item that makes ``handle`` fail fails alone: the others are tried one by one. What is
    listed in ``hopeless`` fails them all, it is not the item's fault.
    """

    def __init__(
        self, handle: Callable[[Sequence[_Item]], None], hopeless: type[Exception]
    ) -> None:
        self._handle = handle
        self._hopeless = hopeless
        self._waiting: queue.SimpleQueue[tuple[_Item, Future[None]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, item: _Item) -> Future[None]:
        """Return what becomes of ``item``; its result is None once ``handle`` returned."""
        future: Future[None] = Future()
        self._waiting.put((item, future))
        if self._thread is None:
            self._start()
        return future

    def close(self) -> None:
        """Finish what waits and stop."""
        with self._lock:
            if self._thread is not None:
                self._waiting.put(None)
                self._thread.join()
                self._thread = None

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = [first], False
            while len(batch) < _MOST and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    last = True
                    break
                batch.append(following)
            self._try([pair for pair in batch if pair[1].set_running_or_notify_cancel()])
            if last:
                return

    def _try(self, batch: Sequence[tuple[_Item, Future[None]]]) -> None:
        if not batch:
            return
        try:
            self._handle([item for item, _ in batch])
        except Exception as error:  # told to whoever waits for it
            if len(batch) == 1 or isinstance(error, self._hopeless):
                for _, future in batch:
                    future.set_exception(error)
                return
            for pair in batch:
                self._try([pair])
        else:
            for _, future in batch:
                future.set_result(None)
