"""Dossiers of the embedded register: one SQLite file, read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.registry.connection import RegistryFile
from bot.registry.days import read_moment


def _now() -> datetime:
    return datetime.now(timezone.utc)


class RegisterSource:
    """The DossierSource of the registry file.

    ``clock`` gives the present (aware); days kept relative to today, as in the demo, count from
    it. A missing, damaged or half-built file is SourceUnavailable, never DossierNotFound.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime] = _now,
        zone: str = "Asia/Ho_Chi_Minh",
        name: str = "register",
    ) -> None:
        self.name = name
        self._file = RegistryFile(path)
        self._clock = clock
        self._zone = ZoneInfo(zone)

    def fetch(self, code: DossierCode) -> Dossier:
        """Return the dossier whose stored code has the same key.

        Raises DossierNotFound when the register has none and SourceUnavailable when it cannot
        be read.
        """
        rows = self._file.query("select * from dossiers where key = ?", [code.key])
        if not rows:
            raise DossierNotFound(self.name)
        try:
            return self._dossier(rows[0])
        except (ValueError, TypeError, IndexError) as error:
            raise SourceUnavailable(f"{self.name}: unreadable row") from error

    def close(self) -> None:
        """Close this thread's connection."""
        self._file.close()

    def _dossier(self, row: sqlite3.Row) -> Dossier:
        changed = self._moment(row["changed"])
        return Dossier(
            code=row["code"],
            procedure_code=row["procedure_code"],
            procedure_name=row["procedure_name"],
            status=row["status"],
            status_label=row["status_label"],
            received_on=self._day(row["received"]),
            promised_on=self._day(row["promised"]),
            finished_on=self._day(row["finished"]),
            returned_on=self._day(row["returned"]),
            changed_at=changed,
            agency=row["agency"],
            handling_unit=row["handling_unit"],
            source=self.name,
            as_of=datetime.fromisoformat(row["as_of"]),
        )

    def _day(self, text: str | None) -> date | None:
        moment = self._moment(text)
        return moment.date() if moment else None

    def _moment(self, text: str | None) -> datetime | None:
        """Return a stored moment in the province's time, relative ones counted from now."""
        return read_moment(text, self._clock().astimezone(self._zone)) if text else None
