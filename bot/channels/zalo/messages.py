"""A reply in the shape of the consultation message call.

https://developers.zalo.me/docs/official-account/tin-nhan/tin-tu-van
"""

from __future__ import annotations

from typing import Any

from bot.core.messages import Button, Reply
from bot.core.splitting import Limits

LIMITS = Limits(text=2000, buttons=5, title=100, payload=1000)
COUNTRY = "84"


def message_for(external_id: str, reply: Reply) -> dict[str, Any]:
    """Return the JSON body that sends ``reply`` to the citizen ``external_id``."""
    message: dict[str, Any] = {}
    if reply.text:
        message["text"] = reply.text
    if reply.image_url:
        element = {"media_type": "image", "url": reply.image_url}
        payload: dict[str, Any] = {"template_type": "media", "elements": [element]}
        message["attachment"] = {"type": "template", "payload": payload}
    elif reply.buttons:
        payload = {"buttons": [_button(button) for button in reply.buttons]}
        message["attachment"] = {"type": "template", "payload": payload}
    return {"recipient": {"user_id": external_id}, "message": message}


def _button(button: Button) -> dict[str, Any]:
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
