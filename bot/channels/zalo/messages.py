"""The bodies of messages: a desk's reply, and every other shape the platform takes.

https://developers.zalo.me/docs/official-account/tin-nhan/tin-tu-van
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.messages import Button, Reply
from bot.core.splitting import Limits

LIMITS = Limits(text=2000, buttons=5, title=100, payload=1000)
COUNTRY = "84"


def message_for(reply: Reply) -> dict[str, Any]:
    """Return the message that shows ``reply``."""
    if reply.image_url:
        return picture(url=reply.image_url, text=reply.text)
    return text(reply.text, [button_for(button) for button in reply.buttons])


def text(
    words: str, buttons: Sequence[Mapping[str, Any]] = (), quote: str | None = None
) -> dict[str, Any]:
    """Return a text, with buttons or as the answer to a message of the citizen's."""
    message: dict[str, Any] = {"text": words} if words else {}
    if quote:
        message["quote_message_id"] = quote
    if buttons:
        message["attachment"] = _template(buttons=list(buttons))
    return message


def picture(*, url: str = "", attachment_id: str = "", text: str = "") -> dict[str, Any]:
    """Return a picture by its address, or by the id an upload gave."""
    source = {"url": url} if url else {"attachment_id": attachment_id}
    return _captioned(text, _media({"media_type": "image", **source}))


def gif(attachment_id: str, width: int, height: int, text: str = "") -> dict[str, Any]:
    """Return a moving picture; width and height in pixels."""
    element = {"media_type": "gif", "attachment_id": attachment_id}
    return _captioned(text, _media({**element, "width": width, "height": height}))


def file(token: str) -> dict[str, Any]:
    """Return a document by the token its upload gave."""
    return {"attachment": {"type": "file", "payload": {"token": token}}}


def sticker(attachment_id: str) -> dict[str, Any]:
    """Return a sticker of stickers.zaloapp.com."""
    return _captioned("", _media({"media_type": "sticker", "attachment_id": attachment_id}))


def request_info(title: str, subtitle: str, image_url: str) -> dict[str, Any]:
    """Return the card that asks for name, phone and address."""
    element = {"title": title, "subtitle": subtitle, "image_url": image_url}
    return {"attachment": _template(template_type="request_user_info", elements=[element])}


def articles(ids: Sequence[str]) -> dict[str, Any]:
    """Return the message that broadcasts articles."""
    elements = [{"media_type": "article", "attachment_id": each} for each in ids]
    return {"attachment": _template(template_type="media", elements=elements)}


def button_for(button: Button) -> dict[str, Any]:
    """Return a button in the platform's words."""
    if button.url:
        return {"title": button.title, "type": "oa.open.url", "payload": {"url": button.url}}
    if button.phone:
        number = {"phone_code": international(button.phone)}
        return {"title": button.title, "type": "oa.open.phone", "payload": number}
    # Pressed, it comes back as a text event whose text is the payload.
    return {"title": button.title, "type": "oa.query.hide", "payload": button.payload or ""}


def international(phone: str) -> str:
    """Return the digits with Vietnam's code; short service numbers stay as they are.

    >>> international("0272 3979 199"), international("+84 272 3979199"), international("1022")
    ('842723979199', '842723979199', '1022')
    """
    digits = "".join(char for char in phone if char in "0123456789")
    return COUNTRY + digits[1:] if digits.startswith("0") else digits


def _media(element: Mapping[str, Any]) -> dict[str, Any]:
    return _template(template_type="media", elements=[dict(element)])


def _template(**payload: Any) -> dict[str, Any]:
    return {"type": "template", "payload": payload}


def _captioned(words: str, attachment: Mapping[str, Any]) -> dict[str, Any]:
    return {**({"text": words} if words else {}), "attachment": dict(attachment)}
