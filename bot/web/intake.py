"""Keeps what webhooks bring: in the store if it answers in time, otherwise in the spool.

A platform waits two seconds and switches a webhook off that fails for two hours. So nobody waits
for a store that is locked, full or gone: after the first event that could not be kept in time,
all go to the spool at once, until a background thread has brought everything in again.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.channel import Echo, Webhook
from bot.core.errors import StoreUnavailable, places
from bot.core.messages import Inbound
from bot.web.parts import WebParts
from bot.web.spool import Spool, Spooled
from bot.web.together import Together

log = logging.getLogger(__name__)

INTAKE = "motcua_intake"
PATIENCE = 0.8  # seconds an event waits for the store; the platform waits two
_PAUSE = 0.5  # seconds between two looks at the spool
_REFUSED_LIFE = timedelta(hours=24)
_ECHO_REST = timedelta(seconds=90)  # by then the fate of what was being sent is written down
_MOST_ECHOES = 200  # looked up at once
_MOST_RESTING = 50_000


@dataclass(frozen=True)
class Event:
    """One verified event, on its channel, and when it came."""

    channel: str
    webhook: Webhook
    at: datetime


class Intake:
    """Takes verified events. ``start`` begins bringing spooled ones in."""

    def __init__(self, known: WebParts, spool: Spool, patience: float = PATIENCE) -> None:
        self._known = known
        self.spool = spool
        self._patience = patience
        self._silence = timedelta(minutes=known.settings.staff_silence_minutes)
        self._writer = Together(self._keep, StoreUnavailable)
        self._resting: deque[tuple[datetime, str, Echo]] = deque(maxlen=_MOST_RESTING)
        self._away = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def take(self, name: str, body: bytes, webhook: Webhook, now: datetime) -> bool:
        """Keep one event durably; False if it waits in the spool. Raises SpoolFull.

        Only the echoes of our own messages are not: they tell what is mostly known, later.
        """
        event = Event(webhook.channel or name, webhook, now)
        self._let_rest(event)
        if not _is_lasting(webhook):
            return True
        if not self._away.is_set() and self._stored(event):
            return True
        self.spool.append(Spooled(name, body, now))
        self.start()
        return False

    def start(self) -> None:
        """Begin bringing spooled events in, in a thread of this process. Safe to repeat."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop the thread; what is spooled stays for the next process."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=20)
        self._writer.close()
        self.spool.close()

    def step(self) -> int:
        """Bring spooled events in until all are or the store refuses; return how many are."""
        brought = 0
        while batch := self.spool.take():
            try:
                for line in batch.lines():
                    self._bring(line)
                    brought += 1
            except StoreUnavailable:
                self._away.set()
                break
            self.spool.done(batch)
        else:
            self._come_back()
        if brought:
            log.info("event=spool_replayed events=%d", brought)
            self._known.waker.notify("worker")
        return brought

    def settle_echoes(self, now: datetime) -> None:
        """Look what the echoes of our own messages tell, those that rested long enough."""
        while self._resting and self._resting[0][0] <= now:
            due: dict[str, list[Echo]] = defaultdict(list)
            for _ in range(min(_MOST_ECHOES, len(self._resting))):
                if self._resting[0][0] <= now:
                    _, channel, echo = self._resting.popleft()
                    due[channel].append(echo)
            for channel, echoes in due.items():
                self._known.store.echoes.of_our_own(channel, echoes, now)

    def _let_rest(self, event: Event) -> None:
        for echo in event.webhook.echoes:
            if not echo.by_staff:
                self._resting.append((event.at + _ECHO_REST, event.channel, echo))
                if self._thread is None:
                    self.start()

    def _come_back(self) -> None:
        """Use the store again once it takes a write; with an empty spool nothing else told us."""
        if not self._away.is_set():
            return
        try:
            self._known.store.processes.beat("web", self._known.clock(), {})
        except StoreUnavailable:
            return
        self._away.clear()
        log.info("event=store_back")

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
                self.spool.forget(self._known.clock() - _REFUSED_LIFE)
                self.settle_echoes(self._known.clock())
            except StoreUnavailable:
                log.warning("event=store_away error=StoreUnavailable")
            except Exception as error:  # whatever happens, the thread lives on
                log.error(
                    "event=spool_failed error=%s places=%s", type(error).__name__, places(error)
                )
            self._stopping.wait(_PAUSE)

    def _stored(self, event: Event) -> bool:
        """Try the store for as long as an event may wait. A slow try may still succeed later."""
        waiting = self._writer.submit(event)
        try:
            waiting.result(self._patience)
        except (TooSlow, StoreUnavailable) as error:
            waiting.cancel()
            self._away.set()
            log.error("event=store_away error=%s", type(error).__name__)
            return False
        except Exception as error:  # an event the store chokes on must not stop the others
            log.error(
                "event=webhook_failed error=%s places=%s", type(error).__name__, places(error)
            )
            return False
        return True

    def _keep(self, events: Sequence[Event]) -> None:
        """Keep events, all their messages in one transaction."""
        store, now = self._known.store, max(event.at for event in events)
        inbounds: list[Inbound] = []
        for event in events:
            inbounds += event.webhook.inbounds
        if inbounds:
            store.journal.receive(inbounds, now)
        receipts: dict[str, list[str]] = defaultdict(list)
        for event in events:
            for receipt in event.webhook.receipts:
                receipts[event.channel].append(receipt.platform_message_id)
            for echo in event.webhook.echoes:
                if echo.by_staff:
                    store.echoes.from_staff(event.channel, echo, now, self._silence)
        for channel, ids in receipts.items():
            store.deliveries.settle_receipts(channel, ids, now)

    def _bring(self, line: bytes) -> None:
        """Keep one spooled event; put it away where the store will never take it."""
        try:
            spooled = Spooled.from_line(line)
            webhook = self._known.channels[spooled.channel].understand(spooled.body, spooled.at)
            self._keep([Event(webhook.channel or spooled.channel, webhook, spooled.at)])
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error(
                "event=spool_refused error=%s places=%s", type(error).__name__, places(error)
            )
            self.spool.refuse(line)


def _is_lasting(webhook: Webhook) -> bool:
    staff = any(echo.by_staff for echo in webhook.echoes)
    return bool(webhook.inbounds or webhook.receipts or staff)
