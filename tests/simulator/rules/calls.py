"""The account's other calls: uploads, people, quotas, reactions, anonymous answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulator.reading import is_id, is_text, obj, words
from tests.simulator.rules.message import INVALID, OVER_LIMIT, WRONG_TYPE
from tests.simulator.rules.rule import Rule

if TYPE_CHECKING:
    from tests.simulator.call import Call

MEGABYTE = 1024 * 1024
MAX_NAME, MAX_COUNT, MAX_OFFSET, MAX_CHATS = 200, 50, 9951, 10
PERIOD = re.compile(r"TODAY|YESTERDAY|L7D|L30D|\d{4}_\d{2}_\d{2}:\d{4}_\d{2}_\d{2}")
SIZES = {"image": MEGABYTE, "gif": 5 * MEGABYTE, "file": 5 * MEGABYTE}
BEGINNINGS = {
    "image": {"jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n"},
    "gif": {"gif": b"GIF8"},
    "file": {"pdf": b"%PDF", "doc": b"\xd0\xcf\x11\xe0", "docx": b"PK", "csv": b""},
}
ICONS = ("/-strong", "/-heart", ":>", "--b", ":-((", ":o", ":-h", "/-remove")
MOST_REACTIONS = 50


def ending_of(name: str) -> str:
    """Return what follows the last dot of a file name, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _wrong_type(call: Call) -> bool:
    if call.upload is None or not ending_of(call.upload.name):
        return False
    beginning = BEGINNINGS[call.last_segment].get(ending_of(call.upload.name))
    return beginning is None or not call.upload.content.startswith(beginning)


def _too_large(call: Call) -> bool:
    return call.upload is not None and len(call.upload.content) > SIZES[call.last_segment]


def _out_of_uploads(call: Call) -> bool:
    uploads = call.world.uploads
    return uploads.month.left(call.world.clock.now()) <= 0


UPLOAD_RULES = (
    Rule("upload-field", INVALID, "file is invalid!", lambda call: call.upload is None),
    Rule("upload-name", INVALID, "file name is invalid!",
         lambda call: call.upload is not None and len(call.upload.name) > MAX_NAME),
    Rule("upload-type", INVALID, "file type is invalid!", _wrong_type),
    Rule("upload-size", OVER_LIMIT, "file exceeds the allowable limit", _too_large),
    Rule("upload-month", -211, "Out of quota", _out_of_uploads),
)  # fmt: skip

DATA_RULE = Rule("query-data", INVALID, "data is invalid!",
                 lambda call: not isinstance(call.body, dict))  # fmt: skip
JSON_RULE = Rule("json-body", INVALID, "body is invalid!",
                 lambda call: not call.is_json or not isinstance(call.body, dict))  # fmt: skip


def _number(call: Call, name: str, most: int, least: int = 0) -> bool:
    value = obj(call.body).get(name)
    return type(value) is not int or not least <= value <= most


def _period(call: Call) -> bool:
    value = obj(call.body).get("last_interaction_period")
    return value is not None and not PERIOD.fullmatch(words(value))


USER_RULES = (
    Rule("user-id", INVALID, "user_id is invalid!",
         lambda call: not is_id(str(obj(call.body).get("user_id", "")))),
    Rule("user-known", INVALID, "user_id is invalid!",
         lambda call: not call.world.knows(str(obj(call.body).get("user_id", "")))),
)  # fmt: skip
LIST_RULES = (
    DATA_RULE,
    Rule("list-count", OVER_LIMIT, "count exceeds the allowable limit",
         lambda call: _number(call, "count", MAX_COUNT, 1)),
    Rule("list-offset", OVER_LIMIT, "offset exceeds the allowable limit",
         lambda call: _number(call, "offset", MAX_OFFSET)),
    Rule("list-period", INVALID, "last_interaction_period is invalid!", _period),
    Rule("list-follower", INVALID, "is_follower is invalid!",
         lambda call: not isinstance(obj(call.body).get("is_follower", True), (bool, str))),
)  # fmt: skip
CHATS_RULES = (
    DATA_RULE,
    Rule("chats-count", OVER_LIMIT, "count exceeds the allowable limit",
         lambda call: _number(call, "count", MAX_CHATS, 1)),
)  # fmt: skip
TAG_RULE = Rule("tag-name", INVALID, "tag_name is invalid!",
                lambda call: not is_text(obj(call.body).get("tag_name"), 100))  # fmt: skip


def _quota_fields(call: Call) -> bool:
    body = obj(call.body)
    if "user_id" in body:
        return set(body) != {"user_id"}
    extra = set(body) - {"quota_owner", "product_type", "quota_type"}
    return bool(extra) or body.get("quota_owner") not in ("OA", "App")


QUOTA_RULES = (JSON_RULE, Rule("quota-fields", INVALID, "quota_owner is invalid!", _quota_fields))


def _action(call: Call) -> dict[str, object]:
    return obj(call.body, "sender_action")


def _reactions(call: Call) -> bool:
    message = call.world.messages.get(words(_action(call).get("react_message_id")))
    return message is not None and message.reactions >= MOST_REACTIONS


REACTION_RULES = (
    Rule("reaction-icon", INVALID, "react_icon is invalid!",
         lambda call: _action(call).get("react_icon") not in ICONS),
    Rule("reaction-message", INVALID, "react_message_id is invalid!",
         lambda call: words(_action(call).get("react_message_id")) not in call.world.messages),
    Rule("reaction-count", OVER_LIMIT, "too many reactions", _reactions),
)  # fmt: skip


def _anonymous(name: str) -> Callable[[Call], bool]:
    def broken(call: Call) -> bool:
        visitor = call.world.visitors.get(words(call.recipient.get("anonymous_id")))
        if name == "anonymous_id":
            return visitor is None
        return visitor is not None and call.recipient.get("conversation_id") != visitor

    return broken


ANONYMOUS_RULES = (
    Rule("anonymous-fields", INVALID, "recipient is invalid!",
         lambda call: set(call.recipient) != {"anonymous_id", "conversation_id"}),
    Rule("anonymous-known", INVALID, "anonymous_id is invalid!", _anonymous("anonymous_id")),
    Rule("anonymous-conversation", INVALID, "conversation_id is invalid!",
         _anonymous("conversation_id")),
    Rule("anonymous-buttons", WRONG_TYPE, "message type is not supported",
         lambda call: bool(call.buttons)),
)  # fmt: skip
SHUT_RULE = Rule(
    "version-two-shut", -240, "MessageV2 API has been shut down, please switch to MessageV3",
    lambda call: True,
)  # fmt: skip
