"""A dossier's days against its promised day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.core.dossiers.days import DaysOff, WorkCalendar
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.statuses import Stage, status_of

_SOON = 1  # working days before the promised day
_DONE = (Stage.READY, Stage.RETURNED)


@dataclass(frozen=True)
class Clock:
    """What the calendar says of a promise. Days not known make facts not known (None).

    ``due_on`` is the promised day, or the working day after it when nobody works then.
    ``days_left`` are working days from today to ``due_on``, negative after it, and ``off`` tells
    what lies between. ``late`` and ``due_soon`` (today or the next working day) are said of
    running dossiers only. ``on_time`` is said of finished ones, with ``early_by`` and ``late_by``
    in working days.
    """

    due_on: date | None = None
    days_left: int | None = None
    off: DaysOff = DaysOff()
    late: bool = False
    due_soon: bool = False
    on_time: bool | None = None
    early_by: int = 0
    late_by: int = 0


def clock_of(dossier: Dossier, today: date, holidays: WorkCalendar) -> Clock:
    """Return the days of ``dossier`` against its promised day, as of ``today``."""
    if dossier.promised_on is None:
        return Clock()
    status = status_of(dossier.status)
    due = holidays.on_or_after(dossier.promised_on)
    ended = (dossier.finished_on or dossier.returned_on) if status.stage in _DONE else None
    left = holidays.working_days(today, due)
    late = status.clock_runs and due < today
    beyond = holidays.working_days(due, ended) if ended else 0
    return Clock(
        due_on=due,
        days_left=left,
        off=holidays.days_off(today, due),
        late=late,
        due_soon=status.clock_runs and not late and left <= _SOON,
        on_time=ended <= due if ended else None,
        early_by=max(-beyond, 0),
        late_by=max(beyond, 0),
    )
