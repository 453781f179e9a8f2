"""A citizen's wishes, digests and the worker's look at them, for the store's tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.announcements.digest import Gathered
from bot.core.messages import Delivery, Reply
from bot.core.work.digest_lane import DigestLane
from bot.store import Store
from tests.contract.notice_builders import a_notice, planned, step
from tests.contract.store_builders import LEASE, talk

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of November 2026 in the province; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(timezone.utc)


SUNDAY = local(22, 9)
MORNING = local(23, 7)


def follow(
    store: Store, who: str, pace: str = "daily", now: datetime = SUNDAY, **changes: Any
) -> Any:
    effect = {"effect": "subscribe", "topic": "thien-tai", "pace": pace, "consent": "1", **changes}
    return talk(store, sender=who, number=next(NUMBERS), effects=[effect], now=now, channel="web")


NUMBERS = iter(range(10_000))


def render(gathered: Sequence[Gathered]) -> Reply:
    lines = [
        each.announcement.title
        + (f" (đính chính: {each.correction.code})" if each.correction else "")
        for each in gathered
    ]
    return Reply("\n".join(lines))


def look(store: Store, now: datetime) -> int:
    """One look of the worker's lane."""
    return DigestLane(store.digests, render, ZONE).step(lambda: now, lambda: None)


def send(store: Store, now: datetime) -> list[str]:
    """Send everything due; return the messages."""
    told: list[Delivery] = []
    while batch := store.deliveries.claim(now, "lane", "web", 50, LEASE):
        for each in batch:
            assert store.deliveries.sent(each, None, now)
        told += batch
    return [each.reply.text for each in told]


def out(store: Store, title: str, now: datetime = SUNDAY, **changes: Any) -> Any:
    draft = planned(store, a_notice(title=title, **changes), now)
    step(store, now)
    return draft
