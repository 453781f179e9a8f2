"""From a verified webhook body to what a citizen did.

https://developers.zalo.me/docs/official-account/webhook
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.channels.zalo import envelope
from bot.channels.zalo.envelope import Malformed
from bot.core.channel import Receipted, Webhook
from bot.core.messages import Inbound, InboundKind

NAME = "zalo"
IGNORED = Webhook(200, "ignored")
MOST_ATTACHMENTS = 10  # of one event; phones send one

_KINDS = {
    "user_send_text": InboundKind.TEXT,
    "user_send_image": InboundKind.IMAGE,
    "user_send_gif": InboundKind.IMAGE,
    "user_send_sticker": InboundKind.STICKER,
    "user_send_location": InboundKind.LOCATION,
    "user_send_audio": InboundKind.OTHER,
    "user_send_video": InboundKind.OTHER,
    "user_send_file": InboundKind.OTHER,
    "user_send_link": InboundKind.OTHER,
    "user_send_business_card": InboundKind.OTHER,
}
_FOLLOWING = {"follow": InboundKind.FOLLOW, "unfollow": InboundKind.UNFOLLOW}
_RECEIPTS = ("user_received_message", "user_seen_message")
NAMES = (*_KINDS, *_FOLLOWING, *_RECEIPTS)  # every event that is not ignored


def understand(data: Mapping[str, Any], oa_id: str, now: datetime) -> Webhook:
    """Return what the event means for the desk. Raises Malformed when it is not as documented.

    Echoes, anonymous visitors, groups, calls and names we do not know are ignored, and so is
    every event of another account when ``oa_id`` is set.
    """
    name = envelope.text(data, "event_name")
    data = {**data, "event_name": name}  # as compared here: a NUL in it would not be found below
    if name in _KINDS:
        return _when_ours(_message, data, oa_id, now)
    if name in _FOLLOWING:
        return _when_ours(_following, data, oa_id, now)
    if name in _RECEIPTS:
        return _when_ours(_receipts, data, oa_id, now)
    return IGNORED


_Reader = Callable[[Mapping[str, Any], str, datetime], Webhook]


def _when_ours(read: _Reader, data: Mapping[str, Any], oa_id: str, now: datetime) -> Webhook:
    account = _account(data)
    return read(data, account, now) if oa_id in ("", account) else IGNORED


def _account(data: Mapping[str, Any]) -> str:
    name = envelope.text(data, "event_name")
    if name in _FOLLOWING:
        return envelope.identifier(data, "oa_id")
    side = "sender" if name in _RECEIPTS else "recipient"
    return envelope.identifier(envelope.part(data, side), "id")


def _message(data: Mapping[str, Any], account: str, now: datetime) -> Webhook:
    message = envelope.part(data, "message")
    sender = envelope.identifier(envelope.part(data, "sender"), "id")
    inbound = Inbound(
        channel=NAME,
        message_id=_message_id(data, message, sender),
        sender_id=sender,
        kind=_KINDS[data["event_name"]],
        sent_at=envelope.sent_at(data, now),
        account_id=account,
    )
    return Webhook(200, "accepted", tuple(_filled(inbound, message)))


def _filled(inbound: Inbound, message: Mapping[str, Any]) -> Iterator[Inbound]:
    """Add what the citizen sent; what cannot be read becomes OTHER and is answered politely."""
    if inbound.kind is InboundKind.TEXT:
        yield replace(inbound, text=envelope.text(message, "text"))
    elif inbound.kind is InboundKind.IMAGE:
        yield from _pictures(inbound, message)
    elif inbound.kind is InboundKind.LOCATION:
        yield _located(inbound, message)
    else:
        yield inbound


def _pictures(inbound: Inbound, message: Mapping[str, Any]) -> Iterator[Inbound]:
    urls = [envelope.web_address(payload, "url") for payload in _payloads(message)]
    usable = [url for url in urls if url]
    caption = envelope.text(message, "text")
    for number, url in enumerate(usable, start=1):
        message_id = inbound.message_id if number == 1 else f"{inbound.message_id}.{number}"
        text = caption if number == 1 else ""
        yield replace(inbound, message_id=message_id, media_url=url, text=text)
    if not usable:
        yield replace(inbound, kind=InboundKind.OTHER)


def _located(inbound: Inbound, message: Mapping[str, Any]) -> Inbound:
    # The documents show both places.
    places = [payload.get("coordinates") for payload in _payloads(message)]
    for place in (*places, message.get("location")):
        if isinstance(place, dict):
            latitude = envelope.degrees(place, "latitude", 90)
            longitude = envelope.degrees(place, "longitude", 180)
            if latitude is not None and longitude is not None:
                return replace(inbound, latitude=latitude, longitude=longitude)
    return replace(inbound, kind=InboundKind.OTHER)


def _payloads(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    attachments = message.get("attachments")
    for attachment in attachments[:MOST_ATTACHMENTS] if isinstance(attachments, list) else ():
        payload = attachment.get("payload") if isinstance(attachment, dict) else None
        if isinstance(payload, dict):
            yield payload


def _following(data: Mapping[str, Any], account: str, now: datetime) -> Webhook:
    follower = envelope.identifier(envelope.part(data, "follower"), "id")
    inbound = Inbound(
        channel=NAME,
        message_id=_derived_id(data, follower),
        sender_id=follower,
        kind=_FOLLOWING[data["event_name"]],
        sent_at=envelope.sent_at(data, now),
        account_id=account,
    )
    return Webhook(200, "accepted", (inbound,))


def _receipts(data: Mapping[str, Any], account: str, now: datetime) -> Webhook:
    message = envelope.part(data, "message")
    ids = message.get("msg_ids", [])
    if not isinstance(ids, list):
        raise Malformed("msg_ids")
    found = [envelope.identifier({"id": item}, "id") for item in ids]
    if "msg_id" in message:
        found.append(envelope.identifier(message, "msg_id"))
    receipts = tuple(Receipted(item) for item in dict.fromkeys(found))
    return Webhook(200, "accepted", receipts=receipts) if receipts else IGNORED


def _message_id(data: Mapping[str, Any], message: Mapping[str, Any], sender: str) -> str:
    if message.get("msg_id"):
        return envelope.identifier(message, "msg_id")
    return _derived_id(data, sender)


def _derived_id(data: Mapping[str, Any], person: str) -> str:
    """Return the same key for the same event each time the platform repeats it."""
    parts = (data["event_name"], envelope.text(data, "timestamp"), person)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
