"""Wake-up hints between processes of one machine. Losing one only costs a poll's wait."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from pathlib import Path

FOLDER = "wake"


class Waker:
    """Tells every listener under ``data_dir`` that there may be work."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    def notify(self) -> None:
        """Send one byte to every listener; never raises. Sockets nobody listens on go away."""
        with contextlib.suppress(OSError), _datagram_socket() as sender:
            for path in self._folder.glob("*.sock"):
                _nudge(sender, path)


class WakeListener:
    """Waits for hints; where sockets are not possible it just waits."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self._path = data_dir / FOLDER / f"{name}-{os.getpid()}-{id(self):x}.sock"
        self._socket = self._listen()

    def wait(self, timeout_seconds: float) -> bool:
        """Return True as soon as a hint comes, False after ``timeout_seconds``."""
        if self._socket is None:
            time.sleep(timeout_seconds)
            return False
        ready, _, _ = select.select([self._socket], [], [], timeout_seconds)
        while ready and self._drain():
            pass
        return bool(ready)

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

    def _drain(self) -> bool:
        """Take one waiting hint; many hints mean the same as one."""
        if self._socket is None:
            return False
        try:
            return bool(self._socket.recv(1))
        except OSError:
            return False


def _datagram_socket() -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.setblocking(False)
    return made


def _nudge(sender: socket.socket, path: Path) -> None:
    try:
        sender.sendto(b"!", str(path))
    except (ConnectionRefusedError, FileNotFoundError):
        with contextlib.suppress(OSError):
            path.unlink()
    except OSError:  # a full queue is a listener that will wake anyway
        return
