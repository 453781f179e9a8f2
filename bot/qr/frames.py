"""Messages between the photo reader and its helper: four bytes of length, then the body."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

from bot.core.dossiers.codes import DossierCode
from bot.core.photos.payload import Payload, PayloadKind, PhotoReading, Trouble

_LENGTH = struct.Struct(">I")


def send_frame(to: socket.socket, body: bytes) -> None:
    """Send one message. Raises OSError (TimeoutError included) when the other end is gone."""
    to.sendall(_LENGTH.pack(len(body)))
    to.sendall(body)


def receive_frame(
    source: socket.socket, most: int, before_each: Callable[[], None] = lambda: None
) -> bytes:
    """Return one message of at most ``most`` bytes; ``before_each`` may set a new timeout.

    Raises EOFError at the end of the stream or for a longer message, OSError on a timeout.
    """
    (length,) = _LENGTH.unpack(_receive(source, _LENGTH.size, before_each))
    if length > most:
        raise EOFError("message too long")
    return _receive(source, length, before_each)


def _receive(source: socket.socket, length: int, before_each: Callable[[], None]) -> bytes:
    body = bytearray()
    while len(body) < length:
        before_each()
        piece = source.recv(min(length - len(body), 1 << 20))
        if not piece:
            raise EOFError("the other end is gone")
        body += piece
    return bytes(body)


def reading_as_json(reading: PhotoReading) -> bytes:
    """Return a reading for the way back; only JSON, so that nothing in it can run."""
    payloads = [
        {
            "kind": payload.kind.value,
            "codes": [code.value for code in payload.codes],
            "host": payload.host,
            "procedure": payload.procedure,
            "slip": payload.slip,
        }
        for payload in reading.payloads
    ]
    return json.dumps(
        {
            "payloads": payloads,
            "blurred": reading.blurred_code_seen,
            "size": [reading.width, reading.height],
            "trouble": reading.trouble.value,
        }
    ).encode()


def reading_from_json(data: dict[str, Any]) -> PhotoReading:
    """Read what ``reading_as_json`` wrote. Raises KeyError or ValueError for anything else."""
    payloads = tuple(
        Payload(
            kind=PayloadKind(item["kind"]),
            codes=tuple(DossierCode(str(value)) for value in item["codes"]),
            host=str(item["host"]),
            procedure=str(item["procedure"]),
            slip=str(item["slip"]),
        )
        for item in data["payloads"]
    )
    width, height = data["size"]
    trouble = Trouble(data["trouble"])
    return PhotoReading(payloads, bool(data["blurred"]), int(width), int(height), trouble)
