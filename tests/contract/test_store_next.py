"""One transaction ends a message and begins the next: nothing else is marked as being sent."""

from __future__ import annotations

from datetime import timedelta

from bot.core.messages import Delivery
from tests.contract.store_builders import LEASE, NOW, later, lease_deliveries, talk, texts

OTHER = "zalo-4000000000000000005"


def begin(store, channel="zalo"):
    """Lease the first row there is to send."""
    (delivery,) = lease_deliveries(store, limit=1)
    assert delivery.citizen.channel == channel
    return delivery


def end_and_next(store, delivery, channel="zalo", now=NOW):
    return store.deliveries.sent_and_next(delivery, "m1", now, "w1", channel, LEASE)


def test_the_end_of_a_message_and_the_next_one_are_one_step(store):
    citizen = talk(store, "một", "hai", "ba")
    first = begin(store)

    (second,) = end_and_next(store, first)

    assert isinstance(second, Delivery)
    assert (second.reply.text, second.attempts) == ("hai", 1)
    assert store.deliveries.counts() == {"sent": 1, "sending": 1, "queued": 1}
    assert texts(store.timeline.messages(citizen.id)) == ["câu 1", "một"]


def test_the_next_message_may_be_of_another_channel(store):
    talk(store, "một", sender="lan")
    talk(store, "hai", sender="lan", channel=OTHER)
    first = begin(store)

    (second,) = end_and_next(store, first, OTHER)

    assert second.citizen.channel == OTHER
    assert end_and_next(store, second, OTHER) == []
    assert store.deliveries.counts() == {"sent": 2}


def test_nothing_next_that_must_wait_or_may_not_leave(store):
    talk(store, "một", "hai")
    first = begin(store)
    store.deliveries.pause("zalo", "account", "-204", NOW, later(minutes=5), person=True)

    assert end_and_next(store, first) == []

    assert store.deliveries.counts() == {"sent": 1, "queued": 1}


def test_an_attempt_that_lost_its_lease_does_not_end_twice(store):
    talk(store, "một")
    first = begin(store)
    store.deliveries.failed(first, "-201", NOW)

    assert end_and_next(store, first) == []
    assert store.deliveries.counts() == {"failed": 1}


def test_a_sender_that_dies_leaves_only_its_present_message_in_doubt(store):
    talk(store, "một", "hai", "ba")
    (second,) = end_and_next(store, begin(store))

    assert store.deliveries.recover(NOW + LEASE + timedelta(seconds=1)) == 1
    assert store.deliveries.counts() == {"sent": 1, "unsure": 1, "queued": 1}
    assert second.reply.text == "hai"
