"""When a citizen may be told something: quiet hours, the day before, the day after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timezone, tzinfo
from functools import lru_cache

from bot.core.dossiers.days import WEEKENDS_ONLY, WorkCalendar
from bot.core.notices.hours import Hours

_OFFICE_OPENS = time(8)


@dataclass(frozen=True)
class Times:
    """The province's clock and calendar. Every moment returned is in UTC."""

    zone: tzinfo
    calendar: WorkCalendar = WEEKENDS_ONLY
    hours: Hours | None = None  # None: the usual quiet hours

    def today(self, now: datetime) -> date:
        """Return the local day."""
        return now.astimezone(self.zone).date()

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return when the quiet hours end that ``now`` lies in, or None outside of them.

        >>> night = datetime(2026, 11, 20, 15, 30, tzinfo=timezone.utc)
        >>> Times(Hours().zone).quiet_until(night).isoformat()
        '2026-11-20T23:00:00+00:00'
        """
        hours = self.hours or Hours(self.zone)
        return hours.earliest(now) if hours.is_quiet(now) else None

    def due_on(self, promised: date) -> date:
        """Return the day a promise can be kept: the promised one, or the first working one after.

        >>> Times(timezone.utc).due_on(date(2026, 11, 21))
        datetime.date(2026, 11, 23)
        """
        return promised if self.calendar.is_working(promised) else self.calendar.add(promised, 1)

    def reminder_at(self, promised: date) -> datetime:
        """Return when to remind: in the morning of the last working day before."""
        return _morning(self, promised, -1)

    def late_at(self, promised: date) -> datetime:
        """Return when a promise counts as broken: in the morning of the next working day."""
        return _morning(self, promised, 1)

    def at(self, day: date, hour: time) -> datetime:
        """Return a local hour of a day."""
        return datetime.combine(day, hour, self.zone).astimezone(timezone.utc)


@lru_cache(maxsize=4096)  # few days are promised to many
def _morning(times: Times, promised: date, days: int) -> datetime:
    """Return when offices open, that many working days after a promise is due."""
    return times.at(times.calendar.add(times.due_on(promised), days), _OFFICE_OPENS)
