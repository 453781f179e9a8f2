"""Writing, signing and posting webhook events."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.simulator.world import Account, World

ANSWER_WITHIN = 2.0  # seconds the platform waits
SIGNATURE = "X-ZEvent-Signature"

Receiver = Callable[[dict[str, str], bytes], int]


def sign(account: Account, body: bytes, timestamp: str) -> str:
    """Return the value of the signature header for ``body``."""
    digest = hashlib.sha256()
    for part in (account.app_id.encode(), body, timestamp.encode(), account.oa_secret.encode()):
        digest.update(part)
    return "mac=" + digest.hexdigest()


@dataclass
class Style:
    """How events are written; every form has been met on the real platform or was reported."""

    ascii_json: bool = False
    numeric_timestamp: bool = False
    duplicates: int = 0
    bad_signature: bool = False
    echoes: bool = True


@dataclass(frozen=True)
class Posted:
    """One webhook call: the event, and the answer's status (None: no answer in time)."""

    event: Mapping[str, Any]
    status: int | None


class Webhooks:
    """Posts events to a URL, or hands them to a function ``(headers, body) -> status``."""

    def __init__(self, world: World, receiver: str | Receiver | None) -> None:
        self.receiver = receiver
        self.style = Style()
        self._world = world
        self._last_stamp = 0

    def check(self) -> int | None:
        """Post the unsigned ``{}`` of the console's save button."""
        return self._deliver({}, b"{}")

    def post(self, event: Mapping[str, Any]) -> Posted:
        """Sign and post ``event`` (and its duplicates); the last answer counts."""
        stamp = self._stamp()
        written = int(stamp) if self.style.numeric_timestamp else stamp
        full = {"app_id": self._world.account.app_id, **event, "timestamp": written}
        separators = (",", ":")
        text = json.dumps(full, ensure_ascii=self.style.ascii_json, separators=separators)
        body = text.encode()
        mac = "mac=" + "0" * 64 if self.style.bad_signature else self._sign(body, stamp)
        status = None
        for _ in range(1 + self.style.duplicates):
            status = self._deliver({SIGNATURE: mac}, body)
        return Posted(full, status)

    def _sign(self, body: bytes, stamp: str) -> str:
        return sign(self._world.account, body, stamp)

    def _stamp(self) -> str:
        # Two events never share a millisecond here: some are told apart by nothing else.
        self._last_stamp = max(self._last_stamp + 1, int(time.time() * 1000))
        return str(self._last_stamp)

    def _deliver(self, headers: dict[str, str], body: bytes) -> int | None:
        headers = {"Content-Type": "application/json", **headers}
        status = self._hand_over(headers, body)
        self._world.note(direction="out", event=json.loads(body), status=status)
        return status

    def _hand_over(self, headers: dict[str, str], body: bytes) -> int | None:
        if callable(self.receiver):
            return self.receiver(headers, body)
        if not self.receiver:
            return None
        try:
            return requests.post(
                self.receiver, data=body, headers=headers, timeout=ANSWER_WITHIN
            ).status_code
        except requests.RequestException:
            return None
