"""Deliveries: sent in order of weight, never twice, and never silently lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.store_builders import (
    NOW,
    a_message,
    a_turn,
    claim_one,
    follow,
    later,
    lease_deliveries,
    plan,
    publish,
    talk,
    texts,
)


def test_replies_overtake_urgent_notices_and_those_overtake_bulk(store):
    follow(store, "lan")
    plan(store, publish(store, title="thường"))
    plan(store, publish(store, title="khẩn", urgent=True))
    talk(store, "trả lời", sender="minh")

    assert [item.reply.text for item in lease_deliveries(store)] == ["trả lời", "khẩn", "thường"]


def test_a_citizen_gets_the_parts_of_an_answer_in_order(store):
    talk(store, "một", "hai", "ba")
    heard = []

    while leased := lease_deliveries(store):
        (delivery,) = leased
        heard.append(delivery.reply.text)
        store.deliveries.sent(delivery, f"m{delivery.id}", NOW)

    assert heard == ["một", "hai", "ba"]


def test_a_part_to_be_tried_again_holds_back_the_next(store):
    talk(store, "một", "hai")
    (first,) = lease_deliveries(store)
    assert lease_deliveries(store) == []

    store.deliveries.retry(first, later(minutes=1), "-32")

    assert lease_deliveries(store) == []
    (again,) = lease_deliveries(store, now=later(minutes=1))
    assert (again.reply.text, again.attempts) == ("một", 2)


def test_a_refused_part_lets_the_next_one_through(store):
    talk(store, "một", "hai")
    (first,) = lease_deliveries(store)

    store.deliveries.failed(first, "-230", NOW)

    assert [item.reply.text for item in lease_deliveries(store)] == ["hai"]


def test_a_row_whose_sender_died_is_unsure_and_never_sent_again(store):
    talk(store, "ạ")
    lease_deliveries(store)

    assert store.deliveries.recover(later(seconds=29)) == 0
    assert store.deliveries.recover(later(seconds=31)) == 1

    assert store.deliveries.counts() == {"unsure": 1}
    assert lease_deliveries(store, now=later(days=1)) == []


def test_a_late_answer_of_the_platform_resolves_unsure(store):
    citizen = talk(store, "ạ")
    (delivery,) = lease_deliveries(store)
    store.deliveries.recover(later(seconds=31))

    assert store.deliveries.sent(delivery, "m1", later(seconds=32))

    assert store.deliveries.counts() == {"sent": 1}
    assert texts(store.timeline.messages(citizen.id)) == ["câu 1", "ạ"]


def test_an_older_attempt_cannot_change_a_newer_one(store):
    talk(store, "ạ")
    (first,) = lease_deliveries(store)
    store.deliveries.retry(first, NOW, "-32")
    (second,) = lease_deliveries(store)

    assert not store.deliveries.failed(first, "-230", NOW)
    assert not store.deliveries.sent(first, "m1", NOW)
    assert store.deliveries.sent(second, "m2", NOW)


def test_a_row_put_back_has_not_been_tried_and_its_next_try_is_its_own(store):
    talk(store, "ạ")
    (lost,) = lease_deliveries(store)
    store.deliveries.unsure(lost, "lost", NOW)
    store.deliveries.retry(lost, NOW, "-32")  # its answer came late

    for _ in range(20):
        (row,) = lease_deliveries(store)
        assert row.attempts == 2
        assert store.deliveries.put_back(row, NOW, "-204")
        assert not store.deliveries.sent(lost, "m1", NOW)

    (row,) = lease_deliveries(store)
    assert not store.deliveries.sent(lost, "m1", NOW)
    assert store.deliveries.sent(row, "m2", NOW)


@pytest.mark.parametrize("fate", ["failed", "skipped", "unsure"])
def test_a_final_fate_is_kept(store, fate):
    talk(store, "ạ")
    (delivery,) = lease_deliveries(store)

    assert getattr(store.deliveries, fate)(delivery, "-230", NOW)

    assert store.deliveries.counts() == {fate: 1}
    assert lease_deliveries(store, now=later(days=1)) == []
    assert store.deliveries.recover(later(days=1)) == 0


def test_a_receipt_makes_a_sent_message_delivered_once(store):
    talk(store, "ạ")
    (delivery,) = lease_deliveries(store)
    store.deliveries.sent(delivery, "m1", NOW)

    assert not store.deliveries.settle_receipt("zalo", "m2", NOW)
    assert not store.deliveries.settle_receipt("web", "m1", NOW)
    assert store.deliveries.settle_receipt("zalo", "m1", NOW)
    assert not store.deliveries.settle_receipt("zalo", "m1", NOW)
    assert store.deliveries.counts() == {"delivered": 1}


def test_one_channel_does_not_take_the_rows_of_another(store):
    talk(store, "ạ")

    assert lease_deliveries(store, channel="sms") == []


def test_a_web_notice_is_seen_once_it_is_shown(store):
    citizen = follow(store, "lan", channel="web")
    announcement = publish(store)
    plan(store, announcement)
    before = store.timeline.messages(citizen.id)
    (delivery,) = lease_deliveries(store, "web")
    assert store.timeline.messages(citizen.id, before[-1].seq) == []

    assert store.deliveries.sent(delivery, None, NOW)

    (entry,) = store.timeline.messages(citizen.id, before[-1].seq)
    assert entry.reply.meta == {"notice_id": announcement.id}
    assert (entry.sender, entry.at) == ("bot", NOW)
    assert store.deliveries.counts(announcement.id) == {"delivered": 1}


def test_a_web_notice_whose_lane_died_is_simply_shown_later(store):
    follow(store, "lan", channel="web")
    plan(store, publish(store))
    lease_deliveries(store, "web")

    assert store.deliveries.recover(later(seconds=31)) == 1

    (delivery,) = lease_deliveries(store, "web", now=later(seconds=31))
    assert delivery.attempts == 2


def test_a_notice_planned_before_stop_is_cancelled_by_it(store):
    follow(store, "lan")
    plan(store, publish(store))

    talk(store, number=2, effects=[{"effect": "stop"}])

    assert store.deliveries.counts() == {"cancelled": 1}
    assert lease_deliveries(store) == []


def test_a_notice_waiting_for_a_retry_is_skipped_after_stop(store):
    follow(store, "lan")
    plan(store, publish(store))
    (delivery,) = lease_deliveries(store)
    talk(store, "đã ngưng", number=2, effects=[{"effect": "stop"}])
    store.deliveries.retry(delivery, NOW, "-32")

    assert [item.reply.text for item in lease_deliveries(store)] == ["đã ngưng"]
    assert store.deliveries.counts() == {"skipped": 1, "sending": 1}


def test_an_expired_notice_is_skipped_and_does_not_block_the_rest(store):
    for number in range(6):
        follow(store, f"c{number}")
    stale = publish(store, expires_at=later(hours=1))
    plan(store, stale)
    plan(store, publish(store, title="còn hạn"))

    leased = lease_deliveries(store, limit=2, now=later(hours=2))

    assert [item.reply.text for item in leased] == ["còn hạn", "còn hạn"]
    assert store.deliveries.counts(stale.id) == {"skipped": 6}


def test_rows_put_off_do_not_come_early(store):
    follow(store, "lan")
    plan(store, publish(store))
    (delivery,) = lease_deliveries(store)
    store.deliveries.retry(delivery, later(hours=8), "night")

    assert lease_deliveries(store, now=later(hours=7)) == []
    assert len(lease_deliveries(store, now=later(hours=8))) == 1


def test_an_answer_for_another_channel_is_hidden_until_it_is_sent(store):
    citizen = talk(store, "ạ")
    assert texts(store.timeline.messages(citizen.id)) == ["câu 1"]

    (delivery,) = lease_deliveries(store)
    store.deliveries.sent(delivery, "m1", later(seconds=1))

    assert texts(store.timeline.messages(citizen.id)) == ["câu 1", "ạ"]


def test_buttons_and_meta_arrive_as_they_were_settled(store):
    store.journal.receive([a_message()], NOW)
    turn = a_turn("ạ", intent="greet", confidence=0.9)
    reply = turn.replies[0].with_meta(procedure="1.000894")
    store.journal.settle(claim_one(store), type(turn)((reply,), intent="greet"), NOW)

    (delivery,) = lease_deliveries(store)

    assert delivery.reply == reply
    assert delivery.kind == "reply"
    assert timedelta(0) <= NOW - delivery.last_interaction_at
