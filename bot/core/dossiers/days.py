"""Working days between two days."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta


def working_days(start: date, end: date, holidays: Set[date] = frozenset()) -> int:
    """Return how many working days lie after ``start`` up to and including ``end``.

    Negative when ``end`` is before ``start``. Saturdays, Sundays and ``holidays`` do not count.

    >>> working_days(date(2026, 11, 20), date(2026, 11, 24))  # Friday to Tuesday
    2
    >>> working_days(date(2026, 11, 24), date(2026, 11, 20))
    -2
    """
    if end < start:
        return -working_days(end, start, holidays)
    days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(day.weekday() < 5 and day not in holidays for day in days)
