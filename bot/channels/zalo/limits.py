"""What the platform would refuse, found before a call is spent on it.

A refusal here carries the code the platform would answer, so both read the same in the store.
Lengths count code points after NFC.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from bot.channels.zalo.codes import INVALID, TOO_LONG
from bot.channels.zalo.messages import LIMITS, international
from bot.core.errors import SendRefused

SMS, SUBTITLE, TRACKING, FILE_NAME = 160, 500, 48, 200
ARTICLE = {"title": 150, "author": 50, "description": 300}
MOST_ARTICLES = 5
PAGE, LAST_OFFSET = 50, 9951
MEGABYTE = 1024 * 1024
_BUTTONS = ("oa.open.url", "oa.query.show", "oa.query.hide", "oa.open.sms", "oa.open.phone")


@dataclass(frozen=True)
class Upload:
    """One of the three upload calls: its most bytes and the beginnings of its formats."""

    kind: str
    most: int
    formats: Mapping[str, tuple[bytes, ...]]
    handle: str = "attachment_id"


_JPEG, _PNG = (b"\xff\xd8\xff",), (b"\x89PNG\r\n\x1a\n",)
IMAGE = Upload("image", MEGABYTE, {"jpg": _JPEG, "jpeg": _JPEG, "png": _PNG})
GIF = Upload("gif", 5 * MEGABYTE, {"gif": (b"GIF87a", b"GIF89a")})
FILE = Upload(
    "file",
    5 * MEGABYTE,
    {
        "pdf": (b"%PDF-",),
        "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
        "docx": (b"PK\x03\x04",),
        "csv": (b"",),
    },
    "token",
)


def check_message(message: Mapping[str, Any]) -> None:
    """Raise SendRefused when the platform would not take ``message``."""
    words = message.get("text")
    attachment = message.get("attachment")
    if words is None and attachment is None:
        raise _refused(INVALID, "the message is empty")
    if words is not None:
        _length("text", words, LIMITS.text)
    payload = (attachment or {}).get("payload", {})
    buttons = payload.get("buttons", ())
    if len(buttons) > LIMITS.buttons:
        raise _refused(INVALID, f"{len(buttons)} buttons, at most {LIMITS.buttons}")
    for button in buttons:
        _check_button(button)
    for element in payload.get("elements", ()):
        _check_element(element)


def _check_button(button: Mapping[str, Any]) -> None:
    payload = button["payload"]
    if button["type"] not in _BUTTONS:
        raise _refused(INVALID, f"no button of type {button['type']}")
    _required("title", button["title"])
    _length("title", button["title"], LIMITS.title, INVALID)
    if isinstance(payload, str):
        _required("payload", payload)
        _length("payload", payload, LIMITS.payload, INVALID)
    elif "url" in payload:
        _check_address(payload["url"])
    else:
        _required("phone_code", payload.get("phone_code", ""))
        _length("content", payload.get("content", ""), SMS, INVALID)


def _check_element(element: Mapping[str, Any]) -> None:
    _length("title", element.get("title", ""), LIMITS.title, INVALID)
    _length("subtitle", element.get("subtitle", ""), SUBTITLE, INVALID)
    if "media_type" in element and ("url" in element) == ("attachment_id" in element):
        raise _refused(INVALID, "either url or attachment_id")
    for name in ("url", "image_url"):
        if name in element:
            _check_address(element[name])


def check_upload(upload: Upload, name: str, content: bytes) -> str:
    """Return ``name`` as the platform takes it, or raise SendRefused.

    A name without its extension would be answered with success and no handle.
    """
    path = PurePath(name.replace("\\", "/"))
    extension = path.suffix.lower().removeprefix(".")
    beginnings = upload.formats.get(extension)
    if beginnings is None:
        raise _refused(INVALID, f"{upload.kind} must be one of {', '.join(upload.formats)}")
    if not content or not content.startswith(beginnings):
        raise _refused(INVALID, f"the file is no {extension}")
    if len(content) > upload.most:
        raise _refused(TOO_LONG, f"{len(content)} bytes, at most {upload.most}")
    return path.stem[: FILE_NAME - len(path.suffix)] + path.suffix


def check_article(article: Mapping[str, Any]) -> None:
    """Raise SendRefused when the platform would not take the article."""
    for name, most in ARTICLE.items():
        _length(name, str(article.get(name, "")), most)
    _required("title", article["title"])
    _required("body", article["body"])
    _check_address(article["cover"]["photo_url"])


def check_phone(phone: str) -> str:
    """Return a Vietnamese number as ``84…``, or raise SendRefused."""
    digits = international(phone)
    if not digits.startswith("84") or not 11 <= len(digits) <= 12:
        raise _refused(INVALID, "not a Vietnamese phone number")
    return digits


def check_tracking(tracking_id: str) -> None:
    """Raise SendRefused when our own number of a template message is too long or missing."""
    _required("tracking_id", tracking_id)
    _length("tracking_id", tracking_id, TRACKING, INVALID)


def pages(total: int) -> Iterator[int]:
    """Yield the offsets at which a list can be read; what lies behind 10,000 cannot.

    >>> list(pages(120)), list(pages(1_000_000))[-1]
    ([0, 50, 100], 9950)
    """
    yield from range(0, min(total, LAST_OFFSET + 1), PAGE)


def _length(name: str, words: str, most: int, code: int = TOO_LONG) -> None:
    count = len(unicodedata.normalize("NFC", words))
    if count > most:
        raise _refused(code, f"{name} has {count} characters, at most {most}")


def _required(name: str, value: object) -> None:
    if not value or (isinstance(value, str) and not value.strip()):
        raise _refused(INVALID, f"{name} is missing")


def _check_address(url: object) -> None:
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise _refused(INVALID, "not a web address")


def _refused(code: int, reason: str) -> SendRefused:
    return SendRefused(reason, str(code))
