"""Working days: what the office's clock counts between two days."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class DaysOff:
    """What is unusual about the days of a span, to explain its count of working days.

    ``weekend``: Saturdays or Sundays nobody works; ``closed``: weekdays nobody works;
    ``worked``: Saturdays or Sundays worked in exchange.
    """

    weekend: bool = False
    closed: tuple[date, ...] = ()
    worked: bool = False

    @property
    def holiday(self) -> bool:
        """Whether a weekday is left out."""
        return bool(self.closed)


@dataclass(frozen=True)
class WorkCalendar:
    """Monday to Friday, without ``holidays``, with ``worked`` days given back for others.

    A day in both is worked. Counting takes the same few steps for a week and for ten years.

    >>> tet = WorkCalendar(frozenset({date(2026, 2, 17)}), frozenset({date(2026, 2, 28)}))
    >>> tet.working_days(date(2026, 2, 16), date(2026, 2, 18)), tet.is_working(date(2026, 2, 28))
    (1, True)
    """

    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.holidays)

    def working_days(self, start: date, end: date) -> int:
        """Return how many working days lie after ``start`` up to and including ``end``.

        Negative when ``end`` is before ``start``.

        >>> WorkCalendar().working_days(date(2026, 11, 20), date(2026, 11, 24))  # Friday, Tuesday
        2
        >>> WorkCalendar().working_days(date(2026, 11, 24), date(2026, 11, 20))
        -2
        """
        if end < start:
            return -self.working_days(end, start)
        return (
            _weekdays_until(end)
            - _weekdays_until(start)
            - _between(self._lost, start, end)
            + _between(self._gained, start, end)
        )

    def add(self, start: date, days: int) -> date:
        """Return the working day that many working days after ``start``, before it if negative.

        ``start`` itself when ``days`` is 0.

        >>> WorkCalendar().add(date(2026, 11, 20), 3), WorkCalendar().add(date(2026, 11, 22), -1)
        (datetime.date(2026, 11, 25), datetime.date(2026, 11, 20))
        """
        # A step of as many days as are missing never goes too far, and the last step, which
        # finds them all, ends on a working day.
        day, missing = start, abs(days)
        while missing:
            if days > 0:
                day += missing * _DAY
                missing = days - self.working_days(start, day)
            else:
                day -= missing * _DAY
                missing = -days - self.working_days(day - _DAY, start - _DAY)
        return day

    def on_or_after(self, day: date) -> date:
        """Return ``day`` when it is worked, else the next working day.

        A term that ends on a day off ends with the working day after it.
        """
        return day if self.is_working(day) else self.add(day, 1)

    def days_off(self, start: date, end: date) -> DaysOff:
        """Return what lies after the earlier of two days up to and including the later."""
        first, last = sorted((start, end))
        weekdays = _weekdays_until(last) - _weekdays_until(first)
        gained = _between(self._gained, first, last)
        return DaysOff(
            weekend=(last - first).days - weekdays > gained,
            closed=self._lost[bisect_right(self._lost, first) : bisect_right(self._lost, last)],
            worked=gained > 0,
        )

    @cached_property
    def _lost(self) -> tuple[date, ...]:
        """Return the weekdays on which nobody works."""
        return tuple(sorted(day for day in self.holidays if self._differs(day, works=False)))

    @cached_property
    def _gained(self) -> tuple[date, ...]:
        """Return the Saturdays and Sundays worked."""
        return tuple(sorted(day for day in self.worked if self._differs(day, works=True)))

    def _differs(self, day: date, *, works: bool) -> bool:
        return self.is_working(day) == works and (day.weekday() < _SATURDAY) != works


WEEKENDS_ONLY = WorkCalendar()


def _weekdays_until(day: date) -> int:
    """Return how many Mondays to Fridays lie from the first day of all dates to ``day``."""
    weeks, rest = divmod(day.toordinal(), 7)  # ordinal 1 was a Monday
    return weeks * _SATURDAY + min(rest, _SATURDAY)


def _between(days: tuple[date, ...], start: date, end: date) -> int:
    return bisect_right(days, end) - bisect_right(days, start)
