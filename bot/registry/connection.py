"""Opens the registry file read-only, one connection a thread, anew when it was replaced."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.core.errors import SourceUnavailable

Stamp = tuple[int, int, int]


class RegistryFile:
    """Runs queries on the registry file. Every failure is a SourceUnavailable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def stamp(self) -> Stamp:
        """Return what changes when the file is replaced."""
        try:
            status = self._path.stat()
        except OSError as error:
            raise SourceUnavailable(f"registry {self._path} is missing: build it") from error
        return status.st_ino, status.st_mtime_ns, status.st_size

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        try:
            return self._connection().execute(sql, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise SourceUnavailable(f"registry {self._path}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        stamp = self.stamp()
        if getattr(self._local, "stamp", None) != stamp:
            self.close()
            # immutable: the file is only ever replaced, so no locks and no journal are needed.
            address = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            self._local.connection, self._local.stamp = connection, stamp
        opened: sqlite3.Connection = self._local.connection
        return opened

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
        self._local.connection, self._local.stamp = None, None
