"""Inbound messages: kept once, given out in order, settled once."""

from __future__ import annotations

import pytest

from bot.core.messages import InboundKind
from tests.contract.store_builders import (
    LEASE,
    NOW,
    a_message,
    a_turn,
    claim_one,
    later,
    lease_deliveries,
    talk,
    texts,
)


def test_a_repeated_message_is_kept_once_also_after_a_restart(store, open_again):
    (first,) = store.journal.receive([a_message()], NOW)
    store.close()

    (second,) = open_again().journal.receive([a_message()], NOW)

    assert (first.duplicate, second.duplicate) == (False, True)
    assert (second.inbound_id, second.seq) == (first.inbound_id, first.seq)


def test_a_message_twice_in_one_batch_is_kept_once(store):
    kept = store.journal.receive([a_message(1), a_message(1), a_message(2)], NOW)

    assert [item.duplicate for item in kept] == [False, True, False]


def test_the_same_id_on_another_channel_is_another_message(store):
    kept = store.journal.receive([a_message(), a_message(channel="web")], NOW)

    assert kept[0].inbound_id != kept[1].inbound_id
    assert kept[0].citizen_id != kept[1].citizen_id


def test_a_claimed_message_is_what_was_received(store):
    message = a_message(kind=InboundKind.LOCATION, latitude=10.5, longitude=106.4, account_id="oa")
    store.journal.receive([message], NOW)

    claimed = claim_one(store)

    assert claimed.inbound == message
    assert claimed.citizen.external_id == "lan"
    assert (claimed.attempts, claimed.context) == (1, {})


def test_messages_are_given_out_oldest_first_and_one_of_each_citizen(store):
    store.journal.receive([a_message(1, "lan"), a_message(2, "lan"), a_message(1, "minh")], NOW)

    first = store.journal.claim(NOW, "w1", 10, LEASE)
    second = store.journal.claim(NOW, "w2", 10, LEASE)

    assert [item.inbound.message_id for item in first] == ["lan-1", "minh-1"]
    assert second == []


def test_the_next_message_comes_after_the_first_is_settled(store):
    store.journal.receive([a_message(1), a_message(2)], NOW)
    store.journal.settle(claim_one(store), a_turn("ạ"), NOW)

    assert claim_one(store).inbound.message_id == "lan-2"


def test_an_expired_lease_is_given_out_again(store):
    store.journal.receive([a_message()], NOW)
    claim_one(store)

    assert store.journal.claim(later(seconds=29), "w2", 1, LEASE) == []
    assert claim_one(store, later(seconds=31)).attempts == 2


def test_what_a_dead_worker_held_is_given_back_at_once(store):
    store.journal.receive([a_message()], NOW)
    held = claim_one(store)

    assert store.journal.free(lambda owner: False, later(seconds=1)) == 0
    assert store.journal.free(lambda owner: True, later(seconds=1)) == 1

    again = claim_one(store, now=later(seconds=1))
    assert (again.id, again.attempts) == (held.id, held.attempts + 1)
    assert not store.journal.settle(held, a_turn(), later(seconds=2))


def test_a_renewed_lease_holds_longer(store):
    store.journal.receive([a_message()], NOW)
    claimed = claim_one(store)

    assert store.journal.renew(claimed, later(seconds=20), LEASE)

    assert store.journal.claim(later(seconds=31), "w2", 1, LEASE) == []


def test_a_worker_that_lost_its_lease_writes_nothing(store):
    store.journal.receive([a_message()], NOW)
    slow = claim_one(store)
    quick = claim_one(store, later(seconds=31), "w2")

    assert not store.journal.settle(slow, a_turn("chậm"), later(seconds=32))
    assert not store.journal.renew(slow, later(seconds=32), LEASE)
    assert not store.journal.release(slow, later(seconds=32), later(seconds=40))
    assert store.journal.settle(quick, a_turn("nhanh"), later(seconds=33))

    (delivery,) = lease_deliveries(store, now=later(seconds=34))
    assert delivery.reply.text == "nhanh"


def test_settling_twice_answers_once(store):
    store.journal.receive([a_message()], NOW)
    claimed = claim_one(store)

    assert store.journal.settle(claimed, a_turn("một"), NOW)
    assert not store.journal.settle(claimed, a_turn("hai"), NOW)
    assert not store.journal.set_aside(claimed, a_turn("ba"), NOW)

    assert store.deliveries.counts() == {"queued": 1}


