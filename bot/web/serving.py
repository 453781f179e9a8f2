"""The gunicorn worker: callers who stall or never hang up must not hold the others up."""

from __future__ import annotations

import logging
import socket
import struct
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

STALLED = 10  # seconds without a single byte, in the middle of a request or of an answer
_LINGER = 2.0  # seconds for a caller to take the last answer and hang up
_MOST_DRAINED = 65_536  # bytes


class LingeringWorker(ThreadWorker):  # type: ignore[misc]
    """Waits for callers to hang up on the request's own thread.

    gunicorn does it on the thread that accepts everybody: whoever asked to close and then kept
    the line open would stop the whole process for two seconds.
    """

    def handle(self, conn: Any) -> Any:
        """Handle one request; leave nothing to wait for when the connection is to be closed."""
        keep = super().handle(conn)
        if keep is False:
            with suppress(OSError):  # hung up already
                _let_go(conn.sock)
        return keep


def _let_go(line: socket.socket) -> None:
    line.shutdown(socket.SHUT_WR)
    deadline, drained = time.monotonic() + _LINGER, 0
    try:
        while drained < _MOST_DRAINED and (left := deadline - time.monotonic()) > 0:
            line.settimeout(left)
            piece = line.recv(4096)
            if not piece:
                break
            drained += len(piece)
    finally:
        line.shutdown(socket.SHUT_RDWR)


def limit_stalls(listener: socket.socket) -> None:
    """Let the kernel end reads and writes on which nothing moves; accepted lines inherit it.

    A phone that went away in the middle of a photo would keep its thread for ever, and threads
    are few. A stream that waits for news is not touched: it neither reads nor writes.
    """
    seconds = struct.pack("ll", STALLED, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)


def worth_a_line(record: logging.LogRecord) -> bool:
    """Whether gunicorn's record is news; a caller who stalled is none, and has a long trace."""
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))
