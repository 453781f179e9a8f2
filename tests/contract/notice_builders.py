"""Notices and the people who write, approve and send them, for the store's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.core.announcements.announcement import Announcement
from bot.core.messages import Reply
from bot.core.notices.approval import Hand
from bot.core.notices.draft import Draft
from bot.core.notices.notice import Audience, Notice, Urgency
from bot.core.staff.people import By
from bot.core.staff.roles import Role
from bot.core.work.notice_lane import NoticeLane
from bot.store import Store
from tests.contract.store_builders import NOW

BOTH = (Role.AUTHOR, Role.APPROVER)


def a_notice(**changes: Any) -> Notice:
    values: dict[str, Any] = {
        "topic": "thien-tai",
        "title": "Mưa lớn chiều nay ở xã Bến Lức",
        "body": "Bà con kê cao đồ đạc.",
        "issuer": "Đài Khí tượng",
        "number": "12/TB",
        "audience": Audience(topics=("thien-tai",)),
        **changes,
    }
    return Notice(**values)


def an_emergency(**changes: Any) -> Notice:
    audience = changes.pop("audience", Audience(everyone=True))
    return a_notice(urgency=Urgency.EMERGENCY, audience=audience, **changes)


def hand(store: Store, login: str, *roles: Role) -> Hand:
    """The hand of somebody with an account; by default an author who also approves."""
    found = store.staff.find(login)
    if found is None:
        return Hand.of(store.people.add(By("test"), login, login, roles or BOTH, NOW))
    return Hand.of(found.staff)


def submitted(store: Store, notice: Notice | None = None, now: datetime = NOW) -> Draft:
    """Written and submitted by Lan."""
    lan = hand(store, "lan")
    made = store.drafts.create(lan, notice or a_notice(), now)
    return store.drafts.submit(made.id, lan, made.version, now)


def approve(store: Store, draft: Draft, login: str = "minh", now: datetime = NOW) -> Draft:
    by = hand(store, login)
    return store.drafts.approve(draft.id, by, draft.version, draft.fingerprint, now)


def planned(store: Store, notice: Notice | None = None, now: datetime = NOW) -> Draft:
    """Written by Lan, approved by Minh (and Tam where it takes two), released by Lan."""
    draft = approve(store, submitted(store, notice, now), "minh", now)
    if draft.notice.is_emergency:
        draft = approve(store, draft, "tam", now)
    return store.drafts.schedule(draft.id, hand(store, "lan"), draft.version, now)


def render(announcement: Announcement, notice: Notice) -> Reply:
    return Reply(announcement.title)


def step(store: Store, now: datetime = NOW, planned: Callable[[], None] = lambda: None) -> int:
    """One step of the worker."""
    return NoticeLane(store.broadcasts, store.notices, render).step(lambda: now, planned)


def sending(store: Store, notice: Notice | None = None, now: datetime = NOW) -> Draft:
    """Begun and planned."""
    draft = planned(store, notice, now)
    step(store, now)
    return again(store, draft)


def again(store: Store, draft: Draft) -> Draft:
    found = store.drafts.find(draft.id)
    assert found is not None
    return found


def counts(store: Store, draft: Draft) -> dict[str, int]:
    return dict(store.deliveries.counts(again(store, draft).announcement_id))
