"""Messages, turns and citizens with defaults, for the store's tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from bot.core.announcements.announcement import Announcement
from bot.core.messages import Citizen, Claimed, Inbound, InboundKind, Reply, Turn
from bot.store import Store

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=timezone.utc)
LEASE = timedelta(seconds=30)


def later(**duration: float) -> datetime:
    return NOW + timedelta(**duration)


def a_message(number: int = 1, sender: str = "lan", **changes: Any) -> Inbound:
    values = {
        "channel": "zalo",
        "message_id": f"{sender}-{number}",
        "sender_id": sender,
        "kind": InboundKind.TEXT,
        "sent_at": NOW,
        "text": f"câu {number}",
        **changes,
    }
    return Inbound(**values)


def a_turn(*texts: str, effects: Any = (), **changes: Any) -> Turn:
    return Turn(tuple(Reply(text) for text in texts), effects=tuple(effects), **changes)


def claim_one(store: Store, now: datetime = NOW, owner: str = "w1") -> Claimed:
    (claimed,) = store.journal.claim(now, owner, 1, LEASE)
    return claimed


def talk(
    store: Store,
    *texts: str,
    number: int = 1,
    sender: str = "lan",
    effects: Any = (),
    **changes: Any,
) -> Citizen:
    """One whole turn: the citizen writes, we answer ``texts`` and apply ``effects``."""
    now = changes.pop("now", NOW)
    store.journal.receive([a_message(number, sender, **changes)], now)
    claimed = claim_one(store, now)
    assert store.journal.settle(claimed, a_turn(*texts, effects=effects), now)
    return claimed.citizen


def follow(
    store: Store, sender: str, topic: str = "thien-tai", area: str = "", **changes: Any
) -> Citizen:
    effect = {"effect": "subscribe", "topic": topic, "area": area}
    return talk(
        store, sender=sender, number=changes.pop("number", 900), effects=[effect], **changes
    )


def publish(store: Store, **changes: Any) -> Announcement:
    values: dict[str, Any] = {
        "topic": "thien-tai",
        "title": "Mưa lớn",
        "body": "Chiều nay mưa lớn.",
        "issuer": "Đài Khí tượng",
        "now": NOW,
        **changes,
    }
    return store.announcements.publish(**values)


def plan(store: Store, announcement: Announcement, batch: int = 2000) -> None:
    for _ in store.notices.plan(announcement, a_notice(announcement), NOW, batch=batch):
        pass


def a_notice(announcement: Announcement) -> Reply:
    return Reply(announcement.title, meta={"notice_id": announcement.id})


def texts(entries: Any) -> list[str]:
    return [entry.reply.text for entry in entries]


def lease_deliveries(
    store: Store, channel: str = "zalo", limit: int = 10, now: datetime = NOW
) -> Any:
    return store.deliveries.claim(now, "lane", channel, limit, LEASE)
