"""Sends what stands in the deliveries table, and settles every row by what happened."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.channel import Channel
from bot.core.errors import (
    Reach,
    SendBlocked,
    SendError,
    SendLater,
    SendNeedsPerson,
    SendRefused,
    SendUnsure,
    SendWait,
    StoreUnavailable,
)
from bot.core.messages import Delivery

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than any call to a platform may take
_MOST_ATTEMPTS, _GIVEN_UP_AFTER = 8, timedelta(hours=2)  # what is younger is tried on
_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 1800.0  # seconds
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

    def sent_and_next(
        self,
        delivery: Delivery,
        platform_message_id: str | None,
        now: datetime,
        owner: str,
        channel: str,
        lease: timedelta,
    ) -> Sequence[Delivery]:
        """Note that the platform took it and claim the next row of ``channel`` with it.

        No row does not mean that there is none.
        """

    def retry(self, delivery: Delivery, due_at: datetime, code: str) -> bool:
        """Note that it is to be tried again."""

    def put_back(self, delivery: Delivery, due_at: datetime, code: str) -> bool:
        """Note that it is to be tried again, and that this try says nothing about it."""

    def failed(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Note that it will never be sent."""

    def unsure(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Note that nobody knows whether it arrived."""

    def blocked(self, delivery: Delivery, code: str, now: datetime) -> bool:
        """Note that it failed, and that the citizen gets nothing until they write again."""

    def pause(
        self, channel: str, reach: str, code: str, now: datetime, until: datetime, person: bool
    ) -> bool:
        """Give out nothing within ``reach`` before ``until``; True if that is news."""

    def resume(self, channel: str, reach: str) -> bool:
        """End a pause; False if there was none."""


class Noted(Protocol):
    """Is told what became of each row of a platform."""

    def __call__(self, delivery: Delivery, now: datetime, *, failed: bool) -> None:
        """Take note; ``failed`` also when the row will be tried again."""


class DeliveryLane:
    """Moves queued rows towards their end, channel by channel in turn.

    ``found`` is told when a row was waiting: there may be more of them, for other senders.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        channels: Mapping[str, Channel],
        owner: str,
        noted: Noted | None = None,
        found: Callable[[], None] = lambda: None,
    ) -> None:
        self._deliveries = deliveries
        self._platforms = {name: each for name, each in channels.items() if name != WEB}
        # Whoever was served longest ago is next, also in the next step: where calls are scarce,
        # an account with a broadcast does not take them all from another.
        self._order = deque(self._platforms)
        self._owner = owner
        self._noted = noted
        self._found = found

    def step(self, clock: Callable[[], datetime], limit: int = 20) -> int:
        """Send up to ``limit`` rows of each channel; return how many were handled.

        A platform's rows are taken one by one: whatever is marked ``sending`` when the process
        dies ends as ``unsure``, so nothing may be marked before its turn.
        """
        handled = 0
        for delivery in self._claim(WEB, limit, clock):
            self._deliveries.sent(delivery, None, clock())
            handled += 1
        return handled + self._send_in_turn(clock, limit)

    def _send_in_turn(self, clock: Callable[[], datetime], limit: int) -> int:
        """Send up to ``limit`` rows of each platform, one of each at a time; return how many."""
        sent: Counter[str] = Counter()
        busy = deque(self._order)
        held: Sequence[Delivery] = ()
        while busy:
            name = busy.popleft()
            if not held:
                held = self._claim(name, 1, clock)
                if not held:
                    continue
                self._found()
            sent[name] += 1
            self._order.remove(name)
            self._order.append(name)
            if sent[name] < limit:
                busy.append(name)
            # The next row is marked with the end of this one, so it must be sent at once.
            following = busy[0] if busy else None
            held = self._send(held[0], self._platforms[name], clock, following)
        return sum(sent.values())

    def _claim(
        self, channel: str, limit: int, clock: Callable[[], datetime]
    ) -> Sequence[Delivery]:
        return self._deliveries.claim(clock(), self._owner, channel, limit, LEASE)

    def _send(
        self,
        delivery: Delivery,
        channel: Channel,
        clock: Callable[[], datetime],
        following: str | None,
    ) -> Sequence[Delivery]:
        """Send a row; return the next one, of the channel ``following``, if it is claimed yet."""
        try:
            message_id = channel.send(delivery.citizen.external_id, delivery.reply)
        except SendError as error:
            self._not_sent(delivery, error, clock())
            self._note(delivery, clock(), error)
            return ()
        except StoreUnavailable:  # the token could not be read, so nothing left this house
            self._later(delivery, SendLater("store", "store_unavailable"), clock())
            return ()
        if following and not delivery.probe:
            claimed = self._deliveries.sent_and_next(
                delivery, message_id, clock(), self._owner, following, LEASE
            )
            self._note(delivery, clock())
            return claimed
        self._deliveries.sent(delivery, message_id, clock())
        self._note(delivery, clock())
        if delivery.probe and self._deliveries.resume(channel.name, delivery.probe):
            log.warning("event=channel_resumed channel=%s reach=%s", *_named(delivery))
        return ()

    def _note(self, delivery: Delivery, now: datetime, error: SendError | None = None) -> None:
        """Tell of a row's fate, unless it says nothing about the message itself.

        It is settled by then; a store that is away must not cost the next row, claimed already.
        """
        if self._noted and not isinstance(error, (SendBlocked, SendWait, SendNeedsPerson)):
            with suppress(StoreUnavailable):
                self._noted(delivery, now, failed=error is not None)

    def _not_sent(self, delivery: Delivery, error: SendError, now: datetime) -> None:
        """Settle a row the platform did not take, by what kind of error it was."""
        if isinstance(error, SendUnsure):
            self._deliveries.unsure(delivery, error.code or "lost", now)
        elif isinstance(error, SendBlocked):
            self._deliveries.blocked(delivery, error.code or "blocked", now)
        elif isinstance(error, SendRefused):
            self._deliveries.failed(delivery, error.code or "refused", now)
        elif isinstance(error, SendNeedsPerson):
            self._needs_person(delivery, error, now)
        elif isinstance(error, SendWait):
            self._wait(delivery, error, now)
        else:
            self._later(delivery, error, now)

    def _needs_person(self, delivery: Delivery, error: SendNeedsPerson, now: datetime) -> None:
        until = now + _PERSON_NEEDED_PAUSE
        if self._pause(delivery, error, error.reach, now, until, person=True):
            log.error(
                "event=send_needs_person channel=%s reach=%s code=%s reason=%r advice=%r",
                delivery.citizen.channel,
                error.reach.value,
                error.code,
                error.reason,
                error.advice,
            )

    def _wait(self, delivery: Delivery, error: SendWait, now: datetime) -> None:
        if error.reach is Reach.ROW:
            if self._is_given_up(delivery, error, now):
                return
            self._deliveries.retry(delivery, error.until, error.code)
        elif self._pause(delivery, error, error.reach, now, error.until, person=False):
            log.warning(
                "event=channel_waits channel=%s reach=%s code=%s until=%s",
                delivery.citizen.channel,
                error.reach.value,
                error.code,
                error.until.isoformat(),
            )

    def _pause(
        self,
        delivery: Delivery,
        error: SendError,
        reach: Reach,
        now: datetime,
        until: datetime,
        *,
        person: bool,
    ) -> bool:
        """Let the others wait too, and put this row at the end of its queue; True if news.

        It was not tried: however often an account stops, each row has all its attempts left.
        """
        news = self._deliveries.pause(
            delivery.citizen.channel, reach.value, error.code, now, until, person
        )
        is_held = reach is Reach.ACCOUNT or (reach is Reach.NOTICES and delivery.kind == "notice")
        self._deliveries.put_back(delivery, now if is_held else until, error.code)
        return news

    def _later(self, delivery: Delivery, error: SendError, now: datetime) -> None:
        if self._is_given_up(delivery, error, now):
            return
        first = error.retry_after if isinstance(error, SendLater) else _FIRST_PAUSE
        self._deliveries.retry(delivery, now + pause(first, delivery.attempts), error.code)

    def _is_given_up(self, delivery: Delivery, error: SendError, now: datetime) -> bool:
        is_young = now - delivery.created_at < _GIVEN_UP_AFTER
        if delivery.attempts < _MOST_ATTEMPTS or is_young:
            return False
        self._deliveries.failed(delivery, error.code or "gave_up", now)
        return True


def _named(delivery: Delivery) -> tuple[str, str]:
    return delivery.citizen.channel, delivery.probe


def pause(first: float, attempts: int) -> timedelta:
    """Return how long to wait before the next try: doubling, at most half an hour.

    >>> pause(30, 1), pause(30, 3)
    (datetime.timedelta(seconds=30), datetime.timedelta(seconds=120))
    """
    return timedelta(seconds=min(first * 2 ** max(attempts - 1, 0), _LONGEST_PAUSE))
