"""Digests: gathered, sent once a period, never lost, whatever the clock and people do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.core.announcements.pace import Pace, period_of
from bot.core.notices.notice import Audience, Urgency
from bot.store import Store, digests
from tests.contract.digest_builders import (
    MORNING,
    NUMBERS,
    SUNDAY,
    ZONE,
    follow,
    local,
    look,
    out,
    render,
    send,
)
from tests.contract.notice_builders import (
    again,
    approve,
    counts,
    hand,
    step,
)
from tests.contract.store_builders import LEASE, talk


def test_a_gathered_notice_waits_for_the_morning_and_goes_once(store: Store) -> None:
    follow(store, "lan")
    follow(store, "minh", "at_once")
    draft = out(store, "Mưa")

    assert send(store, SUNDAY) == ["Mưa"]  # Minh's
    assert look(store, local(23, 6, 59)) == 0
    assert counts(store, draft) == {"delivered": 1, "queued": 1}
    ledger = "".join(store.broadcasts.export(again(store, draft).announcement_id))
    assert [line.rpartition(",")[2] for line in ledger.splitlines()] == ["digest", "daily", ""]
    assert look(store, MORNING) == 1
    assert send(store, MORNING) == ["Mưa"]
    look(store, MORNING)
    assert counts(store, draft) == {"delivered": 2}
    step(store, MORNING)
    assert again(store, draft).state.value == "done"


def test_what_was_gathered_comes_in_one_message_the_newest_first(store: Store) -> None:
    follow(store, "lan")
    for title in ("một", "hai", "ba"):
        out(store, title)
    look(store, MORNING)

    assert send(store, MORNING) == ["ba\nhai\nmột"]


def test_the_week_ends_on_monday(store: Store) -> None:
    follow(store, "lan", "weekly", now=local(17, 8))
    out(store, "Mưa", now=local(17, 9))

    assert [look(store, local(day, 7)) for day in range(18, 23)] == [0] * 5
    assert look(store, MORNING) == 1


@pytest.mark.parametrize("urgency", [Urgency.URGENT, Urgency.EMERGENCY])
def test_what_is_urgent_never_waits(store: Store, urgency: Urgency) -> None:
    follow(store, "lan", "weekly")
    out(store, "Lũ", urgency=urgency)

    assert send(store, SUNDAY) == ["Lũ"]


def test_who_stops_gets_no_digest_not_even_a_made_one(store: Store) -> None:
    lan, minh = follow(store, "lan"), follow(store, "minh")
    draft = out(store, "Mưa")
    talk(store, sender="minh", number=next(NUMBERS), effects=[{"effect": "stop"}], channel="web")
    look(store, MORNING)
    talk(
        store,
        sender="lan",
        number=next(NUMBERS),
        effects=[{"effect": "stop"}],
        channel="web",
        now=MORNING,
    )
    look(store, MORNING)

    assert send(store, MORNING) == []
    assert counts(store, draft) == {"cancelled": 2}
    follow(store, "lan", now=MORNING)  # and starts anew: what was cancelled stays so
    look(store, MORNING)
    assert send(store, local(24, 7)) == []
    assert lan.id != minh.id


def test_a_topic_left_after_the_digest_was_made_is_taken_out(store: Store) -> None:
    follow(store, "lan")
    follow(store, "lan", topic="dich-benh")
    out(store, "Mưa")
    out(store, "Sốt", topic="dich-benh", audience=Audience(topics=("dich-benh",)))
    look(store, MORNING)
    leave = {"effect": "unsubscribe", "topic": "thien-tai"}
    talk(store, sender="lan", number=next(NUMBERS), effects=[leave], channel="web", now=MORNING)
    look(store, MORNING)

    assert send(store, MORNING) == ["Sốt"]


def test_expired_and_withdrawn_notices_are_left_out(store: Store) -> None:
    follow(store, "lan")
    old = out(store, "hết hạn", expires_at=local(23, 6))
    gone = out(store, "rút lại")
    out(store, "còn")
    store.broadcasts.cancel(gone.id, hand(store, "lan"), "nhầm", SUNDAY)
    look(store, MORNING)

    assert send(store, MORNING) == ["còn"]
    list(store.broadcasts.sweep(MORNING))
    assert counts(store, gone) == {"cancelled": 1}
    assert counts(store, old) == {"skipped": 1}


def test_withdrawn_after_the_digest_was_made_it_is_made_anew(store: Store) -> None:
    follow(store, "lan")
    gone = out(store, "rút lại")
    out(store, "còn")
    look(store, MORNING)
    store.broadcasts.cancel(gone.id, hand(store, "lan"), "nhầm", MORNING)
    step(store, MORNING)
    look(store, MORNING)

    assert send(store, MORNING) == ["còn"]
    assert counts(store, gone) == {"cancelled": 1}


def test_a_paused_notice_waits_and_comes_with_the_next_digest(store: Store) -> None:
    follow(store, "lan")
    draft = out(store, "Mưa")
    store.broadcasts.pause(draft.id, hand(store, "lan"), "xem lại", SUNDAY)
    step(store, SUNDAY)

    assert look(store, MORNING) == 0
    store.broadcasts.resume(draft.id, hand(store, "lan"), MORNING)
    step(store, MORNING)
    assert send(store, MORNING) == []  # resuming does not send it by itself
    assert look(store, local(24, 7)) == 1
    assert send(store, local(24, 7)) == ["Mưa"]


def corrected(store: Store, draft: Any, now: datetime) -> Any:
    lan = hand(store, "lan")
    made = store.drafts.erratum(draft.id, lan, "Sửa lại", "Không mưa.", now)
    made = store.drafts.submit(made.id, lan, made.version, now)
    made = approve(store, made, "minh", now)
    store.drafts.schedule(made.id, lan, made.version, now)
    step(store, now)
    step(store, now)
    return made


def test_what_was_put_right_is_marked_and_told_once(store: Store) -> None:
    follow(store, "lan")
    follow(store, "minh", "at_once")
    draft = out(store, "Mưa")
    assert send(store, SUNDAY) == ["Mưa"]
    made = corrected(store, draft, SUNDAY)

    assert send(store, SUNDAY) == ["Sửa lại"]  # Minh had it, Lan did not
    look(store, MORNING)
    assert send(store, MORNING) == [f"Mưa (đính chính: {again(store, made).code})"]
    look(store, MORNING)
    step(store, MORNING)
    assert send(store, MORNING) == []


def test_who_had_the_digest_gets_the_correction_as_well(store: Store) -> None:
    follow(store, "lan")
    draft = out(store, "Mưa")
    look(store, MORNING)
    send(store, MORNING)
    look(store, MORNING)
    corrected(store, draft, MORNING)

    assert send(store, MORNING) == ["Sửa lại"]


def test_a_digest_never_disturbs_the_night(store: Store) -> None:
    follow(store, "lan")
    out(store, "Mưa")
    late = local(23, 22)
    look(store, late)  # the worker slept all day

    assert send(store, late) == []
    assert send(store, local(24, 6)) == ["Mưa"]


def test_made_in_time_and_sent_late_it_waits_for_the_morning_too(store: Store) -> None:
    follow(store, "lan")
    out(store, "Mưa")
    look(store, MORNING)

    assert send(store, local(23, 22)) == []
    assert send(store, local(24, 6)) == ["Mưa"]


@pytest.mark.parametrize(
    "clock",
    [
        [(22, 23), (23, 6, 30), (23, 8, 30), (23, 6, 45), (23, 7), (23, 9)],  # forward 2 h, back
        [(23, 7), (23, 6), (23, 7), (23, 8)],  # back 1 h just after the digest
        [(22, 23, 59), (23, 0), (23, 0, 1), (23, 7, 5)],  # the date changes there at 17:00 UTC
        [(24, 7), (23, 7), (24, 7), (24, 9)],
    ],
)
def test_a_jumping_clock_neither_repeats_nor_loses(store: Store, clock: Any) -> None:
    follow(store, "lan")
    out(store, "Mưa")
    told = []
    for moment in clock:
        look(store, local(*moment))
        told += send(store, local(*moment))

    assert told == ["Mưa"]


def test_a_notice_made_while_the_clock_ran_ahead_comes_too(store: Store) -> None:
    follow(store, "lan")
    out(store, "một")
    ahead = local(23, 8, 30)  # it is 6:30
    look(store, ahead)
    out(store, "hai", now=ahead)
    told = send(store, ahead)
    for moment in (local(23, 7, 30), local(24, 7)):
        look(store, moment)
        told += send(store, moment)

    assert told == ["một", "hai"]


class Killed(Exception):
    """The process died."""


@pytest.mark.parametrize("after", range(1, 9))
def test_a_kill_between_any_two_writes_loses_and_repeats_nothing(
    store: Store, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("lan", "minh", "tam"):
        follow(store, who)
    out(store, "một")
    out(store, "hai")
    left = [after]

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def maybe(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return call(*args, **kwargs)

        return maybe

    with monkeypatch.context() as dies:
        for name in ("_people", "_rows", "_about", "_end"):
            dies.setattr(digests, name, dying(getattr(digests, name)))
        dies.setattr(digests.Digests, "_write", dying(digests.Digests._write))
        dies.setattr(digests.Digests, "_message", dying(digests.Digests._message))
        try:
            look(store, MORNING)
        except Killed:
            assert send(store, MORNING) == []
    look(store, MORNING)
    look(store, MORNING)

    assert send(store, MORNING) == ["hai\nmột"] * 3


def test_two_workers_make_one_digest(store: Store, open_again: Callable[[], Store]) -> None:
    follow(store, "lan")
    out(store, "Mưa")
    other = open_again()
    period = period_of(Pace.DAILY, MORNING, ZONE)

    assert store.digests.make(Pace.DAILY, period, render, MORNING) == 1
    assert other.digests.make(Pace.DAILY, period, render, MORNING) == 0
    assert send(store, MORNING) == ["Mưa"]


def test_an_unreachable_digest_is_told_of_each_notice(store: Store) -> None:
    effect = {"effect": "subscribe", "topic": "thien-tai", "pace": "weekly"}
    talk(store, sender="xa", number=next(NUMBERS), effects=[effect], now=SUNDAY)  # on Zalo
    monday = local(23, 9)
    draft = out(store, "Mưa", now=monday)
    next_week = local(30, 7)
    look(store, next_week)
    assert store.deliveries.claim(next_week, "lane", "zalo", 10, LEASE) == []
    look(store, next_week)

    number = again(store, draft).announcement_id
    assert dict(store.deliveries.skipped_for(number)) == {"window_closed": 1}
