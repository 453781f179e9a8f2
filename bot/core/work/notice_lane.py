"""Begins notices when their time comes, plans who gets them, and ends them when they are through.

Every step looks at the store alone: a clock that jumps, a killed process or two workers at once
neither lose nor repeat a notice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.announcements.announcement import Announcement
from bot.core.errors import StoreUnavailable, places
from bot.core.messages import Delivery, Reply
from bot.core.notices.notice import Notice
from bot.core.notices.states import NoticeRefused
from bot.core.notices.stopping import Errors

log = logging.getLogger(__name__)

_AT_ONCE = 20  # notices begun in one look
_REMEMBERED = 100  # notices whose errors are counted at the same time


class Broadcasts(Protocol):
    """Notices that go out, as the lane needs them."""

    def due(self, now: datetime, limit: int = 20) -> Sequence[int]:
        """Return planned notices whose time has come."""

    def start(
        self, draft_id: int, render: Callable[[Announcement, Notice], Reply], now: datetime
    ) -> Announcement | None:
        """Publish a notice once; None if it is not to begin."""

    def unplanned(self) -> Sequence[Announcement]:
        """Return begun notices whose recipients are not all planned."""

    def sweep(self, now: datetime) -> Iterator[int]:
        """Bring waiting rows into line with what was decided, batch by batch."""

    def finish(self, now: datetime) -> Sequence[int]:
        """End notices that are through."""

    def expire(self, now: datetime) -> Sequence[int]:
        """End notices past their time."""

    def pause_by_errors(self, announcement_id: int, reason: str, now: datetime) -> bool:
        """Pause a notice whose rows fail; True if it was being sent."""


class Plans(Protocol):
    """Planning, as the lane needs it."""

    def resume(self, announcement: Announcement, now: datetime) -> Iterator[object]:
        """Write rows for the recipients, batch by batch."""


class NoticeLane:
    """Moves notices from planned to done."""

    def __init__(
        self,
        broadcasts: Broadcasts,
        plans: Plans,
        render: Callable[[Announcement, Notice], Reply],
    ) -> None:
        self._broadcasts = broadcasts
        self._plans = plans
        self._render = render
        self._errors: dict[int, Errors] = {}
        self._failing: dict[int, str] = {}  # drafts that could not be begun, and why

    def step(self, clock: Callable[[], datetime], planned: Callable[[], None]) -> int:
        """Do what is due now; return how many notices began.

        ``planned`` is told when rows wait to be sent.
        What comes up while another notice is being planned begins between two of its batches, and
        is planned first if it is more urgent.
        """
        began = self._begin(clock)
        while newer := self._plan(clock, planned):
            began += newer
        for _ in self._broadcasts.sweep(clock()):
            planned()
            began += self._begin(clock)
        for draft_id in self._broadcasts.finish(clock()):
            log.info("event=notice_done draft=%d", draft_id)
        for draft_id in self._broadcasts.expire(clock()):
            log.warning("event=notice_expired draft=%d", draft_id)
        return began

    def _plan(self, clock: Callable[[], datetime], planned: Callable[[], None]) -> int:
        """Plan what was begun; stop and return how many when something else begins meanwhile."""
        for announcement in self._broadcasts.unplanned():
            for _ in self._plans.resume(announcement, clock()):
                planned()
                if newer := self._begin(clock):
                    return newer
        return 0

    def _begin(self, clock: Callable[[], datetime]) -> int:
        return sum(self._begin_one(draft_id, clock()) for draft_id in self._due(clock()))

    def _due(self, now: datetime) -> Sequence[int]:
        """Return what is to begin; drafts that keep failing take nobody's place."""
        most = _AT_ONCE + len(self._failing)
        due = self._broadcasts.due(now, most)
        if len(due) < most:  # that is all of them
            self._failing = {each: self._failing[each] for each in due if each in self._failing}
        return due

    def _begin_one(self, draft_id: int, now: datetime) -> bool:
        try:
            made = self._broadcasts.start(draft_id, self._render, now)
        except StoreUnavailable:
            raise
        except NoticeRefused as error:
            if self._is_new_failure(draft_id, error.code):
                log.error("event=notice_not_begun draft=%d code=%s", draft_id, error.code)
            return False
        except Exception as error:  # one notice must not hold up a storm warning
            name = type(error).__name__
            if self._is_new_failure(draft_id, name):
                where = places(error)
                log.error("event=notice_failed draft=%d error=%s places=%s", draft_id, name, where)
            return False
        self._failing.pop(draft_id, None)
        if made:
            log.info("event=notice_began draft=%d notice=%d", draft_id, made.id)
        return made is not None

    def _is_new_failure(self, draft_id: int, code: str) -> bool:
        """Note why a draft fails; it is tried at every look, and need not be told each time."""
        before = self._failing.get(draft_id)
        self._failing[draft_id] = code
        return before != code

    def note(self, delivery: Delivery, now: datetime, *, failed: bool) -> None:
        """Take note of a row's fate; a notice with too many errors is paused. Hook of senders."""
        announcement_id = delivery.reply.meta.get("notice_id")
        if delivery.kind != "notice" or not isinstance(announcement_id, int):
            return
        if len(self._errors) > _REMEMBERED:
            self._errors.clear()
        reason = self._errors.setdefault(announcement_id, Errors()).note(failed=failed)
        if reason and self._broadcasts.pause_by_errors(announcement_id, reason, now):
            log.error("event=notice_paused notice=%d reason=%s", announcement_id, reason)
