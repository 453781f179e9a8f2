"""Echoes: a person's message silences the desk, our own tells the fate of a lost answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.channel import Echo
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

SILENCE = timedelta(minutes=30)


def an_echo(text="Dạ", number="e1", *, staff=False, at=NOW, person="lan"):
    return Echo(number, person, text, at, staff)


def note(store, echo, now=NOW):
    if echo.by_staff:
        return store.echoes.from_staff("zalo", echo, now, SILENCE)
    return bool(store.echoes.of_our_own("zalo", [echo], now))


def staff_until(store, number=50, now=NOW):
    store.journal.receive([a_message(number)], now)
    claimed = claim_one(store, now)
    store.journal.settle(claimed, a_turn(), now)
    return claimed.staff_until


def states(store):
    return dict(store.deliveries.counts())


def test_a_person_who_writes_silences_the_desk_and_each_message_prolongs_it(store):
    assert note(store, an_echo(staff=True))
    assert staff_until(store) == later(minutes=30)

    assert note(store, an_echo(number="e2", staff=True, at=later(minutes=20)), later(minutes=20))
    assert staff_until(store, 51) == later(minutes=50)


def test_an_echo_that_comes_twice_or_late_does_not_prolong(store):
    note(store, an_echo(staff=True))

    assert not note(store, an_echo(staff=True), later(minutes=29))
    note(store, an_echo(number="e0", staff=True, at=later(minutes=-120)), NOW)

    assert staff_until(store) == later(minutes=30)


def test_staff_may_write_first_to_somebody_unknown(store):
    assert note(store, an_echo(staff=True, person="mai"))

    citizen = store.citizens.find("zalo", "mai")
    (entry,) = store.timeline.messages(citizen.id)
    assert (entry.sender, entry.reply.text) == ("staff", "Dạ")


def test_the_talk_shows_staff_between_the_citizens_messages(store):
    citizen = talk(store, number=1)
    note(store, an_echo("Chị chờ em chút", staff=True))
    talk(store, number=2)

    assert texts(store.timeline.messages(citizen.id)) == ["câu 1", "Chị chờ em chút", "câu 2"]


def test_the_citizen_can_call_the_desk_back(store):
    note(store, an_echo(staff=True))
    talk(store, effects=[{"effect": "bot_back"}])

    assert staff_until(store) is None


def test_what_staff_said_is_forgotten_after_a_day(store):
    note(store, an_echo("Chuyện riêng", staff=True))
    store.privacy.purge(later(hours=25))

    assert store.timeline.messages(store.citizens.find("zalo", "lan").id) == []


def test_the_echo_of_a_lost_answer_says_it_was_sent(store):
    talk(store, "Dạ, chào anh/chị.")
    (delivery,) = lease_deliveries(store)
    store.deliveries.unsure(delivery, "lost", NOW)

    # "ạ" decomposed, and spaces: platforms do such things
    assert note(store, an_echo("Da\u0323, chào anh/chị. "), later(seconds=5))

    assert states(store) == {"sent": 1}
    assert store.deliveries.settle_receipt("zalo", "e1", NOW)
    assert texts(store.timeline.messages(delivery.citizen.id)) == ["câu 1", "Dạ, chào anh/chị."]
    assert not note(store, an_echo("Dạ, chào anh/chị."), later(seconds=6))


def test_an_echo_counts_when_the_sender_died_before_the_answer(store):
    citizen = talk(store, "Dạ")
    lease_deliveries(store)
    assert not note(store, an_echo())

    assert store.deliveries.recover(NOW + LEASE) == 1

    assert states(store) == {"sent": 1}
    assert store.deliveries.settle_receipt("zalo", "e1", NOW)
    assert texts(store.timeline.messages(citizen.id)) == ["câu 1", "Dạ"]


def test_an_echo_that_comes_after_the_sender_was_found_dead_counts_too(store):
    talk(store, "Dạ")
    lease_deliveries(store)
    store.deliveries.recover(NOW + LEASE)
    assert states(store) == {"unsure": 1}

    assert note(store, an_echo(), later(seconds=90))
    assert states(store) == {"sent": 1}


def test_an_answer_that_is_lost_after_its_echo_is_a_message_that_was_sent(store):
    talk(store, "Dạ")
    (delivery,) = lease_deliveries(store)
    note(store, an_echo())

    assert store.deliveries.unsure(delivery, "lost", NOW)
    assert states(store) == {"sent": 1}


def test_what_the_platform_did_not_take_has_no_echo(store):
    talk(store, "Dạ")
    (delivery,) = lease_deliveries(store)
    note(store, an_echo())

    store.deliveries.retry(delivery, NOW, "-200")
    lease_deliveries(store)
    store.deliveries.recover(NOW + LEASE)

    assert states(store) == {"unsure": 1}


def test_an_echo_of_before_does_not_count_for_what_is_sent_now(store):
    talk(store, "Dạ")
    lease_deliveries(store)

    note(store, an_echo(at=later(minutes=-11)))
    store.deliveries.recover(NOW + LEASE)

    assert states(store) == {"unsure": 1}


def test_an_answer_that_comes_after_its_echo_counts_as_usual(store):
    talk(store, "Dạ")
    (delivery,) = lease_deliveries(store)
    note(store, an_echo())

    assert store.deliveries.sent(delivery, "e1", NOW)
    assert not note(store, an_echo())
    assert states(store) == {"sent": 1}


def test_two_alike_are_left_in_doubt(store):
    for number in (1, 2):
        talk(store, "Dạ", number=number)
        (delivery,) = lease_deliveries(store)
        store.deliveries.unsure(delivery, "lost", NOW)

    assert not note(store, an_echo())
    assert states(store) == {"unsure": 2}


@pytest.mark.parametrize(
    ("echo", "now"),
    [
        (an_echo("Khác"), NOW),
        (an_echo(""), NOW),
        (an_echo(person="mai"), NOW),
        (an_echo(at=later(minutes=11)), later(minutes=11)),
        (an_echo(at=later(minutes=-11)), NOW),
    ],
    ids=["other words", "no words", "somebody else", "long after", "long before"],
)
def test_what_is_not_certain_stays_unsure(store, echo, now):
    talk(store, "Dạ")
    (delivery,) = lease_deliveries(store)
    store.deliveries.unsure(delivery, "lost", NOW)

    assert not note(store, echo, now)
    assert states(store) == {"unsure": 1}


def test_a_request_to_be_forgotten_ends_with_the_bare_row(store):
    citizen = talk(store, "Dạ")
    note(store, an_echo(staff=True))
    ask = replace(a_message(9), kind=InboundKind.WITHDRAW, text="")
    store.journal.receive([ask], NOW)
    claimed = claim_one(store)

    assert store.journal.settle(claimed, a_turn(effects=[{"effect": "erase"}]), NOW)

    kept = store.privacy.export(citizen.id)
    assert kept["deliveries"] == []
    assert "staff_until" not in kept["citizen"]
    assert store.privacy.purge(later(hours=25)).citizens == 1


def test_a_delivery_with_the_platforms_id_is_found_by_it(store):
    talk(store, "Dạ")
    (delivery,) = lease_deliveries(store)
    store.deliveries.sent(delivery, "e1", NOW)

    assert store.echoes.of_our_own("zalo", [an_echo("khác"), an_echo("khác", "e9")], NOW) == 0
    assert states(store) == {"sent": 1}


def test_receipts_are_settled_together(store):
    talk(store, "một", "hai")
    for number in ("a", "b"):
        (delivery,) = lease_deliveries(store, limit=1)
        store.deliveries.sent(delivery, number, NOW)

    assert store.deliveries.settle_receipts("zalo", ["a", "b", "c"], NOW) == 2
    assert states(store) == {"delivered": 2}
