"""One budget of calls for all processes, kept in the store."""

from __future__ import annotations

import threading

import pytest

from bot.core.work.rate import Pool
from bot.store import open_store
from tests.contract.store_builders import (
    LEASE,
    NOW,
    follow,
    later,
    lease_deliveries,
    plan,
    publish,
    talk,
)

POOLS = {"zalo": Pool("zalo:app", 100)}  # 8 at once, 1.5 each second


@pytest.fixture
def limited(store, store_url):
    """Another process at the same store, with a limit."""
    made = open_store(store_url, pools=POOLS)
    yield made
    made.close()


def a_broadcast(store, followers=20, **changes):
    for number in range(followers):
        follow(store, f"f{number}")
    plan(store, publish(store, **changes))


def drain(store, now=NOW):
    return len(lease_deliveries(store, limit=100, now=now))


def test_a_broadcast_stops_when_its_share_is_used_and_goes_on_as_calls_come(limited):
    a_broadcast(limited)

    assert drain(limited) == 5
    assert drain(limited) == 0
    assert drain(limited, later(seconds=2)) == 3


def test_an_answer_and_an_urgent_notice_find_calls_left_by_a_broadcast(limited):
    a_broadcast(limited)
    drain(limited)
    talk(limited, "dạ", sender="asks")
    follow(limited, "x", topic="dich-benh")
    for number in range(4):
        plan(limited, publish(limited, topic="dich-benh", title=f"t{number}", urgent=True))

    leased = lease_deliveries(limited, limit=100)

    kinds = [item.kind for item in leased]
    assert kinds == ["reply", "notice"]
    assert drain(limited) == 0


def test_processes_share_the_calls(limited, store_url):
    a_broadcast(limited)
    other = open_store(store_url, pools=POOLS)
    taken, stores = [], (limited, other)

    def work(store):
        for _ in range(10):
            taken.extend(store.deliveries.claim(NOW, "w", "zalo", 1, LEASE))

    threads = [threading.Thread(target=work, args=[store]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()

    assert len({item.id for item in taken}) == len(taken) == 5


def test_skipped_rows_cost_nothing(limited):
    a_broadcast(limited, 20, expires_at=later(hours=1))
    plan(limited, publish(limited))

    assert drain(limited, later(hours=2)) == 5
    assert limited.deliveries.counts() == {"skipped": 20, "sending": 5, "queued": 15}


def test_what_the_platform_says_is_left_binds_everybody_until_the_next_minute(limited, store_url):
    a_broadcast(limited)
    other = open_store(store_url, pools=POOLS)

    other.rates.stated("zalo", 100, 3, NOW)
    assert drain(limited) == 0
    talk(limited, "dạ", sender="asks")
    assert drain(limited) == 1

    other.rates.stated("zalo", None, 0, NOW)
    assert drain(limited, later(seconds=59)) == 0
    assert drain(limited, later(seconds=65)) > 0
    other.close()


def test_a_limit_stated_lower_holds_for_all_until_it_is_raised(limited):
    a_broadcast(limited, 40)

    limited.rates.stated("zalo", 60, 59, NOW)
    assert drain(limited) == 3

    limited.rates.stated("zalo", 4000, 3999, later(seconds=9))
    assert drain(limited, later(seconds=60)) == 5


def test_a_clock_set_back_does_not_stop_the_desk(limited):
    a_broadcast(limited)
    limited.rates.stated("zalo", 100, 0, later(days=2))

    assert drain(limited) == 5
    assert drain(limited, later(seconds=4)) == 5


def test_a_channel_without_a_limit_has_none(limited):
    for number in range(20):
        follow(limited, f"f{number}", channel="zalo_bot")
    plan(limited, publish(limited))

    assert len(lease_deliveries(limited, "zalo_bot", limit=100)) == 20


def test_rows_of_a_dead_sender_are_dealt_with_at_once(store):
    talk(store, "dạ", sender="lan")
    talk(store, "dạ", sender="minh")
    store.deliveries.claim(NOW, "dead", "zalo", 1, LEASE)
    store.deliveries.claim(NOW, "alive", "zalo", 1, LEASE)

    assert store.deliveries.free("dead".__eq__, NOW) == 1

    assert store.deliveries.counts() == {"unsure": 1, "sending": 1}
    assert store.deliveries.free("dead".__eq__, NOW) == 0
