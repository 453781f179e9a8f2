"""What a citizen sent, event by event, as ``Inbound`` values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.channels import envelope
from bot.channels.envelope import Malformed
from bot.core.messages import Inbound, InboundKind

BETWEEN = "/"  # a visitor's id and the conversation's
MOST_ATTACHMENTS = 10  # of one event; phones send one


def message(
    data: Mapping[str, Any], kind: InboundKind, account: str, now: datetime, channel: str
) -> tuple[Inbound, ...]:
    """Return what a ``user_send_*`` event holds; what cannot be read is OTHER."""
    held = envelope.part(data, "message")
    inbound = _inbound(data, kind, account, now, channel)
    if held.get("msg_id"):
        inbound = replace(inbound, message_id=envelope.identifier(held, "msg_id"))
    return tuple(_filled(inbound, held))


def visitor(
    data: Mapping[str, Any], kind: InboundKind, account: str, now: datetime, channel: str
) -> tuple[Inbound, ...]:
    """Return what an ``anonymous_send_*`` event holds, from a visitor in one conversation."""
    conversation = envelope.identifier(envelope.part(data, "message"), "conversation_id")
    found = message(data, kind, account, now, channel)
    return tuple(
        replace(each, sender_id=visitor_id(each.sender_id, conversation)) for each in found
    )


def recipient(data: Mapping[str, Any]) -> str:
    """Return whom the account wrote to."""
    return envelope.identifier(envelope.part(data, "recipient"), "id")


def visitor_recipient(data: Mapping[str, Any]) -> str:
    """Return which visitor the account wrote to."""
    conversation = envelope.identifier(envelope.part(data, "message"), "conversation_id")
    return visitor_id(recipient(data), conversation)


def visitor_id(anonymous_id: str, conversation_id: str) -> str:
    """Return one name for both ids. Raises Malformed if they could not be told apart again.

    >>> visitor_id("7000000000000000007", "c0ffee")
    '7000000000000000007/c0ffee'
    """
    if BETWEEN in anonymous_id or BETWEEN in conversation_id:
        raise Malformed("conversation_id")
    return f"{anonymous_id}{BETWEEN}{conversation_id}"


def act(
    data: Mapping[str, Any], kind: InboundKind, account: str, now: datetime, channel: str
) -> tuple[Inbound, ...]:
    """Return an event without a message: following, opening the chat, asking to be forgotten."""
    return (_inbound(data, kind, account, now, channel),)


def _inbound(
    data: Mapping[str, Any], kind: InboundKind, account: str, now: datetime, channel: str
) -> Inbound:
    person = _person(data)
    return Inbound(
        channel=channel,
        message_id=_derived_id(data, person),
        sender_id=person,
        kind=kind,
        sent_at=envelope.sent_at(data, now),
        account_id=account,
    )


def _person(data: Mapping[str, Any]) -> str:
    """Return the citizen's id; each family of events keeps it in another place."""
    for name in ("sender", "follower"):
        if isinstance(data.get(name), dict):
            return envelope.identifier(envelope.part(data, name), "id")
    flat = data if data.get("user_id") else data.get("data")
    if not isinstance(flat, dict):
        raise Malformed("sender")
    return envelope.identifier(flat, "user_id")


def _derived_id(data: Mapping[str, Any], person: str) -> str:
    """Return the same key for the same event each time the platform repeats it."""
    stamp = envelope.text(data, "timestamp") or json.dumps(data, sort_keys=True)
    parts = (envelope.text(data, "event_name"), stamp, person)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _filled(inbound: Inbound, held: Mapping[str, Any]) -> Iterator[Inbound]:
    if inbound.kind is InboundKind.TEXT:
        yield replace(inbound, text=envelope.text(held, "text"))
    elif inbound.kind is InboundKind.IMAGE:
        yield from _pictures(inbound, held)
    elif inbound.kind is InboundKind.LOCATION:
        yield _located(inbound, held)
    else:
        yield inbound


def _pictures(inbound: Inbound, held: Mapping[str, Any]) -> Iterator[Inbound]:
    urls = [envelope.web_address(payload, "url") for payload in _payloads(held)]
    usable = [url for url in urls if url]
    caption = envelope.text(held, "text")
    for number, url in enumerate(usable, start=1):
        message_id = inbound.message_id if number == 1 else f"{inbound.message_id}.{number}"
        text = caption if number == 1 else ""
        yield replace(inbound, message_id=message_id, media_url=url, text=text)
    if not usable:
        yield replace(inbound, kind=InboundKind.OTHER)


def _located(inbound: Inbound, held: Mapping[str, Any]) -> Inbound:
    # The documents show both places.
    places = [payload.get("coordinates") for payload in _payloads(held)]
    for place in (*places, held.get("location")):
        if isinstance(place, dict):
            latitude = envelope.degrees(place, "latitude", 90)
            longitude = envelope.degrees(place, "longitude", 180)
            if latitude is not None and longitude is not None:
                return replace(inbound, latitude=latitude, longitude=longitude)
    return replace(inbound, kind=InboundKind.OTHER)


def _payloads(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    attachments = held.get("attachments")
    for attachment in attachments[:MOST_ATTACHMENTS] if isinstance(attachments, list) else ():
        payload = attachment.get("payload") if isinstance(attachment, dict) else None
        if isinstance(payload, dict):
            yield payload


def words(held: Mapping[str, Any]) -> str:
    """Return the text of a message, also where a template keeps it in its attachment."""
    if held.get("text"):
        return envelope.text(held, "text")
    return next((envelope.text(payload, "text") for payload in _payloads(held)), "")
