"""The webhook events in the shapes of the documents, one builder a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.simulator.account import Account
from tests.simulator.person import Person, new_id

Event = dict[str, Any]
Fields = Mapping[str, Any]


def from_person(account: Account, person: Person, name: str, message: Fields) -> Event:
    """Return an event of something a person did in the chat."""
    return {
        "event_name": name,
        "sender": {"id": person.user_id},
        "recipient": {"id": account.oa_id},
        "user_id_by_app": person.id_by_app,
        "message": {"msg_id": new_id(), **message},
    }


def from_account(
    account: Account, person: Person, name: str, message: Fields, admin_id: str = ""
) -> Event:
    """Return an event about something the account sent; ``admin_id`` if a human did."""
    return {
        "event_name": name,
        "sender": {"id": account.oa_id, **({"admin_id": admin_id} if admin_id else {})},
        "recipient": {"id": person.user_id},
        "user_id_by_app": person.id_by_app,
        "message": dict(message),
    }


def following(account: Account, person: Person, name: str, source: str = "oa_profile") -> Event:
    """Return ``follow`` or ``unfollow``."""
    return {
        "oa_id": account.oa_id,
        "event_name": name,
        "follower": {"id": person.user_id},
        "user_id_by_app": person.id_by_app,
        "source": source,
    }


def chat_begun(account: Account, person: Person) -> Event:
    """Return ``user_click_chatnow``."""
    return {
        "oa_id": account.oa_id,
        "user_id": person.user_id,
        "user_id_by_app": person.id_by_app,
        "event_name": "user_click_chatnow",
    }


def info_submitted(account: Account, person: Person, info: Fields) -> Event:
    """Return ``user_submit_info``, the answer to ``request_user_info``."""
    return {
        "event_name": "user_submit_info",
        "sender": {"id": person.user_id},
        "recipient": {"id": account.oa_id},
        "info": dict(info),
    }


def reaction(account: Account, person: Person, message_id: str, icon: str) -> Event:
    """Return ``user_reacted_message``."""
    message = {"msg_id": message_id, "react_icon": icon}
    return from_person(account, person, "user_reacted_message", message)


def anonymous(account: Account, visitor: str, conversation: str, name: str, part: Fields) -> Event:
    """Return an event of a visitor without a Zalo account."""
    return {
        "event_name": name,
        "sender": {"id": visitor},
        "recipient": {"id": account.oa_id},
        "message": {"msg_id": new_id(), "conversation_id": conversation, **part},
    }


def management(account: Account, name: str, **fields: Any) -> Event:
    """Return an event about the account itself."""
    return {"oa_id": account.oa_id, "event_name": name, **fields}


def attached(kind: str, payload: Fields, text: str = "") -> dict[str, Any]:
    """Return a message with one attachment."""
    message: dict[str, Any] = {"attachments": [{"type": kind, "payload": dict(payload)}]}
    return {**message, "text": text} if text else message


def _media(url: str) -> dict[str, dict[str, Any]]:
    card = '{"phone":"84912345678","qrCodeUrl":"' + url + '"}'
    link = {"url": "https://dichvucong.gov.vn", "description": "DVC", "thumbnail": url}
    place = {"coordinates": {"latitude": "10.5361", "longitude": "106.4051"}}
    file = {"url": url, "name": "don.docx", "size": "1024", "type": "docx"}
    return {
        "user_send_image": attached("image", {"thumbnail": url, "url": url}),
        "user_send_gif": attached("gif", {"thumbnail": url, "url": url}),
        "user_send_link": attached("link", link),
        "user_send_audio": attached("audio", {"url": url}),
        "user_send_video": attached("video", {"url": url, "thumbnail": url, "description": ""}),
        "user_send_sticker": attached("sticker", {"url": url, "id": "46990"}),
        "user_send_location": attached("location", place),
        "user_send_file": attached("file", {**file, "checksum": "0" * 32}),
        "user_send_business_card": attached(
            "link", {"url": url, "thumbnail": url, "description": card}, "Lan"
        ),
    }


ECHOES = (
    "oa_send_text", "oa_send_image", "oa_send_gif", "oa_send_list", "oa_send_file",
    "oa_send_sticker", "oa_send_template",
)  # fmt: skip
CALLS_AND_GROUPS = (
    "oa_send_consent", "user_reply_consent", "oa_call_user", "user_call_oa", "create_group",
    "delete_group", "update_group_info", "user_join_group", "user_out_group",
    "user_request_join_group", "accept_request_join_group", "reject_request_join_group",
    "add_group_admin", "remove_group_admin", "user_send_group_text", "oa_send_group_text",
)  # fmt: skip
TEMPLATE_NEWS = (
    "change_template_status", "change_template_quality", "change_template_quota",
    "change_oa_daily_quota", "change_oa_template_tags", "event_journey_time_out",
    "event_journey_acknowledged",
)  # fmt: skip
ANONYMOUS = tuple(f"anonymous_send_{kind}" for kind in ("text", "image", "file", "sticker"))
INTERACTING = ("user_send_", "user_click_chatnow", "user_call_oa", "follow")
INFO = {
    "name": "Nguyễn Văn An",
    "phone": "84912345678",
    "user_dob": "30/10/1999",
    "gender": "Nam",
    "full_address": {"user_city": "Tây Ninh", "user_ward": "Long An", "user_address": "12 ấp 3"},
}

Builder = Callable[[Account, Person, str], Event]


def builders() -> dict[str, Builder]:
    """Return how to build a sample of every event, by name; the text is a media address."""
    return {
        "user_send_text": lambda a, p, url: from_person(a, p, "user_send_text", {"text": "#test"}),
        **{name: _message_builder(name) for name in _media("")},
        **{name: _echo_builder(name) for name in ECHOES},
        "user_received_message": lambda a, p, url: from_account(
            a, p, "user_received_message", {"msg_id": new_id()}
        ),
        "user_seen_message": lambda a, p, url: from_account(
            a, p, "user_seen_message", {"msg_ids": [new_id(), new_id()]}
        ),
        "user_reacted_message": lambda a, p, url: reaction(a, p, new_id(), "/-heart"),
        "oa_reacted_message": lambda a, p, url: from_account(
            a, p, "oa_reacted_message", {"msg_id": new_id(), "react_icon": "/-heart"}
        ),
        "follow": lambda a, p, url: following(a, p, "follow"),
        "unfollow": lambda a, p, url: following(a, p, "unfollow"),
        "user_click_chatnow": lambda a, p, url: chat_begun(a, p),
        "user_submit_info": lambda a, p, url: info_submitted(a, p, INFO),
        **{name: _anonymous_builder(name) for name in ANONYMOUS},
        **_management_builders(),
        **{name: _plain_builder(name) for name in (*CALLS_AND_GROUPS, *TEMPLATE_NEWS)},
        **_template_builders(),
    }


def _message_builder(name: str) -> Builder:
    return lambda a, p, url: from_person(a, p, name, _media(url)[name])


def _echo_builder(name: str) -> Builder:
    def build(account: Account, person: Person, url: str) -> Event:
        template = attached(
            "template", {"zinstant_id": "1", "text": "", "link_url": url, "checksum": ""}
        )
        part = template if name == "oa_send_template" else {"text": "Dạ"}
        return from_account(account, person, name, {"msg_id": new_id(), **part}, "6" * 16)

    return build


def _anonymous_builder(name: str) -> Builder:
    def build(account: Account, person: Person, url: str) -> Event:
        kind = name.rpartition("_")[2]
        part = {"text": "#test"} if kind == "text" else attached(kind, {"url": url})
        return anonymous(account, "7" + person.user_id[1:], new_id(), name, part)

    return build


def _plain_builder(name: str) -> Builder:
    return lambda a, p, url: management(a, name, user_id=p.user_id)


def _management_builders() -> dict[str, Builder]:
    def tag(name: str) -> Builder:
        return lambda a, p, url: management(
            a, name, tag={"user_ids": [p.user_id], "name": "quan tâm"}
        )

    return {
        "add_user_to_tag": tag("add_user_to_tag"),
        "remove_user_from_tag": tag("remove_user_from_tag"),
        "remove_tag": lambda a, p, url: management(a, "remove_tag", tag={"name": "quan tâm"}),
        "update_user_info": lambda a, p, url: management(
            a, "update_user_info", data={"method": "update"}, user_id=p.user_id
        ),
        "user_withdraw": lambda a, p, url: management(a, "user_withdraw", user_id=p.user_id),
        "extension_purchased": _plain_builder("extension_purchased"),
        "widget_interaction_accepted": lambda a, p, url: management(
            a,
            "widget_interaction_accepted",
            data={"user_id": p.user_id, "user_external_id": "", "url": url},
        ),
        "widget_failed_to_sync_user_external_id": _plain_builder(
            "widget_failed_to_sync_user_external_id"
        ),
        "shop_has_order": _plain_builder("shop_has_order"),
    }


def _template_builders() -> dict[str, Builder]:
    return {
        "user_feedback": lambda a, p, url: management(
            a,
            "user_feedback",
            message={
                "msg_id": new_id(), "tracking_id": "t1", "rate": 5, "note": "", "feedbacks": [],
                "rating_type": "", "option": "", "submit_time": "",
            },
        ),
        "user_click_response_button": lambda a, p, url: management(
            a,
            "user_click_response_button",
            msg_id=new_id(),
            message={"submit_time": "", "button_type": "", "data": "", "tracking_id": "t1"},
        ),
    }  # fmt: skip


BUILDERS = builders()
