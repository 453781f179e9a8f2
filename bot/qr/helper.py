"""The process that opens strangers' pictures: ``python -m bot.qr.helper`` on a socket at stdin.

It has little memory, cannot write a file, sees no setting of the desk, says nothing, and is
killed by its owner (``bot.qr.reader``) when one picture takes too long.
"""

from __future__ import annotations

import json
import resource
import signal
import socket

from bot.core.errors import PhotoTooLarge, PhotoWrongType
from bot.qr.frames import reading_as_json, receive_frame, send_frame
from bot.qr.header import MAX_BYTES
from bot.qr.read import read_photo

MEMORY = 768 * 1024 * 1024  # bytes of address space
READY = b"ready"


def main() -> None:
    """Answer one picture after the other until the owner closes the socket."""
    _limit()
    owner = socket.socket(fileno=0)
    try:
        send_frame(owner, READY)
        while True:
            send_frame(owner, _answer(receive_frame(owner, MAX_BYTES)))
    except (EOFError, OSError):
        return  # the owner is gone


def _limit() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then closes
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold somebody's picture


def _answer(data: bytes) -> bytes:
    try:
        return reading_as_json(read_photo(data))
    except PhotoTooLarge as error:
        return _refusal("too_large", str(error))
    except PhotoWrongType as error:
        return _refusal("wrong_type", str(error))
    except MemoryError:
        return _refusal("too_large", "needs too much memory")
    except Exception as error:  # a decoder may raise anything; the next picture is not to blame
        return _refusal("broken", type(error).__name__)


def _refusal(code: str, reason: str) -> bytes:
    return json.dumps({"error": code, "reason": reason}).encode()


if __name__ == "__main__":
    main()
