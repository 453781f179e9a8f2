"""Long polling: asks for updates one by one, and asks for the next once the last is kept.

The platform gives an update once. What came is therefore held until the store has it; only a
process that dies between the answer and the store loses it, which a webhook would not.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from bot.channels.zalo_bot.api import BotApi
from bot.channels.zalo_bot.events import read
from bot.core.channel import Webhook
from bot.core.errors import (
    SendError,
    SendNeedsPerson,
    SendRefused,
    StoreUnavailable,
    places,
)
from bot.core.messages import Inbound

log = logging.getLogger(__name__)

# Short, because a process that is told to stop must still wait for the answer.
POLL_SECONDS = 4
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds
_WEBHOOK_IS_SET = "run `flask --app server zalo-bot delete-webhook`: a webhook ends polling"


class Polling:
    """Brings a bot's updates in.

    ``keep`` makes messages durable before it returns; ``lock`` is held by one process at a time,
    as two that ask at once would share the updates out of order.
    """

    def __init__(
        self,
        api: BotApi,
        keep: Callable[[Sequence[Inbound], datetime], object],
        lock: Callable[[], AbstractContextManager[object]],
        clock: Callable[[], datetime],
        seconds: int = POLL_SECONDS,
    ) -> None:
        self._api = api
        self._keep = keep
        self._lock = lock
        self._clock = clock
        self._seconds = seconds
        self._held: Webhook | None = None
        self._pause = 0.0
        self._problem = ""

    def run(self, stopping: threading.Event) -> None:
        """Ask until ``stopping`` is set; what was given before is kept first."""
        while not stopping.is_set() or self._held:
            pause = self.step()
            if stopping.is_set() and pause:
                break
            stopping.wait(pause)
        if self._held:
            log.error("event=update_lost channel=zalo_bot messages=%d", len(self._held.inbounds))

    def step(self) -> float:
        """Bring in at most one update; return for how many seconds to rest."""
        try:
            if self._held is None:
                with self._lock():
                    self._fetch()
                    self._store()
            else:
                self._store()
        except SendError as error:
            return self._failed(error.code, error.reason, _advice(error))
        except StoreUnavailable:
            return self._failed("store", "store unavailable", "")
        except Exception as error:  # the outermost loop: what the store chokes on is put away
            log.error(
                "event=update_refused error=%s places=%s", type(error).__name__, places(error)
            )
            self._held = None
        self._pause, self._problem = 0.0, ""
        return 0.0

    def _fetch(self) -> None:
        update = self._api.update(self._seconds)
        if update is None:
            return
        webhook = read(json.dumps(update).encode(), self._clock())
        log.info(
            "event=update channel=zalo_bot outcome=%s messages=%d reason=%s",
            webhook.outcome,
            len(webhook.inbounds),
            webhook.reason or "-",
        )
        self._held = webhook if webhook.inbounds else None

    def _store(self) -> None:
        if self._held:
            self._keep(self._held.inbounds, self._clock())
            self._held = None

    def _failed(self, code: str, reason: str, advice: str) -> float:
        if code != self._problem:  # one line for each change
            log.error(
                "event=polling_failed channel=zalo_bot code=%s reason=%r advice=%r",
                code,
                reason,
                advice,
            )
        self._problem = code
        self._pause = min(self._pause * 2 or _FIRST_PAUSE, _LONGEST_PAUSE)
        return self._pause


def _advice(error: SendError) -> str:
    if isinstance(error, SendNeedsPerson):
        return error.advice
    return _WEBHOOK_IS_SET if isinstance(error, SendRefused) else ""
