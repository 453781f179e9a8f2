"""The history of the register: every change it noticed, in the order of running numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.dossiers.codes import DossierCode
from bot.registry.connection import RegistryFile, Stamp
from bot.registry.days import read_moment


@dataclass(frozen=True)
class Change:
    """A dossier got a new state, day of return or promise; ``first`` when it was not known before.

    ``number`` only grows and is never given twice. It needs 64 bits.
    """

    number: int
    code: str  # as stored and printed
    key: str
    status: int | None
    label: str
    changed_at: datetime | None  # as the office says; None when it does not
    noticed_at: datetime
    first: bool = False


class Changes:
    """Reads the history of the registry file; any number of threads may use one object.

    Every failure, a file of an older version too, is SourceUnavailable.
    """

    def __init__(self, path: Path, zone: str = "Asia/Ho_Chi_Minh") -> None:
        self._file = RegistryFile(path)
        self._zone = ZoneInfo(zone)

    def stamp(self) -> Stamp:
        """Return what differs once the file was replaced; cheap enough for every second."""
        return self._file.stamp()

    def last(self) -> int:
        """Return the highest number given so far: where a new reader starts."""
        rows = self._file.query("select seq from sqlite_sequence where name = 'history'")
        return int(rows[0]["seq"]) if rows else 0

    def since(self, number: int, limit: int) -> Sequence[Change]:
        """Return at most ``limit`` changes with higher numbers, lowest first."""
        rows = self._file.query(
            "select * from history where number > ? order by number limit ?", [number, limit]
        )
        return [self._change(row) for row in rows]

    def of(self, code: DossierCode) -> Sequence[Change]:
        """Return everything noticed of one dossier, oldest first."""
        rows = self._file.query(
            "select * from history where code_key = ? order by number", [code.key]
        )
        return [self._change(row) for row in rows]

    def close(self) -> None:
        """Close this thread's connection."""
        self._file.close()

    def _change(self, row: sqlite3.Row) -> Change:
        noticed = datetime.fromisoformat(row["noticed_at"])
        changed = row["changed_at"]
        return Change(
            number=row["number"],
            code=row["code"],
            key=row["code_key"],
            status=row["status"],
            label=row["label"],
            # Days of the demo that count from today counted from the day they were noticed.
            changed_at=read_moment(changed, noticed.astimezone(self._zone)) if changed else None,
            noticed_at=noticed,
            first=bool(row["first"]),
        )
