"""Failing on request: slow, silent, dropped, broken."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request

KINDS = ("slow", "hang", "drop", "500", "garbage")
PLACES = ("message", "token", "media")
HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Fault:
    """One way to fail at one place; ``acts`` says whether the work is done all the same."""

    place: str
    kind: str
    times: int = 1
    seconds: float = 5.0
    acts: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.place not in PLACES:
            raise ValueError(f"no such fault: {self.place} {self.kind}")


class Faults:
    """The faults still to happen, first come first served per place."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()
        self._released = threading.Event()

    def add(self, fault: Fault) -> None:
        """Let the next ``fault.times`` calls at its place fail."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all faults and let everything that hangs go on."""
        with self._lock:
            self._waiting.clear()
        self._released.set()
        self._released = threading.Event()

    def serve(self, place: str, view: Callable[[], Any]) -> Any:
        """Answer with ``view``, or as the next fault of ``place`` wants it."""
        fault = self._take(place)
        if fault is None:
            return view()
        if fault.kind == "slow":
            self._released.wait(fault.seconds)
            return view()
        if fault.acts:
            view()
        return self._broken(fault)

    def _take(self, place: str) -> Fault | None:
        with self._lock:
            for fault in self._waiting:
                if fault.place == place:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def _broken(self, fault: Fault) -> Response:
        if fault.kind == "500":
            return Response(HTML, 500, mimetype="text/html")
        if fault.kind == "garbage":
            return Response(HTML, 200, mimetype="text/html")
        if fault.kind == "hang":
            self._released.wait(fault.seconds)
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return Response(status=200)
