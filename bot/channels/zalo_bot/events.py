"""From an update to what it means for the desk: one table, one line per event.

https://bot.zaloplatforms.com/docs/webhook

An update is ``{"event_name", "message"}``. The documents wrap it in ``{"ok", "result"}``; bots in
service see it bare, so both are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.channels import envelope
from bot.channels.envelope import Malformed
from bot.core.channel import Webhook
from bot.core.messages import Inbound, InboundKind

NAME = "zalo_bot"
# Files, and everything of people the platform protects (children and others); the latter may come
# without a message, so there is nobody to answer.
UNSUPPORTED = "message.unsupported.received"

TABLE: Mapping[str, InboundKind] = {
    "message.text.received": InboundKind.TEXT,
    "message.link.received": InboundKind.TEXT,
    "message.image.received": InboundKind.IMAGE,
    "message.sticker.received": InboundKind.STICKER,
    "message.voice.received": InboundKind.OTHER,
    UNSUPPORTED: InboundKind.OTHER,
}
IGNORED: Mapping[str, str] = {"message.reaction.received": "reaction"}


def read(body: bytes, now: datetime) -> Webhook:
    """Return what a body that was verified before means; never raises."""
    try:
        return understand(_bare(envelope.read_body(body)), now)
    except Malformed as error:
        return Webhook(200, "malformed", reason=error.reason)


def understand(update: Mapping[str, Any], now: datetime) -> Webhook:
    """Return what one update means. Raises Malformed when it is not as documented."""
    name = envelope.text(update, "event_name")
    if not name:
        raise Malformed("event_name")
    kind = TABLE.get(name)
    if kind is None:
        return Webhook(200, "ignored", reason=IGNORED.get(name, "unknown"))
    if name == UNSUPPORTED and not _names_chat(update):
        return Webhook(200, "ignored", reason="protected")
    message = envelope.part(update, "message")
    if reason := _unwelcome(message):
        return Webhook(200, "ignored", reason=reason)
    inbound = Inbound(
        channel=NAME,
        message_id=envelope.identifier(message, "message_id"),
        sender_id=envelope.identifier(envelope.part(message, "chat"), "id"),
        kind=kind,
        sent_at=envelope.sent_at({"timestamp": message.get("date")}, now),
    )
    return Webhook(200, "accepted", (_filled(inbound, message),))


def _bare(data: Mapping[str, Any]) -> Mapping[str, Any]:
    wrapped = data.get("result")
    return wrapped if isinstance(wrapped, dict) and "event_name" not in data else data


def _names_chat(update: Mapping[str, Any]) -> bool:
    message = update.get("message")
    return isinstance(message, dict) and isinstance(message.get("chat"), dict)


def _unwelcome(message: Mapping[str, Any]) -> str:
    """Return why a message gets no answer, empty when it does.

    Answers may hold a citizen's own dossier, so the desk is silent in groups.
    """
    chat, sender = message.get("chat"), message.get("from")
    if isinstance(chat, dict) and chat.get("chat_type") not in (None, "PRIVATE"):
        return "group"
    return "bot" if isinstance(sender, dict) and sender.get("is_bot") is True else ""


def _filled(inbound: Inbound, message: Mapping[str, Any]) -> Inbound:
    words = envelope.text(message, "text")
    if inbound.kind is InboundKind.TEXT and (words or "text" in message):
        return replace(inbound, text=words)
    if inbound.kind is InboundKind.IMAGE:
        url = envelope.web_address(message, "photo") or envelope.web_address(message, "photo_url")
        if url:
            caption = envelope.text(message, "caption")
            return replace(inbound, media_url=url, text=caption)
    if inbound.kind is InboundKind.STICKER:
        return inbound
    return replace(inbound, kind=InboundKind.OTHER)
