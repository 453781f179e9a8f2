"""A notice as the store keeps it: where it stands, whose hands were on it, its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.notices.notice import Notice
from bot.core.notices.states import Act, State


@dataclass(frozen=True)
class Draft:
    """A notice and its state. ``version`` grows with every act: an act names the one it saw.

    ``submission`` is the version that was submitted; approvals count for this one only.
    """

    id: int
    code: str
    state: State
    version: int
    notice: Notice
    fingerprint: str
    author_id: int
    editor_id: int
    created_at: datetime
    changed_at: datetime
    submission: int | None = None
    submitter_id: int | None = None
    reason: str = ""
    announcement_id: int | None = None
    approvers: tuple[int, ...] = ()  # of this submission; before it is sent, those who still may


@dataclass(frozen=True)
class Version:
    """One line of a notice's history. ``notice`` None: the act did not change it."""

    number: int
    at: datetime
    actor: str
    staff_id: int | None
    act: Act
    state: State
    fingerprint: str
    note: str = ""
    notice: Notice | None = None
