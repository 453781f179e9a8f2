"""Takes inbound messages one by one and settles each with its turn."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.core.channel import Channel
from bot.core.errors import StoreUnavailable, places
from bot.core.messages import Claimed, Reply, Turn

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # a turn with a slow photo takes about ten
_ATTEMPTS = 3  # a message that failed this often is set aside with an apology
_RETRY_AFTER = timedelta(seconds=2)


class Journal(Protocol):
    """The inbound journal, as the lane needs it."""

    def claim(self, now: datetime, owner: str, limit: int, lease: timedelta) -> Sequence[Claimed]:
        """Return the oldest messages nobody holds, now held by ``owner``."""

    def settle(self, claimed: Claimed, turn: Turn, now: datetime) -> bool:
        """Write everything a turn leads to in one transaction; False if the lease was lost."""

    def release(self, claimed: Claimed, now: datetime, retry_at: datetime) -> bool:
        """Give a message back to be tried again later."""

    def set_aside(self, claimed: Claimed, turn: Turn, now: datetime) -> bool:
        """Give up on a message; ``turn`` holds the apology."""


def _never(claimed: Claimed, work: Callable[[], None]) -> bool:
    return False


class ConversationLane:
    """Answers inbound messages: one at a time per citizen, in order.

    ``settled`` hears of every message that is through. ``aside`` may take the slow ones (photos,
    look-ups at a distance) to threads of its own, so that words need not wait behind them; it
    returns whether it did.
    """

    def __init__(
        self,
        journal: Journal,
        answer: Callable[[Claimed, datetime], Turn],
        apology: Callable[[Claimed], Turn],
        channels: Mapping[str, Channel],
        owner: str,
        settled: Callable[[Claimed], None],
        aside: Callable[[Claimed, Callable[[], None]], bool] = _never,
    ) -> None:
        self._journal = journal
        self._answer = answer
        self._apology = apology
        self._channels = channels
        self._owner = owner
        self._settled = settled
        self._aside = aside

    def step(self, clock: Callable[[], datetime]) -> bool:
        """Take one message and see it through; return whether there was one."""
        claimed = self._journal.claim(clock(), self._owner, 1, LEASE)
        for item in claimed:
            work = partial(self._handle, item, clock)
            if not self._aside(item, work):
                work()
        return bool(claimed)

    def _handle(self, claimed: Claimed, clock: Callable[[], datetime]) -> None:
        if claimed.attempts > _ATTEMPTS:
            log.error("event=inbound_set_aside inbound=%s", claimed.id)
            self._journal.set_aside(
                claimed, self._fitted(claimed, self._apology(claimed)), clock()
            )
            self._settled(claimed)
            return
        try:
            turn = self._answer(claimed, clock())
        except StoreUnavailable:
            raise
        except Exception as error:  # the outermost loop: one bad message must not stop the lane
            log.error(
                "event=turn_failed inbound=%s error=%s places=%s",
                claimed.id,
                type(error).__name__,
                places(error),
            )
            self._journal.release(claimed, clock(), clock() + _RETRY_AFTER * claimed.attempts)
            return
        if self._journal.settle(claimed, self._fitted(claimed, turn), clock()):
            self._settled(claimed)
        else:
            log.warning("event=lease_lost inbound=%s", claimed.id)

    def _fitted(self, claimed: Claimed, turn: Turn) -> Turn:
        """Return the turn with every reply split to the limits of its channel."""
        channel = self._channels.get(claimed.inbound.channel)
        if channel is None:
            return turn
        parts: list[Reply] = []
        for reply in turn.replies:
            parts += channel.fit(reply)
        return replace(turn, replies=tuple(parts))
