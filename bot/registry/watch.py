"""Watches a folder and imports the dossier files that appear or change in it."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.registry.build import Report
from bot.registry.ledger import is_known
from bot.registry.rows import BadFile, Loaded

log = logging.getLogger(__name__)

SUFFIXES = (".csv", ".json", ".jsonl", ".xlsx", ".xlsm")
_MOST_BYTES = 512 * 2**20
_RETRY = timedelta(minutes=1)  # after a failure that may pass by itself, as a full disk
_QUOTED = re.compile(r"'.*'|\".*\"")
_SHOWN = 20  # bad rows logged one by one

Look = tuple[int, int, int]  # inode, size in bytes, time of change in nanoseconds
Importer = Callable[[Loaded, datetime], Report]


@dataclass
class Outcome:
    """What some looks at the folder did, in files. ``waiting`` were still being written."""

    imported: int = 0
    known: int = 0
    failed: int = 0
    bad_rows: int = 0
    waiting: int = 0


@dataclass
class FolderWatch:
    """Imports what is new in ``folder``, each content once; moves and deletes nothing.

    A file is read when two looks in a row found it the same; links and other folders are left
    alone. What was imported is listed in the registry ``target`` itself, together with its rows:
    after a crash a file is either imported and listed, or neither.
    """

    folder: Path
    target: Path
    importer: Importer
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    interval: float = 3.0  # seconds between two looks
    _seen: dict[str, Look] = field(default_factory=dict)
    _done: dict[str, Look] = field(default_factory=dict)
    _later: dict[str, datetime] = field(default_factory=dict)

    def run(self) -> None:
        """Look again and again until interrupted."""
        log.info("event=watch_started interval_s=%g", self.interval)
        while True:
            self.look()
            self.sleep(self.interval)

    def once(self) -> Outcome:
        """Look twice and import what stands still; for a timer of the system."""
        first = self.look()
        self.sleep(self.interval)
        second = self.look()
        return Outcome(
            first.imported + second.imported,
            first.known + second.known,
            first.failed + second.failed,
            first.bad_rows + second.bad_rows,
            second.waiting,
        )

    def look(self) -> Outcome:
        """Look at the folder once and import what has not changed since the look before."""
        outcome = Outcome()
        found = self._found(outcome)
        for name, look in found.items():
            if self._done.get(name) == look or self._is_early(name):
                continue
            if self._seen.get(name) != look:
                outcome.waiting += 1
            else:
                self._take(name, look, outcome)
        self._seen = found
        for kept in (self._done, self._later):
            for name in kept.keys() - found.keys():
                del kept[name]
        return outcome

    def _found(self, outcome: Outcome) -> dict[str, Look]:
        """Return the files to care for, the one changed first at the beginning."""
        try:
            with os.scandir(self.folder) as entries:
                looks = dict(_looks(entries))
        except OSError as error:
            log.error("event=watch_unreadable error=%s", error.strerror)
            outcome.failed += 1
            return {}
        return dict(sorted(looks.items(), key=lambda item: (item[1][2], item[0])))

    def _is_early(self, name: str) -> bool:
        return name in self._later and self.clock() < self._later[name]

    def _take(self, name: str, look: Look, outcome: Outcome) -> None:
        """Import one file; what goes wrong with it stays its own trouble."""
        shown = _shown(name)
        try:
            file = self._read(name, look)
            if file is None:
                outcome.waiting += 1
                return
            if is_known(self.target, name, file.digest):
                outcome.known += 1
                log.info("event=import_known file=%s digest=%s", shown, file.digest[:12])
            else:
                self._import(file, shown, outcome)
        except BadFile as error:
            outcome.failed += 1
            log.error("event=import_refused file=%s reason=%r", shown, str(error))
        except (OSError, sqlite3.Error) as error:
            outcome.failed += 1
            self._later[name] = self.clock() + _RETRY
            log.error("event=import_failed file=%s error=%s", shown, type(error).__name__)
            return
        self._later.pop(name, None)
        self._done[name] = look

    def _import(self, file: Loaded, shown: str, outcome: Outcome) -> None:
        started = time.monotonic()
        report = self.importer(file, self.clock())
        outcome.imported += 1
        outcome.bad_rows += report.bad
        tally = report.dossiers
        log.info(
            "event=imported file=%s digest=%s new=%d changed=%d unchanged=%d bad=%d ms=%d",
            shown, file.digest[:12], tally.new, tally.changed, tally.unchanged, report.bad,
            (time.monotonic() - started) * 1000,
        )  # fmt: skip
        for problem in report.problems.get(file.name, ())[:_SHOWN]:
            reason = _QUOTED.sub("…", problem.reason)  # a cell may hold a person's name
            log.warning("event=row_refused file=%s line=%d reason=%r", shown, problem.line, reason)

    def _read(self, name: str, look: Look) -> Loaded | None:
        """Return the file as it was looked at, None when it moved on meanwhile."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            handle = os.open(self.folder / name, flags)
        except FileNotFoundError:
            return None
        with os.fdopen(handle, "rb") as file:
            if _look(os.fstat(handle)) != look:
                return None
            if look[1] > _MOST_BYTES:
                raise BadFile(f"larger than {_MOST_BYTES >> 20} MiB; divide it")
            data = file.read(look[1] + 1)
            whole = len(data) == look[1] and _look(os.fstat(handle)) == look
        return Loaded(name, data) if whole else None


def _looks(entries: Iterator[os.DirEntry[str]]) -> Iterator[tuple[str, Look]]:
    for entry in entries:
        # ".x" and "~$x" are what programs write beside a file while it is open.
        if entry.name.startswith((".", "~")) or not entry.name.lower().endswith(SUFFIXES):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield entry.name, _look(status)


def _look(status: os.stat_result) -> Look:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _shown(name: str) -> str:
    """Return a name that keeps to its place in a line of the log."""
    return repr(name) if any(char.isspace() or not char.isprintable() for char in name) else name
