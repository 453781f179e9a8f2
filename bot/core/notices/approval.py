"""Who may approve a notice: never anybody who had a hand in it, whatever the order of acts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from bot.core.notices.notice import CUTS, HTTPS, Notice
from bot.core.notices.states import ROLES, Act, NoticeRefused
from bot.core.staff.roles import Role, Staff

HANDS_ON = (Act.CREATE, Act.EDIT, Act.SUBMIT)  # whoever did one of these approves no more


@dataclass(frozen=True)
class Hand:
    """Who acts: somebody logged in, or (``staff_id`` None) the worker or a command.

    ``actor`` is the name in the audit trail.
    """

    actor: str
    staff_id: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)

    @classmethod
    def of(cls, staff: Staff) -> Hand:
        """Return the hand of the person of a session."""
        return cls(f"staff:{staff.id}", staff.id, staff.roles)


WORKER = Hand("worker")


def command(actor: str) -> Hand:
    """Return the hand of an operator's command: it stops and releases, but approves nothing."""
    return Hand(actor, None, frozenset({Role.OPERATOR}))


def check_role(hand: Hand, act: Act) -> None:
    """Raise NoticeRefused (``role``) unless ``hand`` may do ``act`` at all.

    Writing and approving need a person of a session.
    """
    wanted = ROLES.get(act, frozenset())
    nobody = hand.staff_id is None and Role.OPERATOR not in wanted
    if nobody or wanted.isdisjoint(hand.roles):
        raise NoticeRefused("role", act.value)


def check_approver(hand: Hand, hands_on: Collection[int], approved: Collection[int]) -> None:
    """Raise NoticeRefused unless ``hand`` may approve what ``hands_on`` wrote or submitted.

    ``approved``: who approved this submission already.
    """
    check_role(hand, Act.APPROVE)
    if hand.staff_id in hands_on:
        raise NoticeRefused("own_work")
    if hand.staff_id in approved:
        raise NoticeRefused("again")


def approvals_needed(notice: Notice) -> int:
    """Return how many different people must approve."""
    return 2 if notice.is_emergency else 1


def check_correction(notice: Notice, *, of_emergency: bool) -> None:
    """Raise NoticeRefused (``emergency_only``) if fewer people would put right than sent.

    A correction reaches everybody whom the first one reached, and ends it.
    """
    if of_emergency and not notice.is_emergency:
        raise NoticeRefused("emergency_only", "it puts an emergency right")


def check_notice(notice: Notice) -> None:
    """Raise NoticeRefused for what only an emergency may do, and for what cuts a message."""
    if notice.audience.everyone and not notice.is_emergency:
        raise NoticeRefused("emergency_only")
    if notice.url and not HTTPS.fullmatch(notice.url):
        raise NoticeRefused("not_https")
    lines = f"{notice.title}\n{notice.body}".split("\n")
    if any(line.strip() in CUTS for line in lines):
        raise NoticeRefused("cut_line")
