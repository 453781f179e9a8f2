"""What was reported about a dossier outside of its source, laid over what the source says.

A back office calls before its register is written anew. Until the register has caught up, every
look-up must say what the followers were told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from bot.core.dossiers.dossier import Dossier
from bot.core.follow.follow import is_over, is_overruled
from bot.core.follow.snapshot import from_json

DAYS = ("promised_on", "finished_on", "returned_on")


@dataclass(frozen=True)
class Report:
    """Public facts of one dossier. What was not said is None: ``label`` None means no state."""

    key: str
    changed_at: datetime
    reported_at: datetime
    status: int | None = None
    label: str | None = None
    promised_on: date | None = None
    finished_on: date | None = None
    returned_on: date | None = None


class Reports(Protocol):
    """The newest report about each dossier."""

    def of(self, keys: Collection[str]) -> Mapping[str, Report]:
        """Return the reports about some dossiers by the key of their code."""


def report_in(key: str, changes: Mapping[str, Any], now: datetime) -> Report | None:
    """Return the public part of ``changes`` (in the form of ``snapshot.as_json``), if any."""
    said = from_json({**changes, "code": key})
    label = said.status_label if "status" in changes else None
    days = {name: getattr(said, name) for name in DAYS}
    if label is None and not any(days.values()):
        return None
    return Report(key, said.changed_at or now, now, said.status, label, **days)


def report_of(key: str, dossier: Dossier, now: datetime) -> Report:
    """Return the public part of what a source said."""
    changed = dossier.changed_at or dossier.as_of
    days = {name: getattr(dossier, name) for name in DAYS}
    label = dossier.status_label if dossier.status or dossier.status_label else None
    return Report(key, changed, now, dossier.status, label, **days)


def merged(before: Report | None, after: Report) -> Report:
    """Return both reports as one: the later word counts, and silence changes nothing."""
    if before is None:
        return after
    if after.changed_at < before.changed_at:
        return before
    kept = {name: getattr(after, name) or getattr(before, name) for name in DAYS}
    if after.label is None:
        kept.update(status=before.status, label=before.label)
    return replace(after, **kept)


def laid_over(dossier: Dossier, report: Report | None) -> Dossier:
    """Return ``dossier`` with what was reported later than its source knows."""
    if report is None:
        return dossier
    said: dict[str, Any] = {name: getattr(report, name) for name in DAYS}
    said = {name: day for name, day in said.items() if day}
    if report.label is not None:
        same = report.status is not None and report.status == dossier.status
        label = report.label or (dossier.status_label if same else "")
        said.update(status=report.status, status_label=label)
    as_of = max(dossier.as_of, report.reported_at)
    newer = replace(dossier, **said, changed_at=report.changed_at, as_of=as_of)
    return newer if is_overruled(dossier, report.changed_at, over=is_over(newer)) else dossier
