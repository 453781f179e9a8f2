"""Is this a consultation message the platform would take?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MAX_TEXT, MAX_BUTTONS, MAX_TITLE, MAX_PAYLOAD = 2000, 5, 100, 1000
BUTTON_FIELDS = {"title", "type", "payload", "image_icon"}
INVALID, OVER_LIMIT, WRONG_TYPE = -201, -210, -233

Problem = tuple[int, str]


def problem_with(body: Any) -> Problem | None:
    """Return the code and message of the first thing wrong with a request body, or None."""
    return next(_problems(body), None)


def _problems(body: Any) -> Iterator[Problem]:
    if not isinstance(body, dict) or set(body) != {"recipient", "message"}:
        yield INVALID, "body is invalid!"
        return
    recipient, message = body["recipient"], body["message"]
    if not isinstance(recipient, dict) or set(recipient) != {"user_id"}:
        yield INVALID, "recipient is invalid!"
    elif not _is_id(recipient["user_id"]):
        yield INVALID, "user_id is invalid!"
    if not isinstance(message, dict) or not message:
        yield INVALID, "message is invalid!"
    elif set(message) - {"text", "attachment", "quote_message_id"}:
        yield INVALID, "message is invalid!"
    else:
        yield from _message(message)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20


def _message(message: dict[str, Any]) -> Iterator[Problem]:
    text = message.get("text")
    attachment = message.get("attachment")
    if text is not None and (not isinstance(text, str) or not text.strip()):
        yield INVALID, "text is invalid!"
    elif text is not None and len(text) > MAX_TEXT:
        yield OVER_LIMIT, "text exceeds the allowable limit"
    if attachment is not None:
        yield from _attachment(attachment, bool(text))
    elif text is None:
        yield INVALID, "message is invalid!"


def _attachment(attachment: Any, has_text: bool) -> Iterator[Problem]:
    if not isinstance(attachment, dict) or set(attachment) != {"type", "payload"}:
        yield INVALID, "attachment is invalid!"
        return
    payload = attachment["payload"]
    if attachment["type"] != "template" or not isinstance(payload, dict):
        yield WRONG_TYPE, "message type is not supported"
    elif payload.get("template_type") == "media":
        yield from _media(payload)
    elif "template_type" in payload or set(payload) != {"buttons"}:
        yield WRONG_TYPE, "message type is not supported"
    elif not has_text:
        yield INVALID, "text is invalid!"
    else:
        yield from _buttons(payload["buttons"])


def _media(payload: dict[str, Any]) -> Iterator[Problem]:
    elements = payload.get("elements")
    if set(payload) != {"template_type", "elements"}:
        yield INVALID, "payload is invalid!"
    elif not isinstance(elements, list) or len(elements) != 1 or not isinstance(elements[0], dict):
        yield INVALID, "elements is invalid!"
    else:
        yield from _element(elements[0])


def _element(element: dict[str, Any]) -> Iterator[Problem]:
    kind = element.get("media_type")
    if kind not in ("image", "gif", "sticker"):
        yield WRONG_TYPE, "media_type is not supported"
    if ("url" in element) == ("attachment_id" in element):
        yield INVALID, "url or attachment_id is invalid!"
    if "url" in element and not _is_address(element["url"]):
        yield INVALID, "url is invalid!"
    if kind == "gif" and not {"width", "height"} <= set(element):
        yield INVALID, "width or height is invalid!"


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _buttons(buttons: Any) -> Iterator[Problem]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MAX_BUTTONS:
        yield INVALID, "buttons is invalid!"
        return
    for button in buttons:
        if not isinstance(button, dict) or set(button) - BUTTON_FIELDS:
            yield INVALID, "buttons is invalid!"
        else:
            yield from _button(button)


def _button(button: dict[str, Any]) -> Iterator[Problem]:
    title, kind, payload = button.get("title"), button.get("type"), button.get("payload")
    if not isinstance(title, str) or not 1 <= len(title) <= MAX_TITLE:
        yield INVALID, "title is invalid!"
    if kind in ("oa.query.show", "oa.query.hide"):
        fits = isinstance(payload, str) and 1 <= len(payload) <= MAX_PAYLOAD
    elif kind == "oa.open.url":
        fits = isinstance(payload, dict) and _is_address(payload.get("url"))
    elif kind == "oa.open.phone":
        fits = isinstance(payload, dict) and _is_id(payload.get("phone_code"))
    else:
        fits = kind == "oa.open.sms" and isinstance(payload, dict)
    if not fits:
        yield INVALID, "payload is invalid!"
