"""Events that come late, twice or in another order: answered as they arrive, each once."""

from __future__ import annotations

from tests.contract.store_builders import NOW, a_message, a_turn, claim_one, later, talk, texts

TWO_HOURS_AGO = later(hours=-2)


def test_a_message_two_hours_late_is_answered_although_the_talk_went_on(store):
    citizen = talk(store, "trả lời 2", number=2)
    late = talk(store, "trả lời 1", number=1, sent_at=TWO_HOURS_AGO)

    assert late == citizen
    claimed = store.timeline.messages(citizen.id)
    assert texts(claimed) == ["câu 2", "câu 1"]


def test_the_repeat_of_an_answered_message_is_nothing_new(store):
    talk(store, "trả lời 1", number=1, sent_at=TWO_HOURS_AGO)
    (again,) = store.journal.receive([a_message(1, sent_at=TWO_HOURS_AGO)], later(hours=2))

    assert again.duplicate
    assert store.journal.claim(later(hours=2), "w1", 1, later(hours=1) - NOW) == []


def test_messages_are_answered_in_the_order_they_arrived(store):
    store.journal.receive([a_message(2, sent_at=NOW)], NOW)
    store.journal.receive([a_message(1, sent_at=TWO_HOURS_AGO)], NOW)

    first = claim_one(store)
    store.journal.settle(first, a_turn(), NOW)
    assert [first.inbound.text, claim_one(store).inbound.text] == ["câu 2", "câu 1"]


def test_a_late_message_does_not_move_the_last_interaction_back(store):
    citizen = talk(store, number=2)
    talk(store, number=1, sent_at=TWO_HOURS_AGO)

    kept = store.privacy.export(citizen.id)["citizen"]
    assert kept["last_interaction_at"] == NOW.isoformat()
