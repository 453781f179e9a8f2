"""Who cannot be reached is skipped with the reason: when planned, and again before sending."""

from __future__ import annotations

import pytest

from bot.core.messages import InboundKind
from bot.core.work.windows import Windows
from bot.store import open_store
from tests.contract.store_builders import (
    NOW,
    a_message,
    a_notice,
    a_turn,
    claim_one,
    follow,
    later,
    lease_deliveries,
    publish,
    talk,
)

SILENT = {"free": 1, "charged": 3, "closed": 8}  # days


def some_followers(store, channel="zalo"):
    for name, days in SILENT.items():
        wrote = later(days=-days)
        follow(store, name, channel=channel, sent_at=wrote, now=wrote)


def plan(store, now=NOW):
    made = publish(store)
    for _ in store.notices.plan(made, a_notice(made), now):
        pass
    return made


def leased(store, now=NOW):
    return sorted(item.citizen.external_id for item in lease_deliveries(store, now=now))


def test_a_plan_skips_whom_it_cannot_reach_or_only_for_money(store):
    some_followers(store)
    reasons = {"window_charged": 1, "window_closed": 1}
    assert store.notices.unreachable("thien-tai", None, NOW) == reasons

    made = plan(store)

    assert store.deliveries.counts(made.id) == {"queued": 1, "skipped": 2}
    assert store.deliveries.skipped_for(made.id) == reasons
    assert leased(store) == ["free"]


def test_an_operator_who_pays_reaches_those_of_seven_days(store, store_url):
    some_followers(store)
    paying = open_store(store_url, windows=Windows(charged_notices=True))

    made = plan(paying)

    assert paying.deliveries.skipped_for(made.id) == {"window_closed": 1}
    assert leased(paying) == ["charged", "free"]
    paying.close()


@pytest.mark.parametrize("channel", ["web", "zalo_bot"])
def test_where_no_window_closes_everybody_is_reached(store, channel):
    some_followers(store, channel)

    assert store.deliveries.counts(plan(store).id) == {"queued": 3}


def test_a_row_planned_in_time_is_looked_at_again_before_it_is_sent(store):
    some_followers(store)
    made = plan(store)

    assert leased(store, later(days=1, hours=1)) == []
    assert store.deliveries.skipped_for(made.id) == {"window_charged": 2, "window_closed": 1}


def test_an_answer_goes_out_late_but_not_after_seven_days(store):
    talk(store, "dạ", sender="lan")
    talk(store, "dạ", sender="minh")

    (first, _) = lease_deliveries(store, now=later(days=3))
    store.deliveries.retry(first, later(days=8), "-200")

    assert lease_deliveries(store, now=later(days=8)) == []
    assert store.deliveries.counts() == {"sending": 1, "skipped": 1}


@pytest.mark.parametrize(
    ("kind", "opens"),
    [
        (InboundKind.TEXT, True),
        (InboundKind.FOLLOW, True),
        (InboundKind.OPENED, True),
        (InboundKind.UNFOLLOW, False),
        (InboundKind.WITHDRAW, False),
    ],
)
def test_what_opens_the_window_again(store, kind, opens):
    long_ago = later(days=-30)
    follow(store, "lan", sent_at=long_ago, now=long_ago)

    store.journal.receive([a_message(2, "lan", kind=kind)], NOW)
    store.journal.settle(claim_one(store), a_turn(), NOW)

    assert store.deliveries.counts(plan(store).id) == {"queued" if opens else "skipped": 1}


def test_a_citizen_the_platform_refuses_is_skipped_by_the_next_plan(store):
    follow(store, "lan")
    plan(store)
    (delivery,) = lease_deliveries(store)
    store.deliveries.blocked(delivery, "-244", NOW)

    made = plan(store)

    assert store.deliveries.skipped_for(made.id) == {"blocked": 1}
