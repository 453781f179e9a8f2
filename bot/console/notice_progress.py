"""How far a notice is, live: a fragment the page asks for again while it goes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, cast

from flask import current_app, render_template

from bot.console.layout import console_blueprint
from bot.console.notice_desk import found
from bot.console.notice_words import notice_words
from bot.console.parts import parts
from bot.console.policy import needs
from bot.console.sending_words import coded, pace_in_words, sending_words
from bot.console.sessions import me
from bot.core.messages import DeliveryState
from bot.core.notices.draft import Draft
from bot.core.notices.progress import Pace, Paces, Tally
from bot.core.notices.states import OVER, State
from bot.core.staff.roles import Role

blueprint = console_blueprint("notice_progress")
SENDERS = (Role.AUTHOR, Role.APPROVER, Role.OPERATOR)
_EXTENSION = "motcua_counted"
_FRESH = 2.0  # seconds
# A million rows take a second or two to count: however many look, that is a small share of time.
_SHARE = 15.0
_REMEMBERED = 50
_LIVE = (State.PLANNED, State.SENDING, State.PAUSED)


@dataclass
class _Count:
    """The last count of one notice."""

    lock: Lock = field(default_factory=Lock)
    paces: Paces = field(default_factory=Paces)
    tally: Tally = field(default_factory=Tally)
    pace: Pace = field(default_factory=Pace)
    again_at: float = float("-inf")
    version: int = -1  # of the notice, when it was counted


class Counted:
    """Counts notices seldom enough: one count serves everybody who looks.

    A count is used for two seconds, or for fifteen times as long as it took; an act on the notice
    has it counted anew.
    """

    def __init__(
        self, tally: Callable[[int], Tally], timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._tally = tally
        self._timer = timer
        self._lock = Lock()
        self._counts: dict[int, _Count] = {}

    def of(self, announcement_id: int, version: int, now: datetime) -> tuple[Tally, Pace]:
        """Return the counts of a notice and its pace, as of a few seconds ago at most."""
        with self._lock:
            if len(self._counts) > _REMEMBERED:
                self._counts.clear()
            count = self._counts.setdefault(announcement_id, _Count())
        # While somebody else counts, the last figures will do, if they are of this state.
        if count.lock.acquire(blocking=count.version != version):
            try:
                self._renew(count, announcement_id, version, now)
            finally:
                count.lock.release()
        return count.tally, count.pace

    def _renew(self, count: _Count, announcement_id: int, version: int, now: datetime) -> None:
        began = self._timer()
        if began < count.again_at and count.version == version:
            return
        count.tally = self._tally(announcement_id)
        count.tally.counted_at = now
        count.pace = count.paces.note(count.tally, now)
        ended = self._timer()
        count.again_at = ended + max(_FRESH, _SHARE * (ended - began))
        count.version = version

    def forget(self, announcement_id: int) -> None:
        """Count anew at the next look: somebody just decided something."""
        with self._lock:
            self._counts.pop(announcement_id, None)


def counted() -> Counted:
    """Return the running app's counts."""
    return cast(Counted, current_app.extensions[_EXTENSION])


def remember_counts(extensions: dict[str, Any], tally: Callable[[int], Tally]) -> None:
    """Give the app a place for counts."""
    extensions[_EXTENSION] = Counted(tally)


@blueprint.get("/notices/<int:draft_id>/progress")
@needs(*Role)
def progress(draft_id: int) -> str:
    """Show how far a notice is, as a piece of its page."""
    draft = found(draft_id)
    return render_template("console/notice_progress.html", **progress_of(draft))


def progress_of(draft: Draft) -> dict[str, Any]:
    """Return what the piece of the page needs."""
    now = parts().clock()
    tally, pace = Tally(planned=False), Pace()
    if draft.announcement_id is not None:
        tally, pace = counted().of(draft.announcement_id, draft.version, now)
    moving = draft.state is State.SENDING
    return {
        "draft": draft,
        "tally": tally,
        "fates": fates(tally),
        "pace": pace_in_words(pace) if moving else "",
        "live": draft.state in _LIVE,
        "over": draft.state in OVER,
        "say": notice_words(),
        "said": "",
        "sending": sending_words(),
        "paused": _paused(draft),
        "may_export": not me().roles.isdisjoint(SENDERS),
        "counted_at": tally.counted_at or now,
    }


def _paused(draft: Draft) -> Mapping[str, str] | None:
    """Return why the notice paused itself and what to do, or None."""
    known: Mapping[str, Mapping[str, str]] = sending_words()["paused"]
    return known.get(draft.reason) if draft.state is State.PAUSED else None


def fates(tally: Tally) -> list[dict[str, Any]]:
    """Return what became of the rows, in order, with the reasons; what nobody met stays out."""
    state = DeliveryState
    counts = {
        "waiting": tally.waiting,
        "gathered": tally.gathered,
        "sending": tally.count(state.SENDING),
        "sent": tally.count(state.SENT),
        "delivered": max(0, tally.count(state.DELIVERED) - tally.seen),
        "seen": tally.seen,
        "unsure": tally.count(state.UNSURE),
        "failed": tally.count(state.FAILED),
        "skipped": tally.count(state.SKIPPED),
        "cancelled": tally.count(state.CANCELLED),
    }
    reasons = {"skipped": _skipped(tally), "failed": _failed(tally)}
    return [
        {**words, "name": name, "count": counts[name], "reasons": reasons.get(name, [])}
        for name, words in sending_words()["fates"].items()
        if counts[name]
    ]


def _skipped(tally: Tally) -> list[tuple[str, int]]:
    known: Mapping[str, str] = notice_words()["reasons"]
    most = sorted(tally.skipped.items(), key=lambda item: -item[1])
    return [(known.get(code, code) if code else "", count) for code, count in most]


def _failed(tally: Tally) -> list[tuple[str, int]]:
    most = sorted(tally.failed.items(), key=lambda item: -item[1])
    return [(coded(sending_words()["failures"], code), count) for code, count in most]
