"""When notices may arrive: not at night unless urgent, and not too many in one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone, tzinfo

MOST_A_DAY = 3  # notices to one citizen in one day, urgent ones apart
VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class Hours:
    """The quiet hours of a place, and what a day is there."""

    zone: tzinfo = VIETNAM
    quiet_from: time = time(21)
    quiet_until: time = time(6)
    most_a_day: int = MOST_A_DAY

    def is_quiet(self, now: datetime) -> bool:
        """Whether only urgent notices may arrive at ``now``.

        >>> Hours().is_quiet(datetime(2026, 11, 22, 14, 0, tzinfo=timezone.utc))
        True
        """
        clock = now.astimezone(self.zone).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until

    def earliest(self, now: datetime) -> datetime:
        """Return when a notice that is not urgent may arrive: ``now``, or the end of the night.

        >>> Hours().earliest(datetime(2026, 11, 22, 14, 0, tzinfo=timezone.utc)).isoformat()
        '2026-11-22T23:00:00+00:00'
        """
        if not self.is_quiet(now):
            return now
        local = now.astimezone(self.zone)
        morning = datetime.combine(local.date(), self.quiet_until, self.zone)
        if morning <= local:
            morning += timedelta(days=1)
        return morning.astimezone(timezone.utc)

    def day(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the beginning and the end of the local day of ``now``, in UTC."""
        start = datetime.combine(now.astimezone(self.zone).date(), time(), self.zone)
        end = start + timedelta(days=1)
        return start.astimezone(timezone.utc), end.astimezone(timezone.utc)
