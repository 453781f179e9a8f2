"""The last known state of each dossier that was asked for, kept for when its system is silent.

Public facts only: what is the owner's alone (the unit at work) is not kept. Nobody's question
is kept either: a row says that a dossier was looked up, not by whom.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.core.dossiers.dossier import Dossier

if TYPE_CHECKING:
    from sqlite_utils import Database

log = logging.getLogger(__name__)

TERM = timedelta(days=30)
_PURGE_EVERY = timedelta(hours=1)
_DAYS = ("received_on", "promised_on", "finished_on", "returned_on")
_MOMENTS = ("changed_at", "as_of")
_BUSY = 0.5  # seconds to wait for another process, while a citizen waits for us


class KnownStates:
    """A small file beside the others in the data folder; without it answers are only fresh."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db: Database | None = None
        self._purged: datetime | None = None

    def keep(self, dossiers: Sequence[tuple[str, Dossier]], now: datetime) -> None:
        """Keep each dossier by its key in place of what was known before."""
        rows = [
            {"key": key, "as_of": each.as_of.isoformat(), "facts": _text_of(each)}
            for key, each in dossiers
        ]

        def write(db: Database) -> None:
            with db.conn:
                db.table("known").insert_all(rows, pk="key", replace=True)
                if self._purged is None or now - self._purged > _PURGE_EVERY:
                    self._purged = now
                    db.execute("delete from known where as_of < ?", [(now - TERM).isoformat()])

        self._quietly(write)

    def find(self, key: str, now: datetime) -> Dossier | None:
        """Return what was last known, marked as stale; None when that is too long ago."""
        found: list[str] = []

        def read(db: Database) -> None:
            since = (now - TERM).isoformat()
            rows = db.query("select facts from known where key = ? and as_of >= ?", [key, since])
            found.extend(row["facts"] for row in rows)

        self._quietly(read)
        try:
            return _dossier_of(found[0]) if found else None
        except (ValueError, TypeError, KeyError):
            log.warning("event=known_unreadable")
            return None

    def forget(self, key: str) -> None:
        """Drop a dossier its system no longer has."""

        def write(db: Database) -> None:
            with db.conn:
                db.execute("delete from known where key = ?", [key])

        self._quietly(write)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _quietly(self, work: Callable[[Database], None]) -> None:
        """Do ``work``; a broken file costs the last known states, never an answer."""
        try:
            with self._opened() as db:
                work(db)
        except (sqlite3.Error, OSError) as error:
            log.warning("event=known_failed error=%s cure=delete_known.db", type(error).__name__)

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        with self._lock:
            if self._db is None:
                self._db = self._open()
            yield self._db

    def _open(self) -> Database:
        from sqlite_utils import (
            Database,
        )  # twenty megabytes that a desk without such a system saves

        connection = sqlite3.connect(self._path, timeout=_BUSY, check_same_thread=False)
        db = Database(connection)
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma secure_delete = on")
            db.table("known").create(
                {"key": str, "as_of": str, "facts": str}, pk="key", if_not_exists=True
            )
        except sqlite3.Error:
            connection.close()
            raise
        return db


def _text_of(dossier: Dossier) -> str:
    facts: dict[str, Any] = asdict(replace(dossier, handling_unit="", stale=True))
    for name in (*_DAYS, *_MOMENTS):
        facts[name] = facts[name].isoformat() if facts[name] else None
    return json.dumps(facts, ensure_ascii=False)


def _dossier_of(text: str) -> Dossier:
    facts = json.loads(text)
    for name in _DAYS:
        facts[name] = date.fromisoformat(facts[name]) if facts[name] else None
    for name in _MOMENTS:
        facts[name] = datetime.fromisoformat(facts[name]) if facts[name] else None
    return Dossier(**facts)
