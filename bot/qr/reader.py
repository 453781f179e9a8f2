"""Reads photos in a helper process that may crash, hang or be killed without harm to the desk."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bot
from bot.core.errors import PhotoTooLarge, PhotoUnavailable, PhotoWrongType
from bot.core.photos.payload import PhotoReading
from bot.qr.frames import reading_from_json, receive_frame, send_frame
from bot.qr.header import Header, read_header

__all__ = ["PhotoReader", "PhotoReading"]

PATIENCE = 1.5  # seconds one picture may take before the helper is killed
PATIENCE_HEIF = 4.0  # the same for HEIC: its decoder takes ten times as long as JPEG's
_START = 20.0  # seconds the helper may take to start on a busy machine
_QUEUE = 20.0  # seconds a picture waits for those before it
_MAX_ANSWER = 64 * 1024  # bytes
_FOLDER = Path(bot.__file__).parents[1]
_REFUSALS = {"too_large": PhotoTooLarge, "wrong_type": PhotoWrongType}

log = logging.getLogger(__name__)


class PhotoReader:
    """Reads QR codes from photos, one at a time, callable from any thread.

    >>> reader = PhotoReader()  # doctest: +SKIP
    >>> reader.read(data).codes  # doctest: +SKIP
    (DossierCode(value='H53.16-260916-0012'),)
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._turn = threading.Lock()
        self._helper: _Helper | None = None
        self._closed = False

    def start(self) -> None:
        """Start the helper before the first photo needs it; returns at once."""
        with self._turn:
            self._ready_or_new()

    def read(self, data: bytes) -> PhotoReading:
        """Return what the QR codes in a photo mean.

        Raises PhotoTooLarge or PhotoWrongType for what is not opened, and PhotoUnavailable when
        the picture took too long, broke the helper, or the reader is closed.
        """
        header = read_header(data)  # no need to bother the helper with what it will refuse
        if not self._turn.acquire(timeout=_QUEUE):
            raise PhotoUnavailable("too many photos are waiting")
        try:
            answer = self._ask(data, self._patience_for(header))
        finally:
            self._turn.release()
        return _understood(answer)

    @property
    def helper_pid(self) -> int | None:
        """Return the process id of the helper, or None when none runs."""
        return self._helper.process.pid if self._helper else None

    def close(self) -> None:
        """Stop the helper; a photo being read is finished first."""
        with self._turn:
            self._closed = True
            self._drop()

    def _patience_for(self, header: Header) -> float:
        return self._patience * (PATIENCE_HEIF / PATIENCE if header.format == "HEIF" else 1)

    def _ask(self, data: bytes, patience: float) -> dict[str, Any]:
        try:
            answer = self._ready_or_new().ask(data, patience)
        except (OSError, EOFError, ValueError) as error:
            log.warning("photo_helper outcome=restart cause=%s", type(error).__name__)
            self._drop()
            self._restart()
            raise PhotoUnavailable("the picture could not be read in time") from error
        return answer

    def _ready_or_new(self) -> _Helper:
        if self._closed:
            raise PhotoUnavailable("the photo reader is closed")
        if self._helper is not None and self._helper.process.poll() is not None:
            self._drop()  # killed from outside between two photos
        if self._helper is None:
            self._helper = _Helper.start()
        return self._helper

    def _restart(self) -> None:
        """Start the next helper now, so that the next citizen need not wait for it."""
        with suppress(OSError):  # no memory for a process: the next photo tries again
            self._helper = _Helper.start()

    def _drop(self) -> None:
        if self._helper is not None:
            self._helper.stop()
            self._helper = None


@dataclass
class _Helper:
    process: subprocess.Popen[bytes]
    line: socket.socket
    ready: bool = False

    @classmethod
    def start(cls) -> _Helper:
        """Start a process with none of the desk's settings and secrets in its environment."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot.qr.helper"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=_FOLDER,
                env={name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            )
        return cls(process, ours)

    def ask(self, data: bytes, patience: float) -> dict[str, Any]:
        """Return the helper's answer. Raises OSError, EOFError or ValueError when it broke."""
        if not self.ready:
            self._receive(_START)
            self.ready = True
        self.line.settimeout(patience)
        send_frame(self.line, data)
        answer = json.loads(self._receive(patience))
        if not isinstance(answer, dict):
            raise ValueError("not an answer")
        return answer

    def _receive(self, patience: float) -> bytes:
        end = time.monotonic() + patience

        def until_end() -> None:
            self.line.settimeout(max(0.001, end - time.monotonic()))

        return receive_frame(self.line, _MAX_ANSWER, until_end)

    def stop(self) -> None:
        """Kill the process and collect it."""
        self.line.close()
        self.process.kill()
        self.process.wait()


def _understood(answer: dict[str, Any]) -> PhotoReading:
    if "error" in answer:
        raise _REFUSALS.get(str(answer["error"]), PhotoUnavailable)(str(answer.get("reason", "")))
    try:
        return reading_from_json(answer)
    except (KeyError, TypeError, ValueError) as error:
        raise PhotoUnavailable("the helper gave no sense") from error
