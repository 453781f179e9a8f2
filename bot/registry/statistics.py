"""Counts the dossiers of the embedded register."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.dossiers.statistics import Figures
from bot.core.dossiers.statuses import Stage, status_of
from bot.registry.connection import RegistryFile, Stamp
from bot.registry.days import read_moment

_OPEN = (Stage.RUNNING, Stage.WAITING_OFFICE, Stage.UNKNOWN)
_FINISHED = (Stage.READY, Stage.RETURNED)
# Days repeat, so a million dossiers are some thousand groups. Only the day of a moment counts.
_GROUPS = (
    "select d.status, substr(d.promised, 1, 10) as promised,"
    " substr(coalesce(d.finished, d.returned), 1, 10) as ended,"
    " max(d.as_of) as as_of, count(*) as n from dossiers d"
    " left join procedures p on p.code = d.procedure_code"
    " where (?1 is null or d.agency = ?1) and (?2 is null or p.field = ?2)"
    " group by 1, 2, 3"
)


class RegisterStatistics:
    """The DossierStatistics of the registry file; counts anew when the day or the file changes."""

    def __init__(self, path: Path, zone: str = "Asia/Ho_Chi_Minh") -> None:
        self._file = RegistryFile(path)
        self._zone = ZoneInfo(zone)
        self._kept: Callable[[Stamp, date, str | None, str | None], Figures] = lru_cache(256)(
            self._counted
        )

    def figures(
        self, now: datetime, agency: str | None = None, field: str | None = None
    ) -> Figures:
        """Return the figures of all dossiers, or of one receiving agency or one field.

        Raises SourceUnavailable.
        """
        today = now.astimezone(self._zone).date()
        return self._kept(self._file.stamp(), today, agency, field)

    def _counted(
        self, stamp: Stamp, today: date, agency: str | None, field: str | None
    ) -> Figures:
        groups = self._file.query(_GROUPS, [agency, field])
        return _summed(groups, datetime.combine(today, datetime.min.time(), self._zone))


def _summed(groups: Iterable[sqlite3.Row], start: datetime) -> Figures:
    """Add up groups of dossiers; ``start`` is the beginning of today."""
    counts = dict.fromkeys(
        ("received", "handling", "waiting", "finished", "judged", "on_time", "late"), 0
    )
    newest = ""
    for group in groups:
        newest = max(newest, group["as_of"] or "")
        for name in _kinds(group, start):
            counts[name] += group["n"]
    as_of = datetime.fromisoformat(newest).astimezone(start.tzinfo).date() if newest else None
    return Figures(**counts, as_of=as_of)


def _kinds(group: sqlite3.Row, start: datetime) -> Iterable[str]:
    """Yield what a group counts as."""
    yield "received"
    status = status_of(group["status"])
    promised, ended = _day(group["promised"], start), _day(group["ended"], start)
    if status.stage in _OPEN:
        yield "handling"
        if status.clock_runs and promised and promised < start.date():
            yield "late"
    elif status.stage is Stage.WAITING_CITIZEN:
        yield "waiting"
    elif status.stage in _FINISHED:
        yield "finished"
        if promised and ended:
            yield "judged"
            if ended <= promised:
                yield "on_time"


def _day(text: str | None, start: datetime) -> date | None:
    moment = read_moment(text, start) if text else None
    return moment.date() if moment else None
