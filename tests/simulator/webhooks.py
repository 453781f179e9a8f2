"""Writing, signing and posting webhook events; trying again; giving up."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests

from tests.simulator.account import Account
from tests.simulator.style import Style
from tests.simulator.timetable import Timetable
from tests.simulator.world import World

ANSWER_WITHIN = 2.0  # seconds the platform waits
RETRY_AFTER = (30.0, 300.0, 900.0, 1800.0, 3600.0)
SIGNATURE = "X-ZEvent-Signature"
RETRIES = "num_retry"

Receiver = Callable[[dict[str, str], bytes], int]


def sign(account: Account, body: bytes, timestamp: str, first: str = "") -> str:
    """Return the value of the signature header for ``body``."""
    digest = hashlib.sha256()
    start = (first or account.app_id).encode()
    for part in (start, body, timestamp.encode(), account.oa_secret.encode()):
        digest.update(part)
    return "mac=" + digest.hexdigest()


@dataclass(frozen=True)
class Posted:
    """One webhook call: the event, and the answer's status (None: no answer in time).

    ``why`` says why an event was not posted now: ``disabled``, ``switched_off``, ``filtered``,
    ``held`` or ``delayed``.
    """

    event: Mapping[str, Any]
    status: int | None
    why: str = ""


@dataclass(frozen=True)
class Letter:
    """An event as it is written: every attempt posts the same bytes."""

    event: Mapping[str, Any]
    headers: Mapping[str, str]
    body: bytes
    number: int = 0


@dataclass
class Webhooks:
    """Posts events to a URL, or hands them to a function ``(headers, body) -> status``.

    An app has one address for all its ``accounts``; each signs with its own secret.
    """

    world: World
    receiver: str | Receiver | None
    timetable: Timetable
    style: Style = field(default_factory=Style)
    disabled: bool = False
    switched_off: set[str] = field(default_factory=set)
    accounts: tuple[Account, ...] = ()

    def __post_init__(self) -> None:
        self._last_stamp = 0
        self._held: list[Letter] = []
        self._numbers = itertools.count(1)

    # The console

    def check(self) -> int | None:
        """Post the unsigned ``{}`` of the console's save button."""
        return self._deliver(Letter({}, {}, b"{}"))[0]

    def register(self, receiver: str | Receiver) -> bool:
        """Save an address as the console does: only if it answers the check with 200."""
        before, self.receiver = self.receiver, receiver
        if self.check() == 200:
            self.disabled = False
            return True
        self.receiver = before
        return False

    def enable(self) -> None:
        """Switch the events on again after they were disabled."""
        self.disabled = False
        self.world.recording.note("act", what="webhook enabled")

    # Events

    def post(self, event: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Posted:
        """Sign and post ``event`` (and its duplicates); the last answer counts."""
        letter = self.write(event, headers or {})
        why = self._hindrance(letter.event)
        if why:
            return Posted(letter.event, None, why)
        if self.style.reorder > 1:
            return self._hold(letter)
        if self.style.delay:
            due = self.world.clock.now() + self.style.delay
            self.timetable.at(due, lambda: self._send(letter))
            return Posted(letter.event, None, "delayed")
        return self._send(letter)

    def release(self) -> list[Posted]:
        """Post what is held back for reordering, newest first."""
        held, self._held = self._held[::-1], []
        return [self._send(letter) for letter in held]

    def write(self, event: Mapping[str, Any], headers: Mapping[str, str]) -> Letter:
        """Give an event its timestamp, its bytes and its signature."""
        stamp, style = self._stamp(), self.style
        full = {"app_id": self.world.account.app_id, **event}
        full["timestamp"] = int(stamp) if style.numeric_timestamp else stamp
        body = style.bytes_of(full)
        signature = self._signature(self._account_of(full), body, stamp)
        signed = {SIGNATURE: signature} if signature else {}
        return Letter(json.loads(body), {**headers, **signed}, body)

    def _account_of(self, event: Mapping[str, Any]) -> Account:
        """Return the account the event is about; it stands in one of three places."""
        sides = (event.get("sender"), event.get("recipient"), {"id": event.get("oa_id")})
        named = {side.get("id") for side in sides if isinstance(side, dict)}
        others = (account for account in self.accounts if account.oa_id in named)
        return next(others, self.world.account)

    def _signature(self, account: Account, body: bytes, stamp: str) -> str:
        kind = self.style.kind_of_signature
        right = sign(account, body, stamp)
        return {
            "app_id": right,
            "oa_id": sign(account, body, stamp, first=account.oa_id),
            "bare": right.removeprefix("mac="),
            "wrong": "mac=" + "0" * 64,
            "missing": "",
        }[kind]

    def _hindrance(self, event: Mapping[str, Any]) -> str:
        name = str(event.get("event_name", ""))
        if self.disabled:
            return "disabled"
        if name in self.switched_off:
            return "switched_off"
        text = str(event.get("message", {}).get("text", "")) if name == "user_send_text" else "#"
        return "filtered" if self.style.hash_only and not text.startswith("#") else ""

    def _hold(self, letter: Letter) -> Posted:
        self._held.append(letter)
        if len(self._held) >= self.style.reorder:
            self.release()
        return Posted(letter.event, None, "held")

    def _stamp(self) -> str:
        # Two events never share a millisecond here: some are told apart by nothing else.
        now = int(self.world.clock.now() * 1000)
        with self.world.changed:
            self._last_stamp = now if now > self._last_stamp else self._last_stamp + 1
            return str(self._last_stamp)

    # Attempts

    def _send(self, letter: Letter) -> Posted:
        status, problem = None, ""
        for _ in range(1 + self.style.duplicates):
            status, problem = self._deliver(letter)
        if problem in self.style.retry_on:
            self._plan_retry(letter)
        return Posted(letter.event, status)

    def _plan_retry(self, letter: Letter) -> None:
        if not self.style.retry or self.receiver is None:
            return
        if letter.number < len(RETRY_AFTER):
            due = self.world.clock.now() + RETRY_AFTER[letter.number]
            again = replace(letter, number=letter.number + 1)
            self.timetable.at(due, lambda: self._try_again(again))
        elif self.style.disables:
            self.disabled = True
            self.world.recording.note("act", what="webhook disabled, the app's admin is told")

    def _try_again(self, letter: Letter) -> None:
        if self.disabled:
            return
        _, problem = self._deliver(letter)
        if problem in self.style.retry_on:
            self._plan_retry(letter)

    def _deliver(self, letter: Letter) -> tuple[int | None, str]:
        headers = {"Content-Type": "application/json", **letter.headers}
        if letter.number or self.style.first_num_retry:
            headers[RETRIES] = str(letter.number)
        began = time.perf_counter()
        status, problem = self._hand_over(headers, letter.body)
        self.world.recording.note(
            "out",
            path=self.receiver if isinstance(self.receiver, str) else "(a function)",
            event=letter.event or {},
            status=status,
            problem=problem or None,
            num_retry=letter.number or None,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )
        return status, problem

    def _hand_over(self, headers: dict[str, str], body: bytes) -> tuple[int | None, str]:
        if callable(self.receiver):
            status: int | None = self.receiver(headers, body)
        elif not self.receiver:
            return None, "nobody"
        else:
            status, problem = post_to(self.receiver, headers, body)
            if problem:
                return None, problem
        return status, "" if status == 200 else "status"


def post_to(url: str, headers: dict[str, str], body: bytes) -> tuple[int | None, str]:
    """Post ``body``; return the status, or None and ``slow`` or ``connect``."""
    try:
        answer = requests.post(
            url, data=body, headers=headers, timeout=ANSWER_WITHIN, allow_redirects=False
        )
    except requests.ReadTimeout:
        return None, "slow"
    except requests.RequestException:
        return None, "connect"
    return answer.status_code, ""
