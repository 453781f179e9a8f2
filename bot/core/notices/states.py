"""The states of a notice and the acts that lead from one to the next, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bot.core.errors import DeskError
from bot.core.staff.roles import Role


class State(str, Enum):
    """Where a notice stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PLANNED = "planned"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Act(str, Enum):
    """What somebody, or the clock, does to a notice."""

    CREATE = "create"
    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    CANCEL = "cancel"
    EXPIRE = "expire"


class NoticeRefused(DeskError):
    """An act on a notice that is not allowed; nothing was changed.

    ``code`` is one of ``not_now``, ``unknown``, ``role``, ``own_work``, ``changed``, ``again``,
    ``reason_missing``, ``emergency_only``, ``approver_gone``, ``past``, ``expired``,
    ``not_corrected``, ``list_gone``, ``cut_line``, ``not_https``, ``picture_missing``,
    ``audience_narrow``, ``article_again``.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


_S, _A = State, Act
# Any change of what was submitted leads back to the draft: an approval holds for one text only.
TABLE: Mapping[Act, tuple[frozenset[State], State]] = {
    _A.EDIT: (
        frozenset({_S.DRAFT, _S.RETURNED, _S.SUBMITTED, _S.APPROVED, _S.PLANNED}),
        _S.DRAFT,
    ),
    _A.SUBMIT: (frozenset({_S.DRAFT}), _S.SUBMITTED),
    _A.RETURN: (frozenset({_S.SUBMITTED, _S.APPROVED, _S.PLANNED}), _S.RETURNED),
    _A.APPROVE: (frozenset({_S.SUBMITTED}), _S.APPROVED),
    _A.SCHEDULE: (frozenset({_S.APPROVED}), _S.PLANNED),
    _A.START: (frozenset({_S.PLANNED}), _S.SENDING),
    _A.PAUSE: (frozenset({_S.SENDING}), _S.PAUSED),
    _A.RESUME: (frozenset({_S.PAUSED}), _S.SENDING),
    _A.FINISH: (frozenset({_S.SENDING}), _S.DONE),
    _A.CANCEL: (
        frozenset(_S) - {_S.DONE, _S.CANCELLED, _S.EXPIRED},
        _S.CANCELLED,
    ),
    _A.EXPIRE: (
        frozenset({_S.SUBMITTED, _S.APPROVED, _S.PLANNED, _S.SENDING, _S.PAUSED}),
        _S.EXPIRED,
    ),
}
OVER = frozenset({State.DONE, State.CANCELLED, State.EXPIRED})

_WRITERS = frozenset({Role.AUTHOR})
_APPROVERS = frozenset({Role.APPROVER})
_SENDERS = frozenset({Role.AUTHOR, Role.APPROVER, Role.OPERATOR})
# Whoever sees something going wrong may stop it; the other acts need who answers for them.
ROLES: Mapping[Act, frozenset[Role]] = {
    _A.CREATE: _WRITERS,
    _A.EDIT: _WRITERS,
    _A.SUBMIT: _WRITERS,
    _A.RETURN: _APPROVERS,
    _A.APPROVE: _APPROVERS,
    _A.SCHEDULE: _SENDERS,
    _A.PAUSE: frozenset(Role),
    _A.RESUME: _SENDERS,
    _A.CANCEL: _SENDERS,
}


def move(state: State, act: Act) -> State:
    """Return the state after ``act``. Raises NoticeRefused (``not_now``).

    >>> move(State.SUBMITTED, Act.APPROVE).value
    'approved'
    >>> move(State.APPROVED, Act.EDIT).value
    'draft'
    """
    before, after = TABLE.get(act, (frozenset(), state))
    if state not in before:
        raise NoticeRefused("not_now", f"{act.value} while {state.value}")
    return after


def acts_of(state: State, roles: frozenset[Role]) -> tuple[Act, ...]:
    """Return what somebody with ``roles`` may try in ``state``; own work is judged later."""
    return tuple(
        act
        for act, (before, _) in TABLE.items()
        if state in before and not roles.isdisjoint(ROLES.get(act, frozenset()))
    )
