"""The clock jumps two hours ahead or an hour back, and the date changes at UTC+7: everybody is
told once, whatever the worker's clock says at each of its looks.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from bot.core.notices.hours import VIETNAM
from bot.core.notices.notice import Urgency
from bot.core.notices.states import State
from tests.contract.notice_builders import (
    a_notice,
    again,
    an_emergency,
    counts,
    planned,
    render,
    sending,
    step,
)
from tests.contract.store_builders import LEASE, follow, lease_deliveries

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PEOPLE = ["a", "b", "c"]


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    """A moment of the province's clock, in UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM).astimezone(timezone.utc)


def look(store, now, limit=10):
    """One look of the worker at its clock; who is told by it."""
    step(store, now)
    rows = lease_deliveries(store, limit=limit, now=now)
    for row in rows:
        assert store.deliveries.sent(row, f"m{row.id}", now)
    step(store, now)
    return [row.citizen.external_id for row in rows]


def crowd(store, now):
    for name in PEOPLE:
        follow(store, name, sent_at=now, now=now)


# The moments of a worker's looks, in hours from when the notice is due.
ROUTES = {
    "two hours ahead over it": (-1.5, 0.5, 0.6),
    "two hours ahead and corrected": (-1, 1, -0.9, 0, 1.2),
    "an hour back before it": (-0.1, -1.1, -0.5, 0, 0.1),
    "an hour back at once after it": (0, -1, -0.5, 0.1),
    "back and forth": (-0.02, -1, 0, 2, 1, -1, 0.5, 3),
}


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
@pytest.mark.parametrize("due", [at(12), at(0), at(7), at(6)], ids="{:%H}h UTC".format)
def test_a_scheduled_notice_reaches_everybody_once(store, due, route):
    crowd(store, due - 2 * HOUR)
    draft = planned(store, a_notice(send_at=due, urgency=Urgency.URGENT), due - 2 * HOUR)

    told = [look(store, due + hours * HOUR) for hours in route]

    first = next(number for number, hours in enumerate(route) if hours >= 0)
    assert told[:first] == [[]] * first
    assert sorted(sum(told, [])) == PEOPLE
    assert again(store, draft).state is State.DONE
    assert len(store.announcements.recent()) == 1


@pytest.mark.parametrize("back", [HOUR, 25 * HOUR], ids=["an hour", "a day and an hour"])
def test_a_clock_set_back_while_rows_leave_tells_the_rest_later(store, back):
    noon = at(12)
    crowd(store, noon - 26 * HOUR)
    draft = planned(store, a_notice(), noon)

    told = look(store, noon, limit=1)
    assert look(store, noon - back) == []
    assert counts(store, draft) == {"sent": 1, "queued": 2}
    told += look(store, noon)

    assert sorted(told) == PEOPLE
    assert again(store, draft).state is State.DONE


def test_the_night_ends_once_however_often_the_clock_shows_its_end(store):
    evening = at(22, day=22)
    crowd(store, evening)
    draft = sending(store, now=evening)
    clock = [at(3), at(5, 59), at(4, 59), at(6), at(5), at(5, 30), at(6, 1), at(8), at(7)]

    told = [look(store, now, limit=1) for now in clock]

    assert [len(each) for each in told] == [0, 0, 0, 1, 0, 0, 1, 1, 0]
    assert sorted(sum(told, [])) == PEOPLE
    assert again(store, draft).state is State.DONE


def test_a_clock_that_jumps_into_the_night_puts_off_and_loses_nobody(store):
    evening = at(20, day=22)
    crowd(store, evening)
    draft = sending(store, now=evening)
    clock = [evening, at(22, day=22), at(21, day=22), at(20, 30, day=22), at(5), at(6)]

    told = [look(store, now, limit=1 if now == evening else 10) for now in clock]

    assert [len(each) for each in told] == [1, 0, 0, 0, 0, 2]
    assert sorted(sum(told, [])) == PEOPLE
    assert again(store, draft).state is State.DONE


def test_a_day_of_three_notices_is_the_provinces_day(store):
    """At seven in the morning the date changes in Greenwich, not here."""
    crowd(store, at(6, 30))
    early = [sending(store, now=at(6, 30)) for _ in range(3)]
    after_greenwich = sending(store, now=at(7, 30))
    tomorrow = sending(store, now=at(6, 30, day=24))

    fates = [counts(store, each) for each in (*early, after_greenwich, tomorrow)]
    assert fates == [{"queued": 3}] * 3 + [{"skipped": 3}, {"queued": 3}]


def test_a_midnight_seen_twice_gives_no_second_share(store):
    """Written by night, a notice counts for the day it arrives on."""
    crowd(store, at(20, day=22))
    clock = [at(23, 59, day=22), at(0, 1), at(0, 30), at(23, 30, day=22)]
    drafts = [sending(store, now=now) for now in clock]

    assert [counts(store, each) for each in drafts] == [{"queued": 3}] * 3 + [{"skipped": 3}]
    assert sorted(look(store, at(6))) == sorted(PEOPLE * 3)
    assert look(store, at(5)) == look(store, at(7)) == []


def test_what_a_jump_ended_stays_ended_and_nobody_hears_it_twice(store):
    noon = at(12)
    crowd(store, noon)
    draft = planned(store, a_notice(expires_at=noon + HOUR), noon)

    told = look(store, noon, limit=1)
    told += look(store, noon - HOUR, limit=1)  # back: it still holds
    for now in (noon + 2 * HOUR, noon + HOUR - MINUTE, noon):
        assert look(store, now) == []

    assert len(told) == 1
    assert again(store, draft).state is State.EXPIRED
    assert counts(store, draft) == {"sent": 1, "skipped": 2}


def test_a_plan_cut_short_is_finished_by_a_clock_an_hour_behind(store, open_again):
    noon = at(12)
    crowd(store, noon - 2 * HOUR)
    draft = planned(store, an_emergency(), noon)
    made = store.broadcasts.start(draft.id, render, noon)
    batches = store.notices.resume(made, noon, batch=1)
    next(batches), next(batches)  # and here its process is killed
    batches.close()

    told = look(open_again(), noon - HOUR)

    assert sorted(told) == PEOPLE
    assert look(store, noon + 2 * HOUR) == []
    assert again(store, draft).state is State.DONE


def test_a_lease_from_the_future_ends_unsure_and_is_not_sent_again(store):
    noon = at(12)
    crowd(store, noon - 2 * HOUR)
    draft = sending(store, a_notice(urgency=Urgency.URGENT), noon - HOUR)
    lease_deliveries(store, limit=1, now=noon)  # its sender dies, the clock goes back

    told = look(store, noon - HOUR)
    assert store.deliveries.recover(noon - HOUR) == 0
    assert store.deliveries.recover(noon + LEASE) == 1
    told += look(store, noon + 2 * HOUR)

    assert len(told) == len(set(told)) == 2
    assert counts(store, draft) == {"sent": 2, "unsure": 1}
    assert again(store, draft).state is State.DONE
