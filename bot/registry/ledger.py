"""The list of files that were imported; kept in the registry, so it is as true as the rows."""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One import. ``good`` and ``bad`` count rows, the rest dossiers."""

    name: str  # of the file, without its folder
    digest: str
    imported_at: str
    good: int
    bad: int
    new: int
    changed: int
    unchanged: int


_NAMES = ", ".join(field.name for field in fields(Entry))


def enter(connection: sqlite3.Connection, entry: Entry) -> None:
    """Add an import to the list."""
    marks = ", ".join("?" * len(fields(Entry)))
    connection.execute(f"insert into imports ({_NAMES}) values ({marks})", astuple(entry))  # noqa: S608


def last_of(connection: sqlite3.Connection, name: str) -> Entry | None:
    """Return the last import of a file of this name, None when there was none."""
    row = connection.execute(
        f"select {_NAMES} from imports where name = ? order by number desc limit 1",  # noqa: S608
        [name],
    ).fetchone()
    return Entry(*row) if row else None


def is_known(target: Path, name: str, digest: str) -> bool:
    """Whether this content came last under this name, or, for a new name, under any.

    Raises sqlite3.Error when the registry cannot be read.
    """
    connection = sqlite3.connect(f"{target.resolve().as_uri()}?mode=ro", uri=True)
    try:
        last = last_of(connection, name)
        if last:
            return last.digest == digest
        sql = "select count(*) from imports where digest = ?"
        return bool(connection.execute(sql, [digest]).fetchone()[0])
    finally:
        connection.close()
