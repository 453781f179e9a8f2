"""Keeps what webhooks bring: in the store if it answers in time, otherwise in the spool.

A platform waits two seconds and switches a webhook off that fails for two hours. So nobody waits
for a store that is locked, full or gone: after the first event that could not be kept in time,
all go to the spool at once, until a background thread has brought everything in again.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
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
        # Echoes mostly repeat what is known: no citizen's message waits behind them.
        self._echo_writer = Together(self._keep, StoreUnavailable)
        self._away = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def take(self, name: str, body: bytes, webhook: Webhook, now: datetime) -> bool:
        """Keep one event durably; False if it waits in the spool. Raises SpoolFull."""
        event = Event(webhook.channel or name, webhook, now)
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
        self._echo_writer.close()
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
            except StoreUnavailable:
                log.warning("event=store_away error=StoreUnavailable")
            except Exception as error:  # whatever happens, the thread lives on
                log.error(
                    "event=spool_failed error=%s places=%s", type(error).__name__, places(error)
                )
            self._stopping.wait(_PAUSE)

    def _stored(self, event: Event) -> bool:
        """Try the store for as long as an event may wait. A slow try may still succeed later."""
        webhook = event.webhook
        only_echoes = not (webhook.inbounds or webhook.receipts)
        waiting = (self._echo_writer if only_echoes else self._writer).submit(event)
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
        self._keep_echoes(events, now)
        receipts: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for event in events:
            for receipt in event.webhook.receipts:
                receipts[event.channel, receipt.seen].append(receipt.platform_message_id)
        for (channel, seen), ids in receipts.items():
            settle = store.deliveries.settle_seen if seen else store.deliveries.settle_receipts
            settle(channel, ids, now)

    def _keep_echoes(self, events: Sequence[Event], now: datetime) -> None:
        echoes = self._known.store.echoes
        own: dict[str, list[Echo]] = defaultdict(list)
        for event in events:
            for echo in event.webhook.echoes:
                if echo.by_staff:
                    echoes.from_staff(event.channel, echo, now, self._silence)
                else:
                    own[event.channel].append(echo)
        for channel, found in own.items():
            echoes.of_our_own(channel, found, now)

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
