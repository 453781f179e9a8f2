"""Counting working days: quickly, and as somebody with a paper calendar would."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.dossiers.days import DaysOff, WorkCalendar

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
HOLIDAY = date(2026, 11, 24)
DAYS = st.dates(date(2025, 11, 1), date(2027, 3, 1))
SETS = st.frozensets(DAYS, max_size=40)


def walked(calendar: WorkCalendar, start: date, end: date) -> int:
    """Count one day after another."""
    if end < start:
        return -walked(calendar, end, start)
    days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(calendar.is_working(day) for day in days)


@given(SETS, SETS, DAYS, DAYS)
def test_counting_agrees_with_walking(
    holidays: frozenset[date], worked: frozenset[date], start: date, end: date
) -> None:
    calendar = WorkCalendar(holidays, worked)

    assert calendar.working_days(start, end) == walked(calendar, start, end)


@given(SETS, SETS, DAYS, st.integers(-60, 60).filter(bool))
def test_a_day_added_is_worked_and_as_far_as_asked(
    holidays: frozenset[date], worked: frozenset[date], start: date, days: int
) -> None:
    calendar = WorkCalendar(holidays, worked)
    day = calendar.add(start, days)

    assert calendar.is_working(day)
    if days > 0:
        assert walked(calendar, start, day) == days
    else:
        assert walked(calendar, day - timedelta(days=1), start - timedelta(days=1)) == -days


@given(DAYS, DAYS, DAYS)
def test_spans_add_up(first: date, second: date, third: date) -> None:
    calendar = WorkCalendar()
    parts = calendar.working_days(first, second) + calendar.working_days(second, third)

    assert parts == calendar.working_days(first, third)


def test_weekends_do_not_count() -> None:
    calendar = WorkCalendar()

    assert calendar.working_days(FRIDAY, MONDAY) == 1
    assert calendar.working_days(FRIDAY, date(2026, 11, 22)) == 0
    assert calendar.working_days(MONDAY, FRIDAY) == -1
    assert calendar.add(FRIDAY, 0) == FRIDAY


def test_a_saturday_worked_in_exchange_counts_and_its_monday_does_not() -> None:
    calendar = WorkCalendar(frozenset({date(2026, 8, 31)}), frozenset({date(2026, 8, 22)}))

    assert calendar.working_days(date(2026, 8, 21), date(2026, 8, 22)) == 1
    assert calendar.working_days(date(2026, 8, 28), date(2026, 8, 31)) == 0
    assert calendar.add(date(2026, 8, 21), 1) == date(2026, 8, 22)
    assert calendar.add(date(2026, 8, 28), 1) == date(2026, 9, 1)


def test_a_day_both_off_and_worked_is_worked() -> None:
    assert WorkCalendar(frozenset({MONDAY}), frozenset({MONDAY})).is_working(MONDAY)


def test_a_weekday_listed_as_worked_counts_once() -> None:
    calendar = WorkCalendar(worked=frozenset({MONDAY}))

    assert calendar.working_days(FRIDAY, MONDAY) == 1
    assert calendar.days_off(FRIDAY, MONDAY) == DaysOff(weekend=True)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (MONDAY, date(2026, 11, 25), DaysOff(closed=(HOLIDAY,))),
        (FRIDAY, MONDAY, DaysOff(weekend=True)),
        (MONDAY, FRIDAY, DaysOff(weekend=True)),
        (FRIDAY, date(2026, 11, 25), DaysOff(weekend=True, closed=(HOLIDAY,))),
        (date(2026, 11, 27), date(2026, 11, 28), DaysOff(worked=True)),
        (FRIDAY, FRIDAY, DaysOff()),
    ],
)
def test_what_explains_a_count(start: date, end: date, expected: DaysOff) -> None:
    calendar = WorkCalendar(frozenset({HOLIDAY}), frozenset({date(2026, 11, 28)}))

    assert calendar.days_off(start, end) == expected


def test_a_term_that_ends_on_a_day_off_ends_with_the_next_working_day() -> None:
    calendar = WorkCalendar(frozenset({MONDAY}))

    assert calendar.on_or_after(FRIDAY) == FRIDAY
    assert calendar.on_or_after(date(2026, 11, 21)) == date(2026, 11, 24)
