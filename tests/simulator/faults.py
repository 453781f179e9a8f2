"""Failing on request: slow, silent, dropped, broken, refused."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, jsonify, request

KINDS = ("slow", "hang", "drop", "500", "garbage", "cut", "code")
PLACES = (
    "message", "token", "permission", "media", "upload", "user", "list", "quota", "article",
    "broadcast", "template", "account", "bot",
)  # fmt: skip
EVERYWHERE = "*"
NAMES = {"drop_after_acting": ("drop", True), "drop_before_acting": ("drop", False)}
HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Fault:
    """One way to fail at one place.

    ``acts`` says whether the work is done all the same, ``times`` how often (0: until cleared),
    ``chance`` how likely at each call, ``code`` the platform's code for the kind ``code``.
    """

    place: str
    kind: str
    times: int = 1
    seconds: float = 5.0
    acts: bool = False
    chance: float = 1.0
    code: int = -200

    def __post_init__(self) -> None:
        if self.kind in NAMES:
            self.kind, self.acts = NAMES[self.kind]
        if self.kind not in KINDS or self.place not in (*PLACES, EVERYWHERE):
            raise ValueError(f"no such fault: {self.place} {self.kind}")
        if not 0 < self.chance <= 1 or self.times < 0 or self.seconds < 0:
            raise ValueError(f"a fault cannot have: {self.chance} {self.times} {self.seconds}")

    @property
    def name(self) -> str:
        """Return how the log names it."""
        return f"{self.kind}_after_acting" if self.acts else self.kind


class Faults:
    """The faults still to happen, first come first served per place."""

    def __init__(self, seed: int = 0) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._chance = random.Random(seed)

    def add(self, fault: Fault) -> None:
        """Let calls at the fault's place fail."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all faults and let everything that hangs go on."""
        with self._lock:
            self._waiting.clear()
        self._released.set()
        self._released = threading.Event()

    def waiting(self) -> list[dict[str, Any]]:
        """Return the faults still to happen, as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def take(self, place: str) -> Fault | None:
        """Return the fault this call must suffer, and count it."""
        with self._lock:
            for fault in self._waiting:
                if fault.place in (place, EVERYWHERE) and self._chance.random() < fault.chance:
                    fault.times -= 1
                    if fault.times == 0:
                        self._waiting.remove(fault)
                    fault.times = max(fault.times, -1)
                    return fault
        return None

    def suffer(self, fault: Fault | None, view: Callable[[], Response]) -> Response:
        """Answer with ``view``, or as ``fault`` wants it."""
        if fault is None:
            return view()
        if fault.kind == "slow":
            done = view() if fault.acts else None
            self._released.wait(fault.seconds)
            return done or view()
        done = view() if fault.acts or fault.kind == "cut" else None
        if fault.kind == "hang":
            self._released.wait(fault.seconds)
        return _broken(fault, done)


def _refused(code: int, why: str) -> Response:
    """Return an error in the words of the API that was called."""
    if not request.path.startswith("/bot"):
        return jsonify(error=code, message=why)
    response = jsonify(ok=False, error_code=abs(code), description=why)
    response.status_code = abs(code) if 400 <= abs(code) < 600 else 500
    return response


def _broken(fault: Fault, done: Response | None) -> Response:
    if fault.kind == "500":
        return Response(HTML, 500, mimetype="text/html")
    if fault.kind == "garbage":
        return Response(HTML, 200, mimetype="text/html")
    if fault.kind == "code":
        return _refused(fault.code, "ordered by a fault")
    if fault.kind == "cut" and done is not None:  # the first half of the answer, then nothing
        whole = done.get_data()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(whole)}\r\n\r\n".encode()
        request.environ["werkzeug.socket"].sendall(head + whole[: len(whole) // 2])
    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response(status=200)
