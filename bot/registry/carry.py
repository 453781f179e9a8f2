"""Hands over from the registry file before to the one that takes its place."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

log = logging.getLogger(__name__)

_WHOLE = ("dossiers", "history", "imports")
_NUMBERED = ("history", "imports")
_BATCH = 1_000


def carry_over(db: Database, old: Path, now: datetime) -> None:
    """Copy dossiers, their history, the list of imports and imported procedures from ``old``.

    Running numbers go on where they stood. Without a readable file before they go on at the
    milliseconds since 1970: far above every number that file can have given. A damaged file is
    kept as ``<name>.damaged``. Raises sqlite3.OperationalError when the disk is the trouble.
    """
    for table in _NUMBERED:
        db.execute(
            "insert into sqlite_sequence (name, seq) values (?, ?)",
            [table, int(now.timestamp() * 1000)],
        )
    if not old.is_file():
        return
    db.execute("savepoint carried")
    try:
        before = sqlite3.connect(f"{old.resolve().as_uri()}?mode=ro", uri=True)
        try:
            _copy(db, before)
        finally:
            before.close()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        db.execute("rollback to carried")
        shutil.copyfile(old, old.with_name(old.name + ".damaged"))
        log.warning("event=registry_damaged file=%s error=%s", old.name, type(error).__name__)
    db.execute("release carried")


def _copy(db: Database, before: sqlite3.Connection) -> None:
    for table in (*_WHOLE, "procedures"):
        columns = [name for name in _columns(before, table) if name in _columns(db.conn, table)]
        if not columns:
            continue  # a file of an older version
        where = " where origin = 'import'" if table == "procedures" else ""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        rows = before.execute(f"select {names} from {table}{where}")  # noqa: S608  our own names
        while batch := rows.fetchmany(_BATCH):
            sql = f"insert or replace into {table} ({names}) values ({marks})"  # noqa: S608
            db.conn.executemany(sql, batch)
    if _columns(before, "sqlite_sequence"):
        for name, last in before.execute("select name, seq from sqlite_sequence").fetchall():
            db.execute("update sqlite_sequence set seq = ? where name = ?", [last, name])
    for name in ("note", "owner_phone", "owner_secret"):  # an older version has none of them
        db.execute(f"update dossiers set {name} = '' where {name} is null")  # noqa: S608


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"pragma table_info({table})")]
