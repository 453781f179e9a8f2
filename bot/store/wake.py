"""Wake-up hints between processes of one machine. Losing one only costs a poll's wait."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from pathlib import Path

FOLDER = "wake"
_LONGEST = 32  # bytes of a note: the number of a message


class Waker:
    """Tells every listener under ``data_dir`` that there may be work."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    def notify(self, to: str = "*", note: object = "!") -> None:
        """Send a short note to the listeners called ``to``; never raises.

        Sockets nobody listens on go away.
        """
        with contextlib.suppress(OSError), _datagram_socket() as sender:
            for path in self._folder.glob(f"{to}-*.sock"):
                _nudge(sender, path, str(note).encode())


class WakeListener:
    """Waits for hints; where sockets are not possible it just waits."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self._path = data_dir / FOLDER / f"{name}-{os.getpid()}-{id(self):x}.sock"
        self._socket = self._listen()

    def wait(self, timeout_seconds: float) -> bool:
        """Return True as soon as a hint comes, False after ``timeout_seconds``."""
        return bool(self.notes(timeout_seconds))

    def notes(self, timeout_seconds: float) -> list[str]:
        """Return the notes that came as soon as one does; none after ``timeout_seconds``."""
        if self._socket is None:
            time.sleep(timeout_seconds)
            return []
        select.select([self._socket], [], [], timeout_seconds)
        return list(iter(self._take, ""))

    def close(self) -> None:
        """Stop listening. Safe to call twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _listen(self) -> socket.socket | None:
        listener = _datagram_socket()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            listener.bind(str(self._path))
        except OSError:  # e.g. the path is longer than the 107 bytes a socket may have
            listener.close()
            return None
        return listener

    def _take(self) -> str:
        """Take one waiting note; empty when there is none."""
        if self._socket is None:
            return ""
        try:
            return self._socket.recv(_LONGEST).decode(errors="replace")
        except OSError:
            return ""


def _datagram_socket() -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.setblocking(False)
    return made


def _nudge(sender: socket.socket, path: Path, note: bytes) -> None:
    try:
        sender.sendto(note, str(path))
    except (ConnectionRefusedError, FileNotFoundError):
        with contextlib.suppress(OSError):
            path.unlink()
    except OSError:  # a full queue is a listener that will wake anyway
        return
