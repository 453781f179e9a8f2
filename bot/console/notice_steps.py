"""What somebody should do next about a notice: one sentence for each state and role."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.core.notices.draft import Draft
from bot.core.notices.states import Act, State


@dataclass(frozen=True)
class Seat:
    """Who looks: what they may do, whether they had a hand in it, what still stands against it."""

    staff_id: int
    acts: Collection[str]
    own: bool
    blocked: bool = False
    approvals_needed: int = 1
    doubts: int = 0
    recipients: int = 0


def next_step(draft: Draft, seat: Seat) -> str:
    """Return the name of the sentence under ``steps`` in ``sending.vi.yml``."""
    return _STEPS[draft.state](draft, seat)


def _may(seat: Seat, act: Act) -> bool:
    return act.value in seat.acts


def _draft(draft: Draft, seat: Seat) -> str:
    if not _may(seat, Act.SUBMIT):
        return "being_written"
    return "fix" if seat.blocked else "write"


def _submitted(draft: Draft, seat: Seat) -> str:
    if seat.staff_id in draft.approvers:
        return "approved_by_me"
    if seat.own:
        return "own_waits"
    return "decide" if _may(seat, Act.APPROVE) else "waits"


def _returned(draft: Draft, seat: Seat) -> str:
    return "rewrite" if _may(seat, Act.EDIT) else "being_written"


def _approved(draft: Draft, seat: Seat) -> str:
    if len(draft.approvers) < seat.approvals_needed:
        return "approver_gone"
    return "release" if _may(seat, Act.SCHEDULE) else "released_by_others"


def _planned(draft: Draft, seat: Seat) -> str:
    return "approver_gone" if len(draft.approvers) < seat.approvals_needed else "planned"


def _paused(draft: Draft, seat: Seat) -> str:
    return "resume" if _may(seat, Act.RESUME) else "paused_by_others"


def _done(draft: Draft, seat: Seat) -> str:
    if not seat.recipients:
        return "done_for_nobody"
    return "doubts" if seat.doubts else "done"


def _always(name: str) -> Callable[[Draft, Seat], str]:
    return lambda draft, seat: name


_STEPS: dict[State, Callable[[Draft, Seat], str]] = {
    State.DRAFT: _draft,
    State.SUBMITTED: _submitted,
    State.RETURNED: _returned,
    State.APPROVED: _approved,
    State.PLANNED: _planned,
    State.SENDING: _always("watch"),
    State.PAUSED: _paused,
    State.DONE: _done,
    State.CANCELLED: _always("cancelled"),
    State.EXPIRED: _always("expired"),
}
