"""Visitors without a login are forgotten after a silent day, others are not."""

from __future__ import annotations

from tests.contract.store_builders import later, talk


def test_a_visitor_is_forgotten_after_a_silent_day_and_a_citizen_is_not(store):
    visitor = talk(store, sender="7/c", channel="zalo-visitors")
    citizen = talk(store, sender="lan")
    store.privacy.purge(later(hours=23))
    assert store.citizens.by_id(visitor.id) is not None

    assert store.privacy.purge(later(hours=25)).citizens == 1

    assert store.citizens.by_id(visitor.id) is None
    assert store.citizens.by_id(citizen.id) is not None


def test_a_visitor_who_waits_for_an_answer_is_not_forgotten_before_it(store):
    visitor = talk(store, "Dạ", sender="7/c", channel="zalo-visitors")

    store.privacy.purge(later(hours=25))

    assert store.citizens.by_id(visitor.id) is not None