def test_a_released_message_waits_and_so_do_later_ones(store):
    store.journal.receive([a_message(1), a_message(2)], NOW)
    store.journal.release(claim_one(store), NOW, later(seconds=5))

    assert store.journal.claim(later(seconds=4), "w1", 9, LEASE) == []
    assert claim_one(store, later(seconds=5)).inbound.message_id == "lan-1"


def test_a_message_set_aside_is_answered_with_an_apology_and_not_tried_again(store):
    store.journal.receive([a_message(), a_message(2)], NOW)
    claimed = claim_one(store)

    assert store.journal.set_aside(claimed, a_turn("xin lỗi"), NOW)

    assert store.journal.is_settled(claimed.id)
    assert claim_one(store).inbound.message_id == "lan-2"


def test_the_backlog_counts_open_messages(store):
    assert store.journal.backlog().waiting == 0
    store.journal.receive([a_message(1), a_message(2)], NOW)
    store.journal.settle(claim_one(store), a_turn(), NOW)

    backlog = store.journal.backlog()

    assert (backlog.waiting, backlog.oldest_at) == (1, NOW)


def test_the_context_is_handed_to_the_next_turn_and_dropped_after_a_day(store):
    store.journal.receive([a_message(1), a_message(2), a_message(3)], NOW)
    turn = a_turn("ạ", context={"field": "đất đai"})
    store.journal.settle(claim_one(store), turn, NOW)

    soon = claim_one(store, later(hours=23))
    store.journal.release(soon, later(hours=23), later(hours=23))
    late = claim_one(store, later(hours=25))

    assert soon.context == {"field": "đất đai"}
    assert late.context == {}
    assert store.citizens.context(late.citizen.id, later(hours=23)) == {"field": "đất đai"}
    assert store.citizens.context(late.citizen.id, later(hours=25)) == {}


def test_a_picture_is_handed_to_the_worker_and_deleted_with_the_answer(store):
    picture = a_message(kind=InboundKind.IMAGE, text="", picture=b"\x89PNG\x00\xff")
    store.journal.receive([picture], NOW)
    claimed = claim_one(store)
    assert claimed.inbound.picture == b"\x89PNG\x00\xff"

    store.journal.settle(claimed, a_turn("ạ"), NOW)

    assert store.privacy.export(claimed.citizen.id)["pictures"] == []


def test_a_failing_effect_leaves_nothing_behind(store):
    store.journal.receive([a_message()], NOW)
    claimed = claim_one(store)

    with pytest.raises(KeyError):
        store.journal.settle(claimed, a_turn("ạ", effects=[{"effect": "unknown"}]), NOW)

    assert not store.journal.is_settled(claimed.id)
    assert store.deliveries.counts() == {}


@pytest.mark.parametrize("reverse", [False, True])
def test_the_latest_follow_event_wins_whatever_the_order(store, reverse):
    events = [
        a_message(1, kind=InboundKind.FOLLOW, sent_at=later(minutes=-2)),
        a_message(2, kind=InboundKind.UNFOLLOW, sent_at=later(minutes=-1)),
    ]
    (kept, _) = store.journal.receive(list(reversed(events)) if reverse else events, NOW)

    citizen = store.privacy.export(kept.citizen_id)["citizen"]

    assert citizen["follows"] is False
    assert citizen["last_interaction_at"] == later(minutes=-2).isoformat()


def test_a_send_knows_when_the_citizen_last_wrote(store):
    talk(store, "ạ", sent_at=later(hours=-1))

    (delivery,) = lease_deliveries(store)

    assert delivery.last_interaction_at == later(hours=-1)


def test_a_session_opened_twice_is_one_citizen(store):
    first = store.citizens.open_session("web", "a1", NOW)

    assert store.citizens.open_session("web", "a1", NOW) == first
    assert store.citizens.find("web", "a1") == first
    assert store.citizens.by_id(first.id) == first
    assert store.citizens.find("zalo", "a1") is None


def test_the_web_page_sees_a_talk_in_order(store):
    citizen = talk(store, "một", "hai", channel="web")
    picture = a_message(2, channel="web", kind=InboundKind.IMAGE, text="", picture=b"x")
    store.journal.receive([picture], NOW)

    entries = store.timeline.messages(citizen.id)

    assert texts(entries) == ["câu 1", "một", "hai", ""]
    assert [entry.sender for entry in entries] == ["citizen", "bot", "bot", "citizen"]
    assert entries[-1].reply.meta == {"image": True}
    assert [entry.seq for entry in entries] == sorted({entry.seq for entry in entries})
    assert texts(store.timeline.messages(citizen.id, entries[1].seq, 1)) == ["hai"]
    assert texts(store.timeline.reply_of(entries[0].inbound_id)) == ["một", "hai"]
