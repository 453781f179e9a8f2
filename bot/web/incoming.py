"""Reads and judges what a citizen posts; nothing is kept before it has passed here."""

from __future__ import annotations

import json
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.web.errors import ApiError

MAX_JSON = 256 * 1024  # bytes
MAX_TEXT = 5_000  # characters
MAX_IMAGE = 12 * 1024 * 1024  # bytes
MAX_FORM = MAX_IMAGE + 64 * 1024  # the image and the form around it
_MAX_CLIENT_ID = 100

# Marks that turn the direction of what follows; they only help to disguise text.
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_HEIF = frozenset((b"heic", b"heix", b"mif1", b"avif", b"avis"))  # brands


@dataclass(frozen=True)
class Posted:
    """A message a citizen posted: a text, or a picture with an optional caption."""

    client_id: str
    text: str
    picture: bytes | None = None


def read_message(request: Request) -> Posted:
    """Read a posted message. Raises ApiError 400, 413, 415 or 422."""
    if request.mimetype == "application/json":
        return _from_json(read_capped(request, MAX_JSON))
    if request.mimetype == "multipart/form-data":
        return _from_form(request)
    raise ApiError(415, "wrong_type")


def read_capped(request: Request, cap: int) -> bytes:
    """Read a body of at most ``cap`` bytes. Raises ApiError 413 without reading the rest."""
    if (request.content_length or 0) > cap:
        raise ApiError(413)
    body = bytearray()
    while len(body) <= cap:
        chunk = request.stream.read(cap + 1 - len(body))
        if not chunk:
            return bytes(body)
        body += chunk
    raise ApiError(413)


def _from_json(body: bytes) -> Posted:
    data = _decode(body)
    text = data.get("text")
    if not isinstance(text, str):
        raise ApiError(400, "text_missing")
    clean = clean_text(text)
    if is_blank(clean):
        raise ApiError(400, "text_empty")
    return Posted(_client_id(data.get("client_id")), clean)


def _decode(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "bad_json") from error
    if not isinstance(data, dict):
        raise ApiError(400, "bad_json")
    return data


def _from_form(request: Request) -> Posted:
    if (request.content_length or 0) > MAX_FORM:
        raise ApiError(413, "image_too_large")
    try:
        upload = request.files.get("image")
    except RequestEntityTooLarge as error:
        raise ApiError(413, "image_too_large") from error
    if upload is None:
        raise ApiError(400, "image_missing")
    picture = upload.stream.read(MAX_IMAGE + 1)
    caption = clean_text(request.form.get("text", ""))
    client_id = _client_id(request.form.get("client_id"))
    return Posted(client_id, caption, _checked(picture))


def _checked(picture: bytes) -> bytes:
    if not picture:
        raise ApiError(400, "image_empty")
    if len(picture) > MAX_IMAGE:
        raise ApiError(413, "image_too_large")
    if not is_picture(picture):
        raise ApiError(415, "image_wrong_type")
    return picture


def is_picture(content: bytes) -> bool:
    """Return whether the first bytes are those of JPEG, PNG, GIF, BMP, WEBP, HEIC or AVIF."""
    if content.startswith(_MAGIC) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        return True
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF:
        return True
    return content[:2] == b"BM" and content[6:10] == bytes(4)  # BMP: four reserved zero bytes


def clean_text(text: str) -> str:
    """Return text without control characters and direction marks, trimmed.

    Raises ApiError 413 when it is too long and 400 when it cannot be written as UTF-8.

    >>> clean_text(" hồ sơ\\x00 của tôi ")
    'hồ sơ của tôi'
    """
    if len(text) > MAX_TEXT:
        raise ApiError(413, "text_too_long")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:  # half of a surrogate pair
        raise ApiError(400, "bad_json") from error
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in plain if _keeps(letter)).strip()


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing: only spaces and invisible marks."""
    return all(unicodedata.category(letter)[0] in "ZC" for letter in text)


def _keeps(letter: str) -> bool:
    if letter in "\n\t":
        return True
    return unicodedata.category(letter) != "Cc" and letter not in _DIRECTION


def _client_id(value: object) -> str:
    if value is None or value == "":
        return str(uuid.uuid4())
    if not isinstance(value, str) or len(value) > _MAX_CLIENT_ID or not value.isprintable():
        raise ApiError(400, "bad_client_id")
    return value
