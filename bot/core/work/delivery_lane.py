"""Sends what stands in the deliveries table, and settles every row by what happened."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.channel import Channel
from bot.core.errors import (
    SendLater,
    SendNeedsPerson,
    SendRefused,
    SendUnsure,
    StoreUnavailable,
)
from bot.core.messages import Delivery

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than any call to a platform may take
_MOST_ATTEMPTS = 8
_LONGEST_PAUSE = 1800.0  # seconds
_PERSON_NEEDED_PAUSE = timedelta(minutes=5)
WEB = "web"  # the page reads the table itself: to send is to make visible


class Deliveries(Protocol):
    """The deliveries table, as the lane needs it."""

    def claim(
        self, now: datetime, owner: str, channel: str, limit: int, lease: timedelta
    ) -> Sequence[Delivery]:
        """Return rows now marked ``sending`` for ``owner``, replies before notices."""

    def sent(self, delivery: Delivery, platform_message_id: str | None, now: datetime) -> bool:
        """Note that the platform took it."""

    def retry(self, delivery: Delivery, due_at: datetime, code: str) -> bool:
        """Note that it is to be tried again."""

    def failed(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Note that it will never be sent."""

    def unsure(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Note that nobody knows whether it arrived."""


class DeliveryLane:
    """Moves queued rows of one channel towards their end."""

    def __init__(
        self, deliveries: Deliveries, channels: Mapping[str, Channel], owner: str
    ) -> None:
        self._deliveries = deliveries
        self._channels = channels
        self._owner = owner

    def step(self, clock: Callable[[], datetime], limit: int = 20) -> int:
        """Send up to ``limit`` rows of each channel; return how many were handled.

        A platform's rows are taken one by one: whatever is marked ``sending`` when the process
        dies ends as ``unsure``, so nothing may be marked before its turn.
        """
        handled = 0
        for delivery in self._claim(WEB, limit, clock):
            self._deliveries.sent(delivery, None, clock())
            handled += 1
        for name, channel in self._channels.items():
            if name != WEB:
                handled += self._send_some(channel, limit, clock)
        return handled

    def _send_some(self, channel: Channel, limit: int, clock: Callable[[], datetime]) -> int:
        for handled in range(limit):
            claimed = self._claim(channel.name, 1, clock)
            if not claimed:
                return handled
            self._send(claimed[0], channel, clock)
        return limit

    def _claim(
        self, channel: str, limit: int, clock: Callable[[], datetime]
    ) -> Sequence[Delivery]:
        return self._deliveries.claim(clock(), self._owner, channel, limit, LEASE)

    def _send(self, delivery: Delivery, channel: Channel, clock: Callable[[], datetime]) -> None:
        try:
            message_id = channel.send(delivery.citizen.external_id, delivery.reply)
        except SendUnsure as error:
            self._deliveries.unsure(delivery, error.code or "lost", clock())
        except SendRefused as error:
            self._deliveries.failed(delivery, error.code or "refused", clock())
        except SendNeedsPerson as error:
            log.error("event=send_needs_person channel=%s code=%s", channel.name, error.code)
            self._deliveries.retry(delivery, clock() + _PERSON_NEEDED_PAUSE, error.code)
        except SendLater as error:
            self._later(delivery, error, clock())
        except StoreUnavailable:  # the token could not be read, so nothing left this house
            self._later(delivery, SendLater("store", "store_unavailable"), clock())
        else:
            self._deliveries.sent(delivery, message_id, clock())

    def _later(self, delivery: Delivery, error: SendLater, now: datetime) -> None:
        if delivery.attempts >= _MOST_ATTEMPTS:
            self._deliveries.failed(delivery, error.code or "gave_up", now)
            return
        self._deliveries.retry(
            delivery, now + pause(error.retry_after, delivery.attempts), error.code
        )


def pause(first: float, attempts: int) -> timedelta:
    """Return how long to wait before the next try: doubling, at most half an hour.

    >>> pause(30, 1), pause(30, 3)
    (datetime.timedelta(seconds=30), datetime.timedelta(seconds=120))
    """
    return timedelta(seconds=min(first * 2 ** max(attempts - 1, 0), _LONGEST_PAUSE))
