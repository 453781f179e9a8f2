"""From a verified webhook body to what it means for the desk: one table, one line per event.

https://developers.zalo.me/docs/official-account/webhook
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from bot.channels import envelope
from bot.channels.envelope import Malformed
from bot.channels.zalo import said
from bot.core.channel import Echo, Receipted, Webhook, visitors_of
from bot.core.messages import Inbound, InboundKind

log = logging.getLogger(__name__)

NAME = "zalo"
_WITHDRAW = "user_withdraw"
_Reader = Callable[["Call"], Webhook]
_Says = Callable[[Mapping[str, Any], InboundKind, str, datetime, str], tuple[Inbound, ...]]


@dataclass(frozen=True)
class Call:
    """One event with what is known about it: its account, when it came, on which channel."""

    data: Mapping[str, Any]
    account: str
    now: datetime
    channel: str


@dataclass(frozen=True)
class Meaning:
    """What becomes of an event: ``read`` understands it, or it is ignored for ``reason``.

    ``side`` is where the account's id stands: ``sender``, ``recipient`` or ``oa_id``.
    ``of_visitor``: it is about somebody without a Zalo login, who belongs to another channel.
    """

    read: _Reader | None = None
    side: str = ""
    reason: str = ""
    of_visitor: bool = False


def _says(kind: InboundKind, side: str = "recipient", read: _Says = said.message) -> Meaning:
    def reader(call: Call) -> Webhook:
        inbounds = read(call.data, kind, call.account, call.now, call.channel)
        return Webhook(200, "accepted", inbounds)

    return Meaning(reader, side)


def _does(kind: InboundKind, side: str = "oa_id") -> Meaning:
    return _says(kind, side, said.act)


def _visitor_says(kind: InboundKind) -> Meaning:
    return replace(_says(kind, read=said.visitor), of_visitor=True)


def _ignored(reason: str) -> Meaning:
    return Meaning(reason=reason)


def _receipts(call: Call, *, seen: bool = False) -> Webhook:
    message = envelope.part(call.data, "message")
    ids = message.get("msg_ids", [])
    if not isinstance(ids, list):
        raise Malformed("msg_ids")
    found = [envelope.identifier({"id": item}, "id") for item in ids]
    if "msg_id" in message:
        found.append(envelope.identifier(message, "msg_id"))
    receipts = tuple(Receipted(item, seen) for item in dict.fromkeys(found))
    if not receipts:
        return Webhook(200, "ignored", reason="no_message")
    return Webhook(200, "accepted", receipts=receipts)


def _echo(call: Call, person: Callable[[Mapping[str, Any]], str] = said.recipient) -> Webhook:
    message = envelope.part(call.data, "message")
    by_staff = bool(envelope.text(envelope.part(call.data, "sender"), "admin_id"))
    echo = Echo(
        platform_message_id=envelope.identifier(message, "msg_id"),
        recipient_id=person(call.data),
        text=said.words(message),
        sent_at=envelope.sent_at(call.data, call.now),
        by_staff=by_staff,
    )
    if by_staff:
        return Webhook(200, "accepted", echoes=(echo,), reason="staff")
    return Webhook(200, "ignored", echoes=(echo,), reason="own_echo")


def _visitor_echo(call: Call) -> Webhook:
    return _echo(call, said.visitor_recipient)


_KINDS = InboundKind
TABLE: Mapping[str, Meaning] = {
    "user_send_text": _says(_KINDS.TEXT),  # button presses too
    "user_send_image": _says(_KINDS.IMAGE),
    "user_send_gif": _says(_KINDS.IMAGE),
    "user_send_sticker": _says(_KINDS.STICKER),
    "user_send_location": _says(_KINDS.LOCATION),
    "user_send_audio": _says(_KINDS.OTHER),
    "user_send_video": _says(_KINDS.OTHER),
    "user_send_file": _says(_KINDS.OTHER),
    "user_send_link": _says(_KINDS.OTHER),
    "user_send_business_card": _says(_KINDS.OTHER),
    "anonymous_send_text": _visitor_says(_KINDS.TEXT),
    "anonymous_send_image": _visitor_says(_KINDS.IMAGE),
    "anonymous_send_sticker": _visitor_says(_KINDS.STICKER),
    "anonymous_send_file": _visitor_says(_KINDS.OTHER),
    "follow": _does(_KINDS.FOLLOW),
    "unfollow": _does(_KINDS.UNFOLLOW),
    "user_click_chatnow": _does(_KINDS.OPENED),
    "user_submit_info": _does(_KINDS.SHARED, "recipient"),
    _WITHDRAW: _does(_KINDS.WITHDRAW),
    "user_received_message": Meaning(_receipts, "sender"),
    "user_seen_message": Meaning(partial(_receipts, seen=True), "sender"),
    # Marks on messages and taps the platform repeats as text anyway.
    "user_reacted_message": _ignored("reaction"),
    "oa_reacted_message": _ignored("reaction"),
    "user_click_button": _ignored("obsolete"),
    "user_click_link": _ignored("obsolete"),
    # What staff and the platform do with the account.
    "add_user_to_tag": _ignored("management"),
    "remove_user_from_tag": _ignored("management"),
    "remove_tag": _ignored("management"),
    "update_user_info": _ignored("management"),
    "extension_purchased": _ignored("management"),
    "shop_has_order": _ignored("management"),
    "widget_interaction_accepted": _ignored("widget"),
    "widget_failed_to_sync_user_external_id": _ignored("widget"),
    "permission_granted": _ignored("permission"),
    "permission_revoked": _ignored("permission"),
    "change_oa_daily_quota": _ignored("quota"),
    # Messages by phone number; they name no citizen of ours.
    "user_feedback": _ignored("template"),
    "user_click_response_button": _ignored("template"),
    "change_template_status": _ignored("template"),
    "change_template_quality": _ignored("template"),
    "change_template_quota": _ignored("template"),
    "change_oa_template_tags": _ignored("template"),
    "event_journey_time_out": _ignored("journey"),
    "event_journey_acknowledged": _ignored("journey"),
    # Calls and groups.
    "oa_send_consent": _ignored("call"),
    "user_reply_consent": _ignored("call"),
    "oa_call_user": _ignored("call"),
    "user_call_oa": _ignored("call"),
    "create_group": _ignored("group"),
    "delete_group": _ignored("group"),
    "update_group_info": _ignored("group"),
    "user_join_group": _ignored("group"),
    "user_out_group": _ignored("group"),
    "user_request_join_group": _ignored("group"),
    "accept_request_join_group": _ignored("group"),
    "reject_request_join_group": _ignored("group"),
    "add_group_admin": _ignored("group"),
    "remove_group_admin": _ignored("group"),
}
# Families, looked at in this order where the table names no single event.
FAMILIES: Mapping[str, Meaning] = {
    "user_send_group_": _ignored("group"),
    "oa_send_group_": _ignored("group"),
    "anonymous_send_": _ignored("anonymous"),
    "oa_send_anonymous_": Meaning(_visitor_echo, "sender", of_visitor=True),
    "oa_send_": Meaning(_echo, "sender"),
}
_UNKNOWN = _ignored("unknown")


def meaning_of(name: str) -> Meaning:
    """Return what an event of this name means; a name we do not know is ignored."""
    if name in TABLE:
        return TABLE[name]
    family = next((start for start in FAMILIES if name.startswith(start)), None)
    return FAMILIES[family] if family else _UNKNOWN


def account_of(data: Mapping[str, Any]) -> str:
    """Return the id of the account an event is about; empty if it names none we can read."""
    try:
        return _account(data, meaning_of(envelope.text(data, "event_name")).side or "oa_id")
    except Malformed:
        return ""


def understand(data: Mapping[str, Any], oa_id: str, now: datetime, channel: str = NAME) -> Webhook:
    """Return what the event means for the desk. Raises Malformed when it is not as documented.

    Events of another account are ignored when ``oa_id`` is set.
    """
    name = envelope.text(data, "event_name")
    meaning = meaning_of(name)
    if meaning.read is None:
        return Webhook(200, "ignored", reason=meaning.reason, channel=channel)
    # The name as compared here: a NUL in it would not be found below.
    data = {**data, "event_name": name}
    account = _account(data, meaning.side)
    if oa_id not in ("", account):
        return Webhook(200, "ignored", reason="other_account", channel=channel)
    if meaning.of_visitor:
        channel = visitors_of(channel)
    try:
        return replace(meaning.read(Call(data, account, now, channel)), channel=channel)
    except Malformed:
        if name == _WITHDRAW:  # somebody wants to be forgotten and we cannot tell who
            log.error("event=zalo_withdraw_unreadable channel=%s", channel)
        raise


def read(body: bytes, oa_id: str, now: datetime, channel: str = NAME) -> Webhook:
    """Return what a body that was verified before means; never raises."""
    try:
        return understand(envelope.read_body(body), oa_id, now, channel)
    except Malformed as error:
        return Webhook(200, "malformed", reason=error.reason, channel=channel)


def _account(data: Mapping[str, Any], side: str) -> str:
    """Return the account's id. Receipts of messages by phone number name the account flat."""
    if isinstance(data.get(side), dict):
        return envelope.identifier(envelope.part(data, side), "id")
    if data.get("oa_id"):
        return envelope.identifier(data, "oa_id")
    raise Malformed(side)
