"""Replies become delivery rows; a web page sees them at once, other channels are sent to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.core.messages import Claimed, DeliveryState, Reply
from bot.store.schema import deliveries

WEB = "web"
REPLY_PRIORITY = 0
_INSERT = deliveries.insert()


def seen_at_once(claimed: Claimed, parts: Sequence[Reply]) -> int:
    """Return how many bubbles the citizen sees as soon as they are stored."""
    return len(parts) if claimed.citizen.channel == WEB else 0


def add(
    connection: Any, claimed: Claimed, parts: Sequence[Reply], now: datetime, seqs: Sequence[int]
) -> None:
    """Write one delivery row per bubble; ``seqs`` numbers those that are seen at once."""
    if not parts:
        return
    common = {
        "channel": claimed.citizen.channel,
        "citizen_id": claimed.citizen.id,
        "kind": "reply",
        "priority": REPLY_PRIORITY,
        "inbound_id": claimed.id,
        "created_at": now,
    }
    if claimed.citizen.channel == WEB:
        fates = [{**shown(now), "seq": seq} for seq in seqs]
    else:
        fates = [{"state": DeliveryState.QUEUED.value, "due_at": now} for _ in parts]
    rows = [
        {**common, "part": part, "body": reply.as_json(), **fate}
        for part, (reply, fate) in enumerate(zip(parts, fates, strict=True))
    ]
    connection.execute(_INSERT, rows)


def shown(now: datetime) -> dict[str, Any]:
    """Return the columns of a row its citizen can see: on the web, stored is delivered."""
    return {
        "state": DeliveryState.DELIVERED.value,
        "sent_at": now,
        "delivered_at": now,
        "settled_at": now,
    }
