"""Dossiers of the embedded register: one SQLite file, read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.registry.connection import RegistryFile
from bot.registry.days import read_moment
from bot.registry.owners import OwnerDigests

_BATCH = 500  # codes asked at once


def _now() -> datetime:
    return datetime.now(timezone.utc)


class RegisterSource:
    """The DossierSource and OwnerCheck of the registry file.

    ``owners`` compares what owners know; without it nobody is confirmed. ``clock`` gives the
    present (aware); days kept relative to today, as in the demo, count from it. A missing,
    damaged or half-built file is SourceUnavailable, never DossierNotFound.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime] = _now,
        zone: str = "Asia/Ho_Chi_Minh",
        name: str = "register",
        owners: OwnerDigests | None = None,
    ) -> None:
        self.name = name
        self._file = RegistryFile(path)
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._owners = owners or OwnerDigests()

    def fetch(self, code: DossierCode) -> Dossier:
        """Return the dossier whose stored code has the same key.

        Raises DossierNotFound when the register has none and SourceUnavailable when it cannot
        be read.
        """
        rows = self._file.query("select * from dossiers where key = ?", [code.key])
        if not rows:
            raise DossierNotFound(self.name)
        return self._read(rows[0], self._today())

    def states(self, codes: Iterable[DossierCode | str]) -> Mapping[str, Dossier]:
        """Return the dossiers of many codes by their keys; those the register lacks are left out.

        Raises SourceUnavailable.
        """
        keys = list(dict.fromkeys(map(_key, codes)))
        now = self._today()
        found: dict[str, Dossier] = {}
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            marks = ", ".join("?" * len(batch))
            sql = f"select * from dossiers where key in ({marks})"  # noqa: S608  only marks
            for row in self._file.query(sql, batch):
                found[row["key"]] = self._read(row, now)
        return found

    def confirm(self, code: DossierCode, kind: Literal["phone", "secret"], value: str) -> bool:
        """Whether ``value`` is the secret on file, or ends with the phone's last four digits.

        False too for an unknown dossier or when nothing is on file. Raises SourceUnavailable.
        """
        rows = self._file.query(
            "select owner_phone, owner_secret from dossiers where key = ?", [code.key]
        )
        phone, secret = rows[0] if rows else ("", "")
        if kind == "phone":
            return self._owners.is_phone(code.key, phone, value)
        return self._owners.is_secret(code.key, secret, value)

    def close(self) -> None:
        """Close this thread's connection."""
        self._file.close()

    def _today(self) -> datetime:
        return self._clock().astimezone(self._zone)

    def _read(self, row: sqlite3.Row, now: datetime) -> Dossier:
        try:
            return self._dossier(row, now)
        except (ValueError, TypeError, IndexError) as error:
            raise SourceUnavailable(f"{self.name}: unreadable row") from error

    def _dossier(self, row: sqlite3.Row, now: datetime) -> Dossier:
        return Dossier(
            code=row["code"],
            procedure_code=row["procedure_code"],
            procedure_name=row["procedure_name"],
            status=row["status"],
            status_label=row["status_label"],
            received_on=_day(row["received"], now),
            promised_on=_day(row["promised"], now),
            finished_on=_day(row["finished"], now),
            returned_on=_day(row["returned"], now),
            changed_at=_moment(row["changed"], now),
            agency=row["agency"],
            handling_unit=row["handling_unit"],
            source=self.name,
            as_of=datetime.fromisoformat(row["as_of"]),
            note=row["note"],
        )


def _key(code: DossierCode | str) -> str:
    return (DossierCode(code) if isinstance(code, str) else code).key


def _day(text: str | None, now: datetime) -> date | None:
    moment = _moment(text, now)
    return moment.date() if moment else None


def _moment(text: str | None, now: datetime) -> datetime | None:
    """Return a stored moment in the zone of ``now``, relative ones counted from it."""
    return read_moment(text, now) if text else None
