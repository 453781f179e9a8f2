"""The shape of a consultation message."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulator.reading import is_address, is_id, is_text, items, obj, words
from tests.simulator.rules.buttons import BUTTON_RULES, TYPES, payload_problems
from tests.simulator.rules.rule import Rule

if TYPE_CHECKING:
    from tests.simulator.call import Call

MAX_TEXT, MAX_TITLE, MAX_SUBTITLE, MOST_ELEMENTS = 2000, 100, 500, 5
INVALID, OVER_LIMIT, WRONG_TYPE = -201, -210, -233
MESSAGE_FIELDS = {"text", "attachment", "quote_message_id"}
MEDIA = ("image", "gif", "sticker")
INFO_FIELDS = {"title", "subtitle", "image_url"}
LIST_FIELDS = INFO_FIELDS | {"default_action"}


def template(*names: str | None) -> Callable[[Call], bool]:
    """Return whether the call's message is a template of one of these types."""
    return lambda call: call.is_template and call.payload.get("template_type") in names


_is_media, _is_info, _is_list = template("media"), template("request_user_info"), template("list")


def _recipient_fields(call: Call) -> bool:
    return set(call.recipient) not in ({"user_id"}, {"message_id"})


def _recipient_id(call: Call) -> bool:
    return "user_id" in call.recipient and not is_id(call.recipient["user_id"])


def _message_fields(call: Call) -> bool:
    return not call.message or bool(set(call.message) - MESSAGE_FIELDS)


def _has_nothing(call: Call) -> bool:
    if "text" in call.message:
        return not words(call.message["text"]).strip()
    return "attachment" not in call.message


def _attachment_fields(call: Call) -> bool:
    if "attachment" not in call.message:
        return False
    given = call.attachment
    return set(given) != {"type", "payload"} or not isinstance(given["payload"], dict)


def _attachment_type(call: Call) -> bool:
    return bool(call.attachment) and call.attachment.get("type") not in ("template", "file")


def _template_type(call: Call) -> bool:
    if not call.is_template or _is_media(call) or _is_info(call) or _is_list(call):
        return False
    return "template_type" in call.payload or set(call.payload) != {"buttons"}


def _buttons_alone(call: Call) -> bool:
    return call.is_template and "template_type" not in call.payload and not call.text


def _file_token(call: Call) -> bool:
    if call.attachment.get("type") != "file":
        return False
    return set(call.payload) != {"token"} or not words(call.payload["token"])


def _media_elements(call: Call) -> bool:
    wrong = set(call.payload) != {"template_type", "elements"} or len(call.elements) != 1
    return _is_media(call) and wrong


def _media_source(call: Call) -> bool:
    return _is_media(call) and any(
        ("url" in element) == ("attachment_id" in element) for element in call.elements
    )


def _of_media(broken: Callable[[dict[str, Any]], bool]) -> Callable[[Call], bool]:
    return lambda call: _is_media(call) and any(broken(element) for element in call.elements)


def _gif_size(element: dict[str, Any]) -> bool:
    return element.get("media_type") == "gif" and not {"width", "height"} <= set(element)


def _sticker(element: dict[str, Any]) -> bool:
    return element.get("media_type") == "sticker" and not words(element.get("attachment_id"))


def _info_elements(call: Call) -> bool:
    wrong = len(call.elements) != 1 or any(set(item) - INFO_FIELDS for item in call.elements)
    return _is_info(call) and wrong


def _info_words(call: Call) -> bool:
    return _is_info(call) and any(
        not is_text(element.get("title"), MAX_TITLE)
        or not is_text(element.get("subtitle"), MAX_SUBTITLE)
        for element in call.elements
    )


def _info_image(call: Call) -> bool:
    return _is_info(call) and any(not is_address(item.get("image_url")) for item in call.elements)


def _list_elements(call: Call) -> bool:
    count = len(items(call.payload.get("elements")))
    wrong = any(set(item) - LIST_FIELDS for item in call.elements)
    return _is_list(call) and (not 1 <= count <= MOST_ELEMENTS or wrong)


def _list_words(call: Call) -> bool:
    return _is_list(call) and any(
        not is_text(element.get("title"), MAX_TITLE)
        or not is_text(element.get("subtitle", ""), MAX_SUBTITLE, least=0)
        for element in call.elements
    )


def _list_cover(call: Call) -> bool:
    return _is_list(call) and any(not words(item.get("subtitle")) for item in call.elements[:1])


def _list_action(call: Call) -> bool:
    """Tell whether an action is wrong; unlike a button's payload its fields lie flat."""
    for element in call.elements if _is_list(call) else ():
        if "default_action" in element:
            action = obj(element, "default_action")
            payload = action.get("payload") if "payload" in action else action
            if action.get("type") not in TYPES or any(payload_problems(action["type"], payload)):
                return True
    return False


SHAPE_RULES = (
    Rule("body-json", INVALID, "body is invalid!",
         lambda call: not call.is_json or not isinstance(call.body, dict)),
    Rule("body-fields", INVALID, "body is invalid!",
         lambda call: set(obj(call.body)) != {"recipient", "message"}),
    Rule("recipient-fields", INVALID, "recipient is invalid!", _recipient_fields),
    Rule("recipient-id", INVALID, "user_id is invalid!", _recipient_id),
    Rule("message-fields", INVALID, "message is invalid!", _message_fields),
    Rule("message-not-empty", INVALID, "text is invalid!", _has_nothing),
    Rule("text-length", OVER_LIMIT, "text exceeds the allowable limit",
         lambda call: len(call.text) > MAX_TEXT),
    Rule("attachment-type", WRONG_TYPE, "message type is not supported", _attachment_type),
    Rule("attachment-fields", INVALID, "attachment is invalid!", _attachment_fields),
    Rule("template-type", WRONG_TYPE, "message type is not supported", _template_type),
    Rule("buttons-need-text", INVALID, "text is invalid!", _buttons_alone),
    Rule("file-token", INVALID, "token is invalid!", _file_token),
    Rule("media-elements", INVALID, "elements is invalid!", _media_elements),
    Rule("media-type", WRONG_TYPE, "media_type is not supported",
         _of_media(lambda element: element.get("media_type") not in MEDIA)),
    Rule("media-source", INVALID, "url or attachment_id is invalid!", _media_source),
    Rule("media-url", INVALID, "url is invalid!",
         _of_media(lambda element: "url" in element and not is_address(element["url"]))),
    Rule("media-gif-size", INVALID, "width or height is invalid!", _of_media(_gif_size)),
    Rule("media-sticker", INVALID, "attachment_id is invalid!", _of_media(_sticker)),
    Rule("info-elements", INVALID, "elements is invalid!", _info_elements),
    Rule("info-words", INVALID, "title or subtitle is invalid!", _info_words),
    Rule("info-image", INVALID, "image_url is invalid!", _info_image),
    Rule("list-elements", INVALID, "elements is invalid!", _list_elements),
    Rule("list-words", INVALID, "title or subtitle is invalid!", _list_words),
    Rule("list-cover", INVALID, "subtitle is invalid!", _list_cover),
    Rule("list-action", INVALID, "default_action is invalid!", _list_action),
    *BUTTON_RULES,
)  # fmt: skip
