"""Where verified webhook events wait while the store cannot take them: lines in files.

One file per process at a time, locked by its writer. A lock that can be taken means that the
writer is dead: whoever takes it brings the events in. An event is on disk before it is
acknowledged, and its file goes after the store has it; in between it may be brought in twice,
which the store does not mind.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER = "spool"
# Events the store will never take, for a person to look at; a file for each hour, so that none
# of them outlives the others.
REFUSED = "refused-*.lines"
_HOUR = 3600  # seconds
_MOST_BYTES = 32 * 1024 * 1024  # of one file
_CHUNK = 1024 * 1024


class SpoolFull(Exception):
    """Not even the disk took the event."""


@dataclass(frozen=True)
class Spooled:
    """One event: the channel's name, the body as it was verified, and when (UTC)."""

    channel: str
    body: bytes
    at: datetime

    def line(self) -> bytes:
        """Return the event as one line of JSON."""
        data = {"channel": self.channel, "at": self.at.isoformat(), "body": self.body.decode()}
        return json.dumps(data, ensure_ascii=True).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Spooled:
        """Read what ``line`` wrote. Raises ValueError or KeyError for anything else."""
        data = json.loads(line)
        at = datetime.fromisoformat(data["at"])
        return cls(data["channel"], data["body"].encode(), at)


@dataclass(frozen=True)
class Waiting:
    """How much waits in the spool; ``refused`` counts what the store will never take."""

    events: int
    bytes: int
    refused: int


class Batch:
    """A spool file that is ours to bring in; remembers how far it got."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._done = 0  # bytes

    def lines(self) -> Iterator[bytes]:
        """Yield the whole lines not yet brought in; a line counts as done once passed.

        A last line without its end was never acknowledged: its writer died over it.
        """
        with self.path.open("rb") as file:
            file.seek(self._done)
            for line in file:
                if not line.endswith(b"\n"):
                    log.warning("event=spool_torn_line bytes=%d", len(line))
                    return
                yield line
                self._done += len(line)

    def close(self, *, delete: bool) -> None:
        """Let the file go; without ``delete`` another process may take it."""
        if delete:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


class Spool:
    """The spool folder as one process sees it. Safe to share between threads."""

    def __init__(self, data_dir: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._folder = data_dir / FOLDER
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._current: tuple[Path, int] | None = None
        self._closed: list[Batch] = []

    def append(self, event: Spooled) -> None:
        """Keep an event; it survives a power cut once this returns. Raises SpoolFull."""
        line = event.line()
        with self._lock:
            try:
                path, descriptor = self._current = self._current or self._new_file()
                size = os.fstat(descriptor).st_size
            except OSError as error:
                raise SpoolFull(error.strerror) from error
            try:
                _write(descriptor, line)
            except OSError as error:
                self._cut_back(path, descriptor, size)
                raise SpoolFull(error.strerror) from error
            if size + len(line) >= self._most_bytes:
                self._rotate()

    def take(self) -> Batch | None:
        """Return the oldest file to bring in, also one a dead process left; None if all is in.

        The same file is returned until ``done``.
        """
        with self._lock:
            if not self._closed:
                self._rotate()
                self._closed += self._orphans()
                self._closed.sort(key=lambda batch: batch.path.name)
            return self._closed[0] if self._closed else None

    def done(self, batch: Batch) -> None:
        """Delete a file whose events the store has."""
        with self._lock:
            self._closed.remove(batch)
        batch.close(delete=True)

    def refuse(self, line: bytes) -> None:
        """Put away an event the store will never take, so that the others can pass."""
        path = self._folder / REFUSED.replace("*", str(int(time.time()) // _HOUR))
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o600)
        try:
            _write(descriptor, line)
        finally:
            os.close(descriptor)

    def forget(self, before: datetime) -> None:
        """Delete what was refused in an hour that ended before ``before``."""
        for path in self._folder.glob(REFUSED):
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def waiting(self) -> Waiting:
        """Count what waits, of all processes of this machine."""
        files = list(self._folder.glob("*.jsonl"))
        sizes, events = zip(*map(_counted, files), strict=True) if files else ((), ())
        refused = sum(_counted(path)[1] for path in self._folder.glob(REFUSED))
        return Waiting(sum(events), sum(sizes), refused)

    def close(self) -> None:
        """Let go of every file; the next process brings their events in."""
        with self._lock:
            self._rotate()
            for batch in self._closed:
                batch.close(delete=False)
            self._closed.clear()

    def _rotate(self) -> None:
        if self._current is not None:
            self._closed.append(Batch(*self._current))
            self._current = None

    def _cut_back(self, path: Path, descriptor: int, size: int) -> None:
        """Take back half a line; where even that fails, nothing more is written behind it."""
        try:
            os.ftruncate(descriptor, size)
        except OSError:
            self._rotate()

    def _new_file(self) -> tuple[Path, int]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"
        path = self._folder / name
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL
        descriptor = os.open(path, flags, mode=0o600)
        if not _is_ours(descriptor):  # somebody looking for orphans was quicker: it is empty
            os.close(descriptor)
            return self._new_file()
        _sync_folder(self._folder)
        return path, descriptor

    def _orphans(self) -> list[Batch]:
        own = {batch.path for batch in self._closed}
        found = []
        for path in self._folder.glob("*.jsonl"):
            if path not in own and (batch := _adopted(path)):
                found.append(batch)
        return found


def _adopted(path: Path) -> Batch | None:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:  # gone in the meantime
        return None
    if _is_ours(descriptor) and os.fstat(descriptor).st_nlink:
        return Batch(path, descriptor)
    os.close(descriptor)
    return None


def _is_ours(descriptor: int) -> bool:
    """Take the file's lock if nobody has it. It ends with the process, however that ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _write(descriptor: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _counted(path: Path) -> tuple[int, int]:
    """Return bytes and lines of a file, nothing for one that is gone."""
    size = lines = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                lines += chunk.count(b"\n")
    except FileNotFoundError:
        return 0, 0
    return size, lines
