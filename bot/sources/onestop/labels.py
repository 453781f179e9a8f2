"""The labels a province's systems use for the ten states, as the registry file holds them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from bot.core.vietnamese import fold
from bot.registry.connection import RegistryFile, Stamp

Known = Mapping[str, tuple[str, int]]


class Labels:
    """Maps labels and numbers to national states; read again when the registry is replaced."""

    def __init__(self, registry: Path) -> None:
        self._file = RegistryFile(registry)
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._known: Known = {}

    def state(self, value: str, label: str = "") -> tuple[str, int | None]:
        """Return the label to show and the number 1-10; None when neither text maps to one.

        Raises SourceUnavailable when the registry cannot be read.
        """
        known = self._current()
        number = value.isdecimal() and len(value) < 4
        found = known.get(str(int(value)) if number else fold(value))
        if found is None and label:
            found = known.get(fold(label))
        if found is None:
            return label or value, None
        return label or (found[0] if number else value), found[1]

    def _current(self) -> Known:
        stamp = self._file.stamp()
        with self._lock:
            if stamp != self._stamp:
                self._known = self._read()
                self._stamp = stamp
            return self._known

    def _read(self) -> Known:
        known: dict[str, tuple[str, int]] = {}
        rows = self._file.query("select folded, label, status from labels order by rowid")
        for row in rows:
            known[row["folded"]] = (row["label"], row["status"])
            known.setdefault(str(row["status"]), (row["label"], row["status"]))
        return known
