"""What the stand-in knows and how it feels: dossiers, tokens, a mood, and counts."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIXED_TOKEN = "one-stop-fixed-token"
CLIENT = ("motcua", "one-stop-client-secret")
MOODS = (
    "well", "down", "hang", "slow", "drip", "error", "html", "half", "empty", "wrong_code",
    "wrong_types", "wrong_shape", "wrong_day", "unknown_status", "system_error", "huge", "deep",
    "packed", "missing", "partly", "redirect",
)  # fmt: skip


class World:
    """Everything a test may look at or change; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        records = json.loads((HERE / "dossiers.json").read_text(encoding="utf-8"))
        self._records: dict[str, dict[str, Any]] = {item["MaHoSo"]: item for item in records}
        self._tokens: dict[str, float] = {}
        self._issued = 0
        self.mood = "well"
        self.seconds = 1.5  # how long "slow" takes
        self.life = 300  # seconds a token lasts
        self.counts: Counter[str] = Counter()
        self.asked: list[str] = []
        self.calm = threading.Event()  # set when those who hang may go

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def feel(self, mood: str, seconds: float | None = None) -> None:
        if mood not in MOODS:
            raise ValueError(f"no mood {mood}: {', '.join(MOODS)}")
        with self._lock:
            self.mood = mood
            self.seconds = self.seconds if seconds is None else seconds
            before, self.calm = self.calm, threading.Event()
        before.set()

    def issue_token(self) -> str:
        with self._lock:
            self._issued += 1
            token = f"issued-{self._issued}"
            self._tokens[token] = time.monotonic() + self.life
            return token

    def expire_tokens(self) -> None:
        with self._lock:
            self._tokens.clear()

    def takes(self, authorization: str) -> bool:
        token = authorization.removeprefix("Bearer ")
        with self._lock:
            return token == FIXED_TOKEN or self._tokens.get(token, 0.0) > time.monotonic()

    def find(self, codes: list[str]) -> list[dict[str, Any]]:
        with self._lock:
            self.asked += codes
            wanted = [_letters(code) for code in codes]
            return [dict(r) for code, r in self._records.items() if _letters(code) in wanted]

    def codes(self) -> list[str]:
        with self._lock:
            return list(self._records)

    def put(self, record: dict[str, Any]) -> None:
        with self._lock:
            self._records[record["MaHoSo"]] = record

    def drop(self, code: str) -> None:
        with self._lock:
            self._records.pop(code, None)

    def move(self, code: str, status: Any, at: str = "") -> None:
        """Bring a dossier to another state, at ``yyyyMMddHHmmss`` or now."""
        with self._lock:
            record = self._records[code]
            record["TrangThaiHoSo"] = status
            record["ThoiDiemXuLy"] = at or time.strftime("%Y%m%d%H%M%S")


def _letters(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())
