"""What a follower is told, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.core.dossiers.days import WorkCalendar
from bot.core.follow.decide import LOOK_AGAIN, Decision, Kind, decide
from bot.core.follow.follow import KEPT_AFTER_END, Follow, newest, told_of
from bot.core.follow.times import Times
from tests.builders import ZONE, a_dossier
from tests.unit.follow_parts import TIMES, WEDNESDAY, a_follow, there

MORNING = there(20, 9)  # a Friday
NIGHT = there(20, 22)


def kinds(decision: Decision) -> list[str]:
    return [each.kind.value for each in decision.tellings]


def after(follow: Follow, decision: Decision) -> Follow:
    return replace(decision.follow, version=follow.version + 1)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"status": 9}, ["state"]),
        ({"status": 5}, ["state"]),
        ({"status_label": "Chờ ký duyệt"}, []),  # the number says it all
        ({"status": None, "status_label": "Nhận trực tiếp"}, ["state"]),
        ({"promised_on": date(2026, 11, 30)}, ["promise"]),
        ({"promised_on": date(2026, 11, 30), "status": 5}, ["state"]),
        ({"promised_on": None}, []),
        ({"promised_on": date(2026, 11, 30), "received_on": date(2026, 9, 20)}, []),
        ({"handling_unit": "Phòng khác"}, []),
    ],
)
def test_news_is_a_new_state_or_a_new_promised_day(change: Any, expected: list[str]) -> None:
    decision = decide(a_follow(), a_dossier(**change), MORNING, TIMES)

    assert kinds(decision) == expected
    assert decision.follow.told == told_of(a_dossier(**change))


def test_a_day_of_the_demo_that_counts_from_today_is_no_news() -> None:
    moved = a_dossier(promised_on=date(2026, 11, 30))
    unannounced = a_follow(noticed_at=None)

    assert kinds(decide(unannounced, moved, MORNING, TIMES)) == []
    elsewhere = replace(moved, source="onestop")
    assert kinds(decide(unannounced, elsewhere, MORNING, TIMES)) == ["promise"]


def test_another_label_of_no_known_state_is_news() -> None:
    odd = a_dossier(status=None, status_label="Nhận trực tiếp")
    other = replace(odd, status_label="Chờ in")

    assert kinds(decide(a_follow(odd), other, MORNING, TIMES)) == ["state"]


def test_what_was_told_is_not_told_again() -> None:
    follow, dossier = a_follow(), a_dossier(status=9)
    first = decide(follow, dossier, MORNING, TIMES)

    assert kinds(decide(after(follow, first), dossier, MORNING, TIMES)) == []


@pytest.mark.parametrize(
    ("hour", "minute", "told"),
    [(5, 59, False), (6, 0, True), (20, 59, True), (21, 0, False), (23, 59, False), (0, 0, False)],
)
def test_quiet_hours_reach_over_midnight(hour: int, minute: int, told: bool) -> None:
    decision = decide(a_follow(), a_dossier(status=9), there(20, hour, minute), TIMES)

    assert bool(decision.tellings) is told


@pytest.mark.parametrize(("now", "morning"), [(NIGHT, 21), (there(20, 3), 20)])
def test_a_change_in_the_night_is_told_in_the_morning(now: datetime, morning: int) -> None:
    follow = a_follow()
    held = decide(follow, a_dossier(status=9), now, TIMES)

    assert held.follow.next_at == there(morning, 6)
    told = decide(after(follow, held), a_dossier(status=9), there(morning, 6), TIMES)
    assert kinds(told) == ["state"]
    assert told.tellings[0].before.status == 4


def test_several_changes_of_a_night_are_one_message() -> None:
    follow = a_follow(a_dossier(status=2))
    for status in (4, 9):
        follow = after(follow, decide(follow, a_dossier(status=status), NIGHT, TIMES))

    morning = decide(follow, follow.known, there(21, 6), TIMES)

    assert kinds(morning) == ["state"]
    assert morning.follow.told.status == 9


def test_a_change_taken_back_in_the_night_is_no_news() -> None:
    follow = a_follow()
    for status in (9, 4):
        follow = after(follow, decide(follow, a_dossier(status=status), NIGHT, TIMES))

    assert kinds(decide(follow, follow.known, there(21, 6), TIMES)) == []


@pytest.mark.parametrize("status", [5, 6])
def test_what_the_citizen_must_do_does_not_wait_for_the_morning(status: int) -> None:
    decision = decide(a_follow(), a_dossier(status=status), NIGHT, TIMES)

    assert kinds(decision) == ["state"]
    assert decision.tellings[0].urgent


def test_a_muted_follow_keeps_up_without_a_word() -> None:
    follow = a_follow(muted=True)
    decision = decide(follow, a_dossier(status=5), MORNING, TIMES)

    assert kinds(decision) == []
    later = decide(
        replace(after(follow, decision), muted=False), decision.follow.known, MORNING, TIMES
    )
    assert kinds(later) == []


def test_a_reminder_comes_one_working_day_before_and_once() -> None:
    follow, tuesday = a_follow(), there(24, 8)
    early = decide(follow, follow.known, there(24, 7, 59), TIMES)
    assert (kinds(early), early.follow.next_at) == ([], tuesday)

    due = decide(follow, follow.known, tuesday, TIMES)

    assert kinds(due) == ["reminder"]
    assert kinds(decide(after(follow, due), follow.known, there(24, 15), TIMES)) == []


def test_a_reminder_steps_over_weekend_and_holidays() -> None:
    times = Times(ZONE, WorkCalendar(frozenset({date(2026, 11, 27)})))
    follow = a_follow(a_dossier(promised_on=date(2026, 11, 30)))  # a Monday after a free Friday

    assert kinds(decide(follow, follow.known, there(26, 8), times)) == ["reminder"]
    assert kinds(decide(follow, follow.known, there(25, 20), times)) == []


def test_who_followed_after_the_reminder_was_due_gets_none() -> None:
    follow = a_follow(since=there(24, 10))

    assert kinds(decide(follow, follow.known, there(24, 11), TIMES)) == []


@pytest.mark.parametrize("status", [1, 5, 6, 9])
def test_no_reminder_where_the_clock_does_not_run(status: int) -> None:
    follow = a_follow(a_dossier(status=status))

    assert kinds(decide(follow, follow.known, there(24, 9), TIMES)) == []


def test_an_apology_comes_on_the_next_working_day_and_once() -> None:
    follow = a_follow(reminded_for=WEDNESDAY)
    assert kinds(decide(follow, follow.known, there(25, 20), TIMES)) == []

    late = decide(follow, follow.known, there(26, 8), TIMES)

    assert kinds(late) == ["late"]
    assert kinds(decide(after(follow, late), follow.known, there(27, 8), TIMES)) == []


def test_a_new_promised_day_brings_its_own_reminder_and_apology() -> None:
    follow = a_follow(reminded_for=WEDNESDAY, late_for=WEDNESDAY)
    moved = a_dossier(promised_on=date(2026, 11, 30))
    told = decide(follow, moved, there(26, 9), TIMES)
    follow = after(follow, told)

    assert kinds(told) == ["promise"]
    assert kinds(decide(follow, moved, there(27, 8), TIMES)) == ["reminder"]


def test_news_that_names_the_day_replaces_the_reminder() -> None:
    moved = a_dossier(promised_on=date(2026, 11, 23))
    decision = decide(a_follow(), moved, MORNING, TIMES)

    assert kinds(decision) == ["promise"]
    assert decision.follow.reminded_for == date(2026, 11, 23)


def test_no_apology_while_the_source_is_silent() -> None:
    decision = decide(a_follow(), a_dossier(), there(26, 9), TIMES, fresh=False)

    assert kinds(decision) == []
    assert decision.follow.next_at == there(26, 9) + LOOK_AGAIN


@pytest.mark.parametrize("change", [{"status": 10}, {"status": 9, "returned_on": WEDNESDAY}])
def test_after_the_return_satisfaction_is_asked_once(change: Any) -> None:
    follow, dossier = a_follow(a_dossier(status=9)), a_dossier(**change)
    decision = decide(follow, dossier, MORNING, TIMES)

    assert kinds(decision)[-1] == "survey"
    assert decision.follow.ends_at == MORNING + KEPT_AFTER_END
    assert kinds(decide(after(follow, decision), dossier, MORNING, TIMES)) == []


def test_the_question_waits_for_the_morning_like_the_news() -> None:
    follow, dossier = a_follow(a_dossier(status=9)), a_dossier(status=10)
    held = decide(follow, dossier, NIGHT, TIMES)

    assert kinds(held) == []
    assert kinds(decide(after(follow, held), dossier, there(21, 6), TIMES)) == ["state", "survey"]


@pytest.mark.parametrize("status", [3, 7, 8])
def test_who_got_no_result_is_not_asked(status: int) -> None:
    assert kinds(decide(a_follow(), a_dossier(status=status), MORNING, TIMES)) == ["state"]


def test_a_follow_ends_thirty_days_after_the_final_state() -> None:
    follow, done = a_follow(a_dossier(status=8), ends_at=there(20, 9)), a_dossier(status=8)

    assert not decide(follow, done, there(20, 9) - timedelta(seconds=1), TIMES).over
    assert decide(follow, done, there(20, 9), TIMES).over


def test_a_dossier_opened_again_is_followed_on() -> None:
    follow = a_follow(a_dossier(status=8), ends_at=there(20, 9))
    decision = decide(follow, a_dossier(status=4), there(20, 9), TIMES)

    assert (decision.over, decision.follow.ends_at, kinds(decision)) == (False, None, ["state"])


def test_every_dossier_is_looked_at_again_within_a_day() -> None:
    for hour in range(24):
        decision = decide(a_follow(), a_dossier(), there(20, hour), TIMES)

        assert decision.follow.next_at is not None
        assert timedelta(0) < decision.follow.next_at - there(20, hour) <= timedelta(days=1)


def test_the_later_word_counts_wherever_it_comes_from() -> None:
    called = a_dossier(status=5, changed_at=there(20, 10))
    behind = a_dossier(status=4, changed_at=there(19, 10))
    ahead = a_dossier(status=9, changed_at=there(20, 11))

    assert newest(called, behind) is called
    assert newest(called, ahead) is ahead
    assert newest(called, replace(ahead, stale=True)) is called
    assert newest(called, None) is called


def test_keys_tell_the_messages_of_a_follow_apart() -> None:
    follow = a_follow()
    keys = set()
    for status in (5, 4, 5, 4):
        decision = decide(follow, a_dossier(status=status), MORNING, TIMES)
        keys |= {each.key for each in decision.tellings}
        follow = after(follow, decision)

    assert len(keys) == 4
    assert Kind.STATE.value == "state"


ENDED = a_dossier(status=10, changed_at=there(20, 8))


@pytest.mark.parametrize(
    ("since", "believed"), [(None, False), (there(20, 7), False), (there(20, 10), True)]
)
def test_what_ended_goes_on_only_if_it_is_said_since_when(since: Any, believed: bool) -> None:
    """An import after the end that carries the state of before, without a time of its own."""
    imported = a_dossier(status=5, changed_at=since, as_of=there(21, 9))

    assert (newest(ENDED, imported) is imported) is believed


def test_only_an_owner_is_asked_how_satisfied_they_are() -> None:
    follow = a_follow(ENDED)
    neighbour = decide(follow, ENDED, MORNING, TIMES, owner=lambda: False)

    assert kinds(neighbour) == []
    assert neighbour.follow.asked_at is None
    assert kinds(decide(follow, ENDED, MORNING, TIMES, owner=lambda: True)) == ["survey"]
