"""Every event the platform documents has one line in the table, and does what it should."""

from __future__ import annotations

import json

import pytest

from bot.channels.zalo import events
from bot.core.messages import InboundKind
from tests.contract.channel_samples import NOW, ZALO, signed, zalo
from tests.simulator import Simulator
from tests.simulator.events import BUILDERS

STAMP = "1790000000000"
PERSON = "2000000000000000002"
KINDS = {
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
    "follow": InboundKind.FOLLOW,
    "unfollow": InboundKind.UNFOLLOW,
    "user_click_chatnow": InboundKind.OPENED,
    "user_submit_info": InboundKind.SHARED,
    "user_withdraw": InboundKind.WITHDRAW,
}
IGNORED = {
    "reaction": "user_reacted_message oa_reacted_message",
    "obsolete": "user_click_button user_click_link",
    "management": "add_user_to_tag remove_user_from_tag remove_tag update_user_info "
    "extension_purchased shop_has_order",
    "widget": "widget_interaction_accepted widget_failed_to_sync_user_external_id",
    "permission": "permission_granted permission_revoked",
    "quota": "change_oa_daily_quota",
    "template": "user_feedback user_click_response_button change_template_status "
    "change_template_quality change_template_quota change_oa_template_tags",
    "journey": "event_journey_time_out event_journey_acknowledged",
    "call": "oa_send_consent user_reply_consent oa_call_user user_call_oa",
    "group": "create_group delete_group update_group_info user_join_group user_out_group "
    "user_request_join_group accept_request_join_group reject_request_join_group "
    "add_group_admin remove_group_admin user_send_group_text user_send_group_image "
    "oa_send_group_text oa_send_group_file",
    "anonymous": "anonymous_send_voice",
    "unknown": "user_send_smell something_new",
}
VISITORS = {
    "anonymous_send_text": InboundKind.TEXT,
    "anonymous_send_image": InboundKind.IMAGE,
    "anonymous_send_sticker": InboundKind.STICKER,
    "anonymous_send_file": InboundKind.OTHER,
}
ECHOES = "text image gif list file sticker template".split()
RECEIPTS = ("user_received_message", "user_seen_message")


def receive(name, *, stamp=STAMP, **parts):
    """Hand one signed event to the channel; every side a family may use is there."""
    event = {
        "app_id": ZALO.app_id,
        "event_name": name,
        "oa_id": ZALO.oa_id,
        "user_id": PERSON,
        "timestamp": stamp,
        **parts,
    }
    body = json.dumps(event).encode()
    return zalo().receive(signed(body, str(stamp)), body, NOW)


def from_citizen(name):
    """Return the parts of an event by a citizen, as its family writes them."""
    if name in ("follow", "unfollow"):
        return {"follower": {"id": PERSON}}
    if name in ("user_click_chatnow", "user_withdraw"):
        return {}
    place = {"latitude": "10.5", "longitude": "106.4"}
    payload = {"url": "https://a.zdn.vn/a", "coordinates": place}
    message = {"msg_id": "m1", "text": "a", "attachments": [{"type": "x", "payload": payload}]}
    return {"sender": {"id": PERSON}, "recipient": {"id": ZALO.oa_id}, "message": message}


def from_account(**sender):
    return {"sender": {"id": ZALO.oa_id, **sender}, "recipient": {"id": PERSON}}


@pytest.mark.parametrize(("name", "seen"), [(RECEIPTS[0], False), (RECEIPTS[1], True)])
def test_seen_says_more_than_received(name, seen):
    ids = {"msg_ids": ["m1", "m2"]} if seen else {"msg_id": "m1"}
    sides = {"sender": {"id": ZALO.oa_id}, "recipient": {"id": PERSON}}

    receipts = receive(name, **sides, message=ids).receipts

    assert [(each.platform_message_id, each.seen) for each in receipts] == (
        [("m1", True), ("m2", True)] if seen else [("m1", False)]
    )


@pytest.mark.parametrize("stamp", [STAMP, int(STAMP)])
@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_what_a_citizen_does_reaches_the_desk(name, kind, stamp):
    webhook = receive(name, stamp=stamp, **from_citizen(name))

    (inbound,) = webhook.inbounds
    assert webhook.outcome == "accepted"
    assert (inbound.kind, inbound.sender_id) == (kind, PERSON)
    assert (inbound.account_id, inbound.sent_at.year) == (ZALO.oa_id, 2026)


