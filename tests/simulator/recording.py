"""The log of a run: one readable JSON line for each call in either direction, secrets masked."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from tests.simulator.clock import VIETNAM, Clock

KEPT_IN_MEMORY = 20000
SECRET = {
    "access_token", "refresh_token", "secret_key", "code", "code_verifier", "secret_token",
    "appsecret_proof",
}  # fmt: skip
_BOT_TOKEN = re.compile(r"/bot(\d+):[^/]*")


class Recording:
    """Keeps the newest lines in memory and all of them in a file, if there is one."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self.path: Path | None = None
        self._clock = clock
        self._lines: deque[dict[str, Any]] = deque(maxlen=KEPT_IN_MEMORY)
        self._count = 0
        self._file: TextIO | None = None
        self._lock = threading.Lock()
        self.write_to(path)

    def write_to(self, path: Path | None) -> None:
        """Go on in another file, or in none."""
        with self._lock:
            if self._file:
                self._file.close()
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8") if path else None
            self.path = path

    def note(self, direction: str, **entry: Any) -> None:
        """Add a line; ``in`` is a call to the platform, ``out`` a webhook, ``act`` anything else.

        Fields that are None are left out.
        """
        with self._lock:
            self._count += 1
            at = datetime.fromtimestamp(self._clock.now(), VIETNAM)
            given = {name: masked(value) for name, value in entry.items() if value is not None}
            stamp = at.isoformat(timespec="milliseconds")
            line = {"n": self._count, "at": stamp, "direction": direction, **given}
            self._lines.append(line)
            if self._file:
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._file.flush()

    def lines(self, after: int = 0, most: int | None = None) -> list[dict[str, Any]]:
        """Return the lines after number ``after``, only the newest ``most`` of them."""
        with self._lock:
            found: list[dict[str, Any]] = []
            for line in reversed(self._lines):
                if line["n"] <= after or (most is not None and len(found) >= most):
                    break
                found.append(line)
        return found[::-1]

    def find(self, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """Return the lines in memory that are wanted."""
        return [line for line in self.lines() if wanted(line)]

    def close(self) -> None:
        """Close the file."""
        self.write_to(None)


def masked(value: Any) -> Any:
    """Return ``value`` with every secret in it shortened beyond use."""
    if isinstance(value, dict):
        return {
            name: _short(item) if name in SECRET and isinstance(item, str) else masked(item)
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [masked(item) for item in value]
    return _BOT_TOKEN.sub(r"/bot\1:…", value) if isinstance(value, str) else value


def _short(secret: str) -> str:
    return f"{secret[:4]}…({len(secret)})"
