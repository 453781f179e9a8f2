"""Notices that go out: begun once, paused, resumed, cancelled, expired, put right."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from sqlalchemy import create_engine, update

from bot.core.notices.approval import command
from bot.core.notices.notice import Audience, Urgency
from bot.core.notices.states import NoticeRefused, State
from bot.core.work.notice_lane import NoticeLane
from bot.store.schema_drafts import notice_drafts
from tests.contract.notice_builders import (
    a_notice,
    again,
    an_emergency,
    approve,
    counts,
    hand,
    planned,
    render,
    sending,
    step,
    submitted,
)
from tests.contract.store_builders import NOW, follow, later, lease_deliveries, talk
from tests.contract.test_store_together import in_threads

LAN = command("cli:lan")
NIGHT = datetime(2026, 11, 22, 15, 0, tzinfo=timezone.utc)  # 22:00 in Vietnam
MORNING = datetime(2026, 11, 22, 23, 0, tzinfo=timezone.utc)
MIDNIGHT = datetime(2026, 11, 22, 17, 0, tzinfo=timezone.utc)


def send_all(store, now=NOW, channel="zalo", limit=10):
    rows = lease_deliveries(store, channel, limit=limit, now=now)
    for row in rows:
        store.deliveries.sent(row, f"m{row.id}", now)
    return [row.citizen.external_id for row in rows]


def test_an_approved_notice_reaches_its_followers_and_is_done(store):
    for name in ("a", "b"):
        follow(store, name)
    draft = sending(store)
    assert (again(store, draft).state, counts(store, draft)) == (State.SENDING, {"queued": 2})
    published = store.announcements.by_code(draft.code)
    assert published.title == draft.notice.title

    assert sorted(send_all(store)) == ["a", "b"]
    step(store)

    assert again(store, draft).state is State.DONE
    assert store.audit.verify() is None


def test_a_notice_that_is_not_approved_does_not_begin(store, store_url):
    """Even if somebody writes the state into the database by hand."""
    draft = submitted(store)
    with create_engine(store_url).begin() as connection:
        connection.execute(update(notice_drafts).values(state="planned", send_at=NOW))

    step(store)

    assert store.announcements.recent() == []
    with pytest.raises(NoticeRefused, match="changed"):
        store.broadcasts.start(draft.id, render, NOW)


def test_two_workers_begin_a_notice_once(store, open_again):
    for number in range(4):
        follow(store, f"c{number}")
    draft = planned(store)
    stores = [store, open_again(), open_again()]

    in_threads(3, lambda number: step(stores[number]))

    assert len(store.announcements.recent()) == 1
    assert counts(store, draft) == {"queued": 4}


@pytest.mark.parametrize("due", [MIDNIGHT, NOW], ids=["midnight", "noon"])
def test_a_clock_that_jumps_neither_loses_nor_repeats_a_notice(store, due):
    follow(store, "a", sent_at=due, now=due)
    urgent = a_notice(send_at=due, urgency=Urgency.URGENT)
    draft = planned(store, urgent, now=later(hours=-1))
    hour = 3600
    # Nearly due, an hour back, due, two hours forward, back again before the due time.
    jumps = [due.timestamp() + s for s in (-1, -hour - 1, 0, 2 * hour, -hour, 0, 60)]

    began = [step(store, datetime.fromtimestamp(at, timezone.utc)) for at in jumps]

    assert began == [0, 0, 1, 0, 0, 0, 0]
    assert send_all(store, due) == ["a"]
    assert send_all(store, due) == []
    assert sum(counts(store, draft).values()) == 1


def test_a_clock_two_hours_ahead_still_sends_everything_once(store):
    follow(store, "a")
    planned(store, a_notice(send_at=later(hours=1)))

    assert [step(store, later(hours=h)) for h in (0, 2, 1, 3)] == [0, 1, 0, 0]


def test_a_paused_notice_stops_between_two_rows_and_goes_on(store):
    for number in range(4):
        follow(store, f"c{number}")
    draft = sending(store)
    send_all(store, limit=1)

    store.broadcasts.pause(draft.id, LAN, "Sai giờ?", NOW)
    assert send_all(store) == []
    step(store)
    assert (again(store, draft).state, again(store, draft).reason) == (State.PAUSED, "Sai giờ?")

    store.broadcasts.resume(draft.id, LAN, NOW)
    step(store)

    assert len(send_all(store)) == 3
    step(store)
    assert again(store, draft).state is State.DONE


def test_a_row_in_flight_while_paused_ends_by_itself_and_its_retry_waits(store):
    follow(store, "a")
    draft = sending(store)
    (row,) = lease_deliveries(store)
    store.broadcasts.pause(draft.id, LAN, "", NOW)

    store.deliveries.retry(row, NOW, "later")

    assert send_all(store) == []
    store.broadcasts.resume(draft.id, LAN, NOW)
    step(store)
    assert send_all(store) == ["a"]


def test_the_rest_of_a_cancelled_notice_goes_to_nobody(store):
    for number in range(5):
        follow(store, f"c{number}")
    draft = sending(store)
    send_all(store, limit=2)
    store.broadcasts.pause(draft.id, LAN, "", NOW)
    send_all(store, limit=1)  # takes the paused rows out of the queue

    store.broadcasts.cancel(draft.id, LAN, "Nhầm xã.", NOW)

    assert send_all(store) == []
    step(store)
    assert counts(store, draft) == {"sent": 2, "cancelled": 3}
    assert again(store, draft).state is State.CANCELLED
    with pytest.raises(NoticeRefused, match="not_now"):
        store.broadcasts.resume(draft.id, LAN, NOW)


def test_a_notice_cancelled_while_being_planned_is_planned_no_further(store):
    for number in range(6):
        follow(store, f"c{number}")
    draft = planned(store)
    made = store.broadcasts.start(draft.id, render, NOW)
    plan = store.notices.resume(made, NOW, batch=2)
    next(plan), next(plan)

    store.broadcasts.cancel(draft.id, LAN, "Nhầm.", NOW)
    list(plan)
    step(store)

    assert counts(store, draft) == {"cancelled": 2}
    assert store.broadcasts.unplanned() == []


def test_what_is_urgent_is_planned_between_two_batches_of_what_is_not(store):
    for number in range(6):
        follow(store, f"c{number}")
    planned(store, a_notice(title="thường"))
    planned(store, a_notice(title="khẩn", urgency=Urgency.URGENT, send_at=later(seconds=1)))
    clock = iter([NOW] * 6 + [later(seconds=1)] * 100)
    order = []

    class Slowly:
        def resume(self, announcement, now):
            for progress in store.notices.resume(announcement, now, batch=2):
                order.append((announcement.title, progress.done))
                yield progress

    lane = NoticeLane(store.broadcasts, Slowly(), render)
    assert lane.step(lambda: next(clock), lambda: None) == 2

    first, last = order.index(("khẩn", 0)), order.index(("khẩn", 6))
    titles = [title for title, _ in order]
    assert titles[0] == "thường"
    assert set(titles[first : last + 1]) == {"khẩn"}
    assert order[-1] == ("thường", 6)


def test_paused_rows_leave_the_queue_of_the_senders(store):
    for number in range(3):
        follow(store, f"c{number}")
    draft = sending(store)
    store.broadcasts.pause(draft.id, LAN, "", NOW)

    assert list(store.broadcasts.sweep(NOW, batch=2)) == [2, 1]
    assert list(store.broadcasts.sweep(NOW)) == []
    store.broadcasts.resume(draft.id, LAN, NOW)
    assert send_all(store) == []  # until the rows are swept back in
    assert sum(store.broadcasts.sweep(NOW)) == 3
    assert len(send_all(store)) == 3


def test_planning_goes_on_after_a_kill(store, open_again):
    for number in range(5):
        follow(store, f"c{number}")
    draft = planned(store)
    made = store.broadcasts.start(draft.id, render, NOW)
    plan = store.notices.resume(made, NOW, batch=2)
    next(plan), next(plan)
    plan.close()
    store.close()

    step(open_again())

    assert counts(open_again(), draft) == {"queued": 5}


def test_an_expired_notice_is_sent_to_nobody_else(store):
    for number in range(3):
        follow(store, f"c{number}")
    draft = sending(store, a_notice(expires_at=later(hours=2)))
    send_all(store, limit=1)
    store.broadcasts.pause(draft.id, LAN, "", NOW)
    send_all(store, limit=1)

    step(store, later(hours=2))
    step(store, later(hours=2))

    assert again(store, draft).state is State.EXPIRED
    assert counts(store, draft) == {"sent": 1, "skipped": 2}
    assert store.deliveries.skipped_for(again(store, draft).announcement_id) == {"expired": 2}


def test_a_notice_that_expires_before_its_time_never_begins(store):
    draft = planned(store, a_notice(send_at=later(hours=1), expires_at=later(hours=2)))

    assert step(store, later(hours=2)) == 0
    assert again(store, draft).state is State.EXPIRED


def test_by_night_only_urgent_notices_leave(store):
    follow(store, "a", sent_at=NIGHT, now=NIGHT)
    sending(store, now=NIGHT)
    sending(store, a_notice(title="Lũ", urgency=Urgency.URGENT), now=NIGHT)

    assert [row.reply.text for row in lease_deliveries(store, now=NIGHT)] == ["Lũ"]
    assert send_all(store, MORNING) == ["a"]


def test_a_notice_under_way_waits_at_nine_in_the_evening(store):
    evening = datetime(2026, 11, 22, 13, 59, tzinfo=timezone.utc)
    for name in ("a", "b"):
        follow(store, name, sent_at=evening, now=evening)
    sending(store, now=evening)

    assert len(send_all(store, evening, limit=1)) == 1
    assert send_all(store, NIGHT) == []
    assert len(send_all(store, MORNING)) == 1


def test_nobody_gets_more_than_a_daily_share_but_urgent_ones_come_on_top(store):
    follow(store, "a")
    drafts = [sending(store) for _ in range(4)]
    urgent = sending(store, a_notice(urgency=Urgency.URGENT))

    fates = [counts(store, draft) for draft in (*drafts, urgent)]

    assert fates == [{"queued": 1}] * 3 + [{"skipped": 1}, {"queued": 1}]
    last = again(store, drafts[-1]).announcement_id
    assert store.deliveries.skipped_for(last) == {"quota_used": 1}


def test_an_emergency_overtakes_what_waits_and_reaches_who_never_asked(store):
    follow(store, "a")
    stranger = follow(store, "b", topic="khác")
    effect = [{"effect": "stop"}]
    talk(store, sender="stopped", effects=effect)
    sending(store, a_notice(title="thường", urgency=Urgency.URGENT))
    draft = sending(store, an_emergency(title="VỠ ĐÊ"), now=later(minutes=1))

    rows = lease_deliveries(store, now=later(minutes=1))

    assert [row.reply.text for row in rows] == ["VỠ ĐÊ", "VỠ ĐÊ", "thường"]
    assert stranger.id in {row.citizen.id for row in rows[:2]}
    assert counts(store, draft) == {"sending": 2}


def test_an_erratum_reaches_exactly_those_who_got_the_first(store):
    for number in range(5):
        follow(store, f"c{number}")
    first = sending(store)
    got = send_all(store, limit=1)
    (unsure,) = lease_deliveries(store, limit=1)
    store.deliveries.unsure(unsure, "lost", NOW)
    (failed,) = lease_deliveries(store, limit=1)
    store.deliveries.failed(failed, "refused", NOW)
    (flying,) = lease_deliveries(store, limit=1)

    erratum = put_right(store, first)

    assert again(store, first).state is State.CANCELLED  # nobody else gets the wrong one
    assert counts(store, erratum) == {"queued": 2}
    store.deliveries.sent(flying, "late", NOW)  # arrived after all
    step(store)
    told = send_all(store)
    assert set(told) == {*got, unsure.citizen.external_id, flying.citizen.external_id}
    step(store)
    assert again(store, erratum).state is State.DONE

    ids = [again(store, each).announcement_id for each in (first, erratum)]
    wrong, right = (store.announcements.find(each) for each in ids)
    assert (wrong.corrected_by, right.corrects) == (right.id, wrong.id)


def put_right(store, first):
    lan = hand(store, "lan")
    erratum = store.drafts.erratum(first.id, lan, "Đính chính", "14 giờ, không phải 15.", NOW)
    erratum = approve(store, store.drafts.submit(erratum.id, lan, erratum.version, NOW))
    store.drafts.schedule(erratum.id, lan, erratum.version, NOW)
    step(store)
    return erratum


def test_of_a_finished_notice_that_was_put_right_no_row_leaves_any_more(store):
    follow(store, "a")
    first = sending(store)
    (lost,) = lease_deliveries(store)
    store.deliveries.unsure(lost, "lost", NOW)
    step(store)
    assert again(store, first).state is State.DONE

    erratum = put_right(store, first)
    assert not store.unsure.decide(lost.id, LAN, NOW, again=True)
    assert store.deliveries.retry(lost, NOW, "-32")  # the platform's answer, late

    assert [each.reply.text for each in lease_deliveries(store)] == ["Đính chính"]
    assert counts(store, first) == {"cancelled": 1}
    assert counts(store, erratum) == {"sending": 1}


def test_only_what_was_sent_can_be_put_right(store):
    draft = planned(store)

    with pytest.raises(NoticeRefused, match="not_corrected"):
        store.drafts.erratum(draft.id, hand(store, "lan"), "a", "b", NOW)


def test_who_is_meant_by_nothing_is_nobody(store):
    follow(store, "a")

    assert counts(store, sending(store, a_notice(audience=Audience()))) == {}