@pytest.mark.parametrize(("name", "kind"), VISITORS.items())
def test_what_a_visitor_sends_reaches_the_desk_on_a_channel_of_its_own(name, kind):
    event = from_citizen(name)
    event["message"]["conversation_id"] = "c1"

    webhook = receive(name, **event)

    (inbound,) = webhook.inbounds
    assert (webhook.channel, inbound.channel) == ("zalo-visitors", "zalo-visitors")
    assert (inbound.kind, inbound.sender_id) == (kind, f"{PERSON}/c1")


@pytest.mark.parametrize("conversation", [None, "", "a/b"])
def test_a_visitor_who_could_not_be_answered_is_malformed(conversation):
    event = from_citizen("anonymous_send_text")
    event["message"]["conversation_id"] = conversation

    assert receive("anonymous_send_text", **event).outcome == "malformed"


@pytest.mark.parametrize("kind", ["text", "image", "file", "sticker"])
def test_the_echo_of_an_answer_to_a_visitor_names_the_conversation(kind):
    message = {"msg_id": "e1", "text": "Dạ", "conversation_id": "c1"}

    webhook = receive(f"oa_send_anonymous_{kind}", **from_account(), message=message)

    assert webhook.channel == "zalo-visitors"
    assert [echo.recipient_id for echo in webhook.echoes] == [f"{PERSON}/c1"]


@pytest.mark.parametrize(
    ("name", "reason"), [(name, why) for why, names in IGNORED.items() for name in names.split()]
)
def test_the_rest_is_acknowledged_with_a_reason(name, reason):
    webhook = receive(name)

    assert (webhook.status, webhook.outcome, webhook.reason) == (200, "ignored", reason)
    assert not webhook.holds_something


@pytest.mark.parametrize("kind", ECHOES)
def test_an_echo_tells_staff_from_ourselves(kind):
    message = {"msg_id": "e1", "text": "Dạ"}

    staff = receive(f"oa_send_{kind}", **from_account(admin_id="5"), message=message)
    own = receive(f"oa_send_{kind}", **from_account(), message=message)

    assert (staff.outcome, [echo.by_staff for echo in staff.echoes]) == ("accepted", [True])
    assert (own.outcome, [echo.by_staff for echo in own.echoes]) == ("ignored", [False])


@pytest.mark.parametrize("message", [{"msg_id": "a"}, {"msg_ids": ["a"]}, {"msg_ids": [1, "a"]}])
@pytest.mark.parametrize("name", RECEIPTS)
def test_receipts_are_read_in_both_shapes(name, message):
    webhook = receive(name, **from_account(), message=message)

    assert webhook.receipts[-1].platform_message_id == "a"


def test_a_receipt_without_a_message_settles_nothing():
    assert receive(RECEIPTS[0], **from_account(), message={}).reason == "no_message"


def test_this_file_and_the_table_name_the_same_events():
    here = {
        *KINDS,
        *VISITORS,
        *RECEIPTS,
        *(name for names in IGNORED.values() for name in names.split()),
    }
    families = {name for name in here if name.startswith(tuple(events.FAMILIES))}
    families -= set(VISITORS)

    assert set(events.TABLE) <= here
    assert here - families - set(IGNORED["unknown"].split()) <= set(events.TABLE)


def test_two_events_without_a_time_are_told_apart_and_repeats_are_not():
    first = receive("follow", stamp="", follower={"id": "1"}, source="oa_profile")
    again = receive("follow", stamp="", follower={"id": "1"}, source="oa_profile")
    other = receive("follow", stamp="", follower={"id": "1"}, source="social_plugin")

    ids = [webhook.inbounds[0].message_id for webhook in (first, again, other)]
    assert ids[0] == ids[1] != ids[2]


def test_who_wants_to_be_forgotten_and_names_nobody_is_reported(caplog):
    webhook = receive("user_withdraw", user_id=None)

    assert (webhook.outcome, webhook.reason) == ("malformed", "sender")
    assert "event=zalo_withdraw_unreadable" in caplog.text


def test_shared_particulars_stay_outside():
    webhook = receive("user_submit_info", **from_citizen(""), info={"name": "A", "phone": 84})

    assert "84" not in repr(webhook.inbounds[0].text)
    assert webhook.inbounds[0].text == ""


@pytest.mark.parametrize("name", BUILDERS)
def test_every_event_the_simulated_platform_knows_has_its_line(name):
    webhooks = []

    def desk(headers, body):
        webhooks.append(zalo().receive(headers, body, NOW))
        return webhooks[-1].status

    with Simulator(desk) as platform:
        event = BUILDERS[name](platform.account, platform.world.person(PERSON), platform.url)
        platform.webhooks.post(event)

    (webhook,) = webhooks
    assert webhook.outcome in ("accepted", "ignored")
    assert webhook.reason != "unknown"
