"""What is known of a dossier's days: late, about to be, in time, paused, or simply not known."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.core.dossiers.days import WorkCalendar
from bot.core.dossiers.facts import facts
from bot.core.dossiers.statuses import STATUSES
from bot.core.dossiers.timeline import Mark, Point
from tests.builders import NOW, TODAY, ZONE, a_dossier

CALENDAR = WorkCalendar(frozenset({date(2026, 11, 24)}))
NO_DAYS = dict.fromkeys(("received_on", "promised_on", "finished_on", "returned_on"))


def known(now: datetime = NOW, **more: Any) -> dict[str, Any]:
    return facts(a_dossier(**more), now, ZONE, CALENDAR)


def points(**more: Any) -> list[tuple[Point, Mark]]:
    return [(step.point, step.mark) for step in known(**more)["timeline"].steps]


def test_days_left_leave_out_weekends_and_holidays() -> None:
    found = known()

    assert found["days_left"] == 2
    assert found["off"].weekend
    assert found["off"].holiday
    assert not found["late"]
    assert not found["due_soon"]


@pytest.mark.parametrize(
    ("promised", "left", "soon", "late"),
    [
        (TODAY, 0, True, False),
        (date(2026, 11, 23), 1, True, False),
        (date(2026, 11, 22), 1, True, False),  # a Sunday: Monday counts
        (date(2026, 11, 25), 2, False, False),
        (date(2026, 11, 19), -1, False, True),
        (date(2026, 11, 13), -5, False, True),
    ],
)
def test_running_against_the_promised_day(
    promised: date, left: int, soon: bool, late: bool
) -> None:
    found = known(promised_on=promised)

    assert (found["days_left"], found["due_soon"], found["late"]) == (left, soon, late)


def test_on_the_saturday_after_the_day_it_is_late_by_no_working_day() -> None:
    saturday = NOW + timedelta(days=1)
    found = known(saturday, promised_on=TODAY)

    assert found["late"]
    assert found["days_left"] == 0


def test_a_day_promised_for_a_day_off_ends_with_the_working_day_after() -> None:
    monday = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)
    found = known(monday, promised_on=date(2026, 11, 22))

    assert found["due_on"] == date(2026, 11, 23)
    assert not found["late"]
    assert found["due_soon"]


def test_today_is_the_provinces_day() -> None:
    before_midnight = datetime(2026, 11, 20, 18, 30, tzinfo=timezone.utc)

    assert known(before_midnight)["today"] == date(2026, 11, 21)


@pytest.mark.parametrize("number", [1, 3, 5, 6, 7, 8, 9, 10, None])
def test_only_a_running_dossier_is_late_or_about_to_be(number: int | None) -> None:
    for promised in (TODAY, date(2026, 11, 2)):
        found = known(status=number, promised_on=promised)
        assert not found["late"]
        assert not found["due_soon"]


@pytest.mark.parametrize(
    ("finished", "on_time", "early_by", "late_by"),
    [
        (date(2026, 11, 20), True, 2, 0),
        (date(2026, 11, 25), True, 0, 0),
        (date(2026, 11, 26), False, 0, 1),
        (date(2026, 11, 28), False, 0, 2),
    ],
)
def test_a_finished_dossier_kept_its_day_or_not(
    finished: date, on_time: bool, early_by: int, late_by: int
) -> None:
    for number, returned in ((9, None), (10, date(2026, 12, 9))):
        found = known(status=number, finished_on=finished, returned_on=returned)
        assert (found["on_time"], found["early_by"], found["late_by"]) == (
            on_time,
            early_by,
            late_by,
        )


def test_only_results_are_called_in_time() -> None:
    assert known(finished_on=date(2026, 11, 10))["on_time"] is None
    assert known(status=8, finished_on=date(2026, 11, 10))["on_time"] is None


def test_a_pause_says_what_it_waits_for() -> None:
    assert [known(status=n)["paused"] for n in (4, 5, 6)] == [None, "papers", "money"]


def test_waiting_is_counted() -> None:
    assert known(status=1, received_on=date(2026, 11, 16))["days_waiting"] == 4
    assert known(status=9, finished_on=date(2026, 11, 10))["days_ready"] == 10
    assert known(status=9, finished_on=date(2026, 11, 30))["days_ready"] == 0


@pytest.mark.parametrize("number", [*STATUSES, None])
def test_days_not_known_make_facts_not_known(number: int | None) -> None:
    found = known(status=number, changed_at=None, **NO_DAYS)

    for name in ("days_left", "due_on", "on_time", "days_waiting", "days_ready", "changed_on"):
        assert found[name] is None
    assert not found["late"]
    assert found["timeline"].known_days == 0


def test_the_way_of_a_running_dossier() -> None:
    assert points() == [
        (Point.RECEIVED, Mark.DONE),
        (Point.WORKING, Mark.NOW),
        (Point.PROMISED, Mark.AHEAD),
        (Point.READY, Mark.AHEAD),
        (Point.RETURNED, Mark.AHEAD),
    ]


def test_a_missed_day_lies_behind() -> None:
    assert points(promised_on=date(2026, 11, 18))[1:3] == [
        (Point.PROMISED, Mark.MISSED),
        (Point.WORKING, Mark.NOW),
    ]


@pytest.mark.parametrize(
    ("promised", "place", "mark"),
    [
        (date(2026, 11, 9), 2, Mark.MISSED),
        (date(2026, 11, 10), 2, Mark.DONE),
        (date(2026, 11, 12), 3, Mark.DONE),
        (date(2026, 11, 18), 4, Mark.DONE),
        (date(2026, 11, 25), 4, Mark.AHEAD),
    ],
)
def test_the_promise_stands_where_its_day_does(promised: date, place: int, mark: Mark) -> None:
    days = {"finished_on": date(2026, 11, 10), "returned_on": date(2026, 11, 16)}

    assert points(status=10, promised_on=promised, **days)[place] == (Point.PROMISED, mark)


@pytest.mark.parametrize("number", [1, 3, 5, 6, 7, 8, None])
def test_a_promise_that_does_not_count_is_no_station(number: int | None) -> None:
    assert Point.PROMISED not in dict(points(status=number))


@pytest.mark.parametrize("number", [3, 7, 8])
def test_an_end_without_a_result_ends_the_way(number: int) -> None:
    assert len(points(status=number)) == 2


@pytest.mark.parametrize("number", [*STATUSES, None])
def test_every_way_has_one_station_where_it_is(number: int | None) -> None:
    assert [mark for _, mark in points(status=number)].count(Mark.NOW) == 1
