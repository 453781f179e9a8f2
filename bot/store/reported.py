"""What back offices and polled sources reported about dossiers: for every look-up after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from bot.core.follow.report import DAYS, Report, merged
from bot.store.database import Database
from bot.store.schema_follows import reported_states

REPORT_LIFE = timedelta(days=30)
_BATCH = 500  # keys in one question


class ReportedStates:
    """The Reports of the store: the newest one about each dossier."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, keys: Collection[str]) -> Mapping[str, Report]:
        """Return the reports about some dossiers by the key of their code."""
        with self._db.read() as connection:
            return _read(connection, keys)


def note(db: Database, connection: Any, reports: Iterable[Report]) -> None:
    """Keep reports, in the order they came, each merged with what is known."""
    came = list(reports)
    if not came:
        return
    db.one_at_a_time(connection, "reported_states")
    known = _read(connection, {each.key for each in came})
    newest: dict[str, Report] = {}
    for each in came:
        newest[each.key] = merged(newest.get(each.key) or known.get(each.key), each)
    insert = db.insert(reported_states)
    changed = {name: insert.excluded[name] for name in reported_states.c.keys() if name != _KEY}
    upsert = insert.on_conflict_do_update(index_elements=[_KEY], set_=changed)
    connection.execute(upsert, [_row(each) for each in newest.values()])


def forget_old_reports(connection: Any, now: datetime) -> int:
    """Delete reports past their term; return how many."""
    old = delete(reported_states).where(reported_states.c.reported_at <= now - REPORT_LIFE)
    return int(connection.execute(old).rowcount)


_KEY = "code_key"


def _read(connection: Any, keys: Collection[str]) -> dict[str, Report]:
    wanted = sorted(keys)
    found: dict[str, Report] = {}
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        query = select(reported_states).where(reported_states.c.code_key.in_(some))
        found.update((row.code_key, _as_report(row)) for row in connection.execute(query))
    return found


def _row(report: Report) -> dict[str, Any]:
    days = {name: getattr(report, name) for name in DAYS}
    return {
        _KEY: report.key,
        "status": report.status,
        "label": report.label,
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "changed_at": report.changed_at,
        "reported_at": report.reported_at,
    }


def _as_report(row: Any) -> Report:
    days = {name: getattr(row, name) for name in DAYS}
    return Report(
        row.code_key,
        row.changed_at,
        row.reported_at,
        row.status,
        row.label,
        **{name: date.fromisoformat(text) if text else None for name, text in days.items()},
    )
