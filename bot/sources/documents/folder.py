"""A folder of documents: ``x.json`` beside ``x.pdf``, or ``index.csv`` or ``index.json``."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from bot.core.documents.document import IncomingDocument
from bot.core.documents.source import (
    WAITING,
    Entry,
    EntryUnusable,
    Opened,
    Problem,
    StillWriting,
)
from bot.core.errors import SourceUnavailable
from bot.core.notices.files import MOST_DOCUMENT
from bot.registry.rows import BadFile, Loaded
from bot.sources.documents.index import read_index

LISTS = ("index.csv", "index.json")
_MOST_LIST = 5 * 2**20  # bytes
_MOST_BESIDE = 64 * 1024  # bytes of a description beside its PDF
_FILES = 20_000
_STILL = 1.0  # seconds in which a file that is whole does not change
_TAIL = 2048  # bytes at the end of a PDF, within which it says that it ends

Look = tuple[int, int, int]  # inode, size in bytes, time of change in nanoseconds


class FolderSource:
    """Documents in a folder; nothing in it is moved, changed or followed out of it."""

    def __init__(
        self, folder: Path, zone: tzinfo, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._folder = folder
        self._zone = zone
        self._pause = pause
        self._settled: dict[str, Look] = {}  # seen twice without a change in between

    @property
    def name(self) -> str:
        """Return what its looks are remembered under."""
        return "folder " + hashlib.sha256(str(self._folder).encode()).hexdigest()[:16]

    def entries(self, since: datetime | None) -> Sequence[Entry | Problem]:
        """Return every document there is; a folder does not say what is new."""
        looks = self._looks()
        moving: list[str] = []
        if any(self._settled.get(name) != look for name, look in looks.items()):
            self._pause(_STILL)
            again = self._looks()
            moving = [name for name, look in again.items() if looks.get(name) != look]
            looks = {name: look for name, look in again.items() if looks.get(name) == look}
        self._settled = looks
        waiting = [_waiting(name) for name in moving if _describes(name)]
        return [*waiting, *self._listed(looks)]

    def open(self, entry: Entry, before: str) -> Opened | None:
        """Return a document, or None if neither its row nor its file changed."""
        path = self._folder / entry.file
        try:
            look = _look(path.lstat())
        except OSError as error:
            problem = entry.problem("missing", f"{entry.file} is not there: {error.strerror}")
            raise EntryUnusable(problem) from error
        if self._settled.get(entry.file) != look:
            raise StillWriting(entry.file)
        stamp = f"{entry.stamp} {look}"
        if stamp == before:
            return None
        if look[1] > MOST_DOCUMENT:
            reason = f"{entry.file} is larger than {MOST_DOCUMENT >> 20} MB"
            raise EntryUnusable(entry.problem("too_large", reason))
        data = self._read(entry.file, MOST_DOCUMENT)
        _check_whole(entry, data)
        return Opened(document_of(entry, entry.file, data), stamp)

    def _looks(self) -> dict[str, Look]:
        """Return the files of the folder that may be of use."""
        try:
            with os.scandir(self._folder) as entries:
                found = [(each.name, each.stat(follow_symlinks=False)) for each in entries]
        except OSError as error:
            raise SourceUnavailable(
                f"the folder of documents cannot be read: {error.strerror}; "
                "see MOTCUA_DOCUMENT_SOURCE"
            ) from error
        if len(found) > _FILES:
            raise SourceUnavailable(f"the folder of documents holds more than {_FILES} files")
        return {
            name: _look(status)
            for name, status in sorted(found)
            if stat.S_ISREG(status.st_mode) and not name.startswith((".", "~"))
        }

    def _listed(self, looks: dict[str, Look]) -> Iterator[Entry | Problem]:
        for name in looks:
            if name in LISTS:
                yield from self._list(name, _MOST_LIST, "")
            elif _describes(name):
                pdf = _beside(name, looks)
                # The PDF may come later than what describes it.
                yield from self._list(name, _MOST_BESIDE, pdf or f"{name[:-5]}.pdf")

    def _list(self, name: str, most: int, beside: str) -> Iterator[Entry | Problem]:
        try:
            data = self._read(name, most)
            for entry in read_index(Loaded(name, data), self._zone, beside):
                yield entry if isinstance(entry, Problem) else _inside(entry)
        except StillWriting:
            yield _waiting(name)
        except (BadFile, OSError) as error:
            reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
            yield Problem(name, 0, "list", reason)

    def _read(self, name: str, most: int) -> bytes:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(self._folder / name, flags), "rb") as file:
                data = file.read(most + 1)
                if self._settled.get(name) != _look(os.fstat(file.fileno())):
                    raise StillWriting(name)
        except FileNotFoundError as error:
            raise StillWriting(name) from error
        if len(data) > most:
            raise BadFile(f"{name} has more than {most >> 10} KB")
        return data


def _describes(name: str) -> bool:
    return name in LISTS or name.lower().endswith(".json")


def _waiting(name: str) -> Problem:
    return Problem(name, 0, WAITING, "still being written")


def document_of(entry: Entry, name: str, data: bytes) -> IncomingDocument:
    """Return the document of an entry."""
    return IncomingDocument(
        number=entry.number,
        day=entry.day,
        signer=entry.signer,
        abstract=entry.abstract,
        issuer=entry.issuer,
        name=name,
        data=data,
    )


def _inside(entry: Entry) -> Entry | Problem:
    """Return the entry if its file can only be one of this folder."""
    name = entry.file
    if Path(name).name != name or "\\" in name or name.startswith("."):
        return entry.problem("path", f"TepDinhKem {name!r} must be the name of a file beside it")
    if not name.lower().endswith(".pdf"):
        return entry.problem("not_pdf", f"{name!r} is no PDF")
    return entry


def _check_whole(entry: Entry, data: bytes) -> None:
    if not data.startswith(b"%PDF-"):
        raise EntryUnusable(entry.problem("not_pdf", f"{entry.file} is no PDF"))
    if b"%%EOF" not in data[-_TAIL:]:
        raise StillWriting(entry.file)


def _beside(name: str, looks: dict[str, Look]) -> str:
    """Return the PDF that a description belongs to, "" if it is not there."""
    wanted = f"{name[:-5]}.pdf".lower()
    return next((each for each in looks if each.lower() == wanted), "")


def _look(status: os.stat_result) -> Look:
    return status.st_ino, status.st_size, status.st_mtime_ns
