"""News of followed dossiers: none old, by night, too late or after the end."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.follow.decide import Kind, Telling
from bot.core.follow.follow import told_of
from bot.core.follow.told import Worded
from bot.core.messages import Reply
from bot.store.schema_follows import follows
from tests.builders import a_dossier
from tests.contract.follow_builders import CODE, MORNING, changed, following, heard
from tests.contract.store_builders import LEASE, talk

HOUR = timedelta(hours=1)
EVENING = MORNING + 12 * HOUR  # nine o'clock there, the quiet hours begin
BLOCKED = 0.3  # seconds a thread is given to run into another one's lock


def tell(store, citizen, key, now=MORNING, *, urgent=False, **after):
    (follow,) = store.follows.of(citizen.id)
    telling = Telling(Kind.STATE, key, follow.told, urgent)
    decided = Worded(follow, replace(follow, **after), ((telling, Reply(key)),))
    assert store.follows.settle([decided], now) == 1


def refused_once(store, now=MORNING):
    """The next message is not taken by the platform and waits for another try."""
    (delivery,) = store.deliveries.claim(now, "lane", "zalo", 1, LEASE)
    store.deliveries.retry(delivery, now + HOUR, "later")


@pytest.mark.parametrize(
    ("first", "second", "read"),
    [
        ("state 1", "state 2", ["state 2"]),
        ("promise 1", "state 2", ["state 2"]),
        ("promise 1", "promise 2", ["promise 2"]),
        ("reminder 2026-11-25", "promise 2", ["promise 2"]),
        ("late 2026-11-20", "state 2", ["state 2"]),
        ("state 1", "promise 2", ["promise 2", "state 1"]),
        ("state 1", "reminder 2026-11-25", ["reminder 2026-11-25", "state 1"]),
        ("state 1", "survey", ["survey", "state 1"]),
    ],
)
def test_older_news_does_not_come_after_what_says_it_all(store, first, second, read):
    citizen = following(store, a_dossier())
    tell(store, citizen, first)
    refused_once(store)
    tell(store, citizen, second)

    assert heard(store, MORNING) + heard(store, MORNING + HOUR) == read
    counts = store.deliveries.counts()
    assert counts.get("skipped", 0) == 2 - len(read)


def test_urgent_news_sent_first_ends_what_waits_behind_it(store):
    citizen = following(store, a_dossier())
    tell(store, citizen, "state 1")
    tell(store, citizen, "state 2", urgent=True)

    assert heard(store, MORNING) == ["state 2"]


def test_news_of_another_dossier_or_follower_ends_nothing(store):
    citizens = [following(store, a_dossier(), sender=name) for name in ("lan", "minh")]
    for number, citizen in enumerate(citizens):
        tell(store, citizen, f"state {number}")

    assert heard(store, MORNING) == ["state 0", "state 1"]


def test_what_could_not_leave_by_day_waits_for_the_morning(store):
    citizen = following(store, a_dossier())
    other = following(store, a_dossier(), sender="minh")
    tell(store, citizen, "state 1", EVENING - HOUR)
    tell(store, other, "state 5", EVENING - HOUR, urgent=True)

    assert heard(store, EVENING) == ["state 5"]
    assert heard(store, EVENING + 8 * HOUR) == []
    assert heard(store, EVENING + 9 * HOUR) == ["state 1"]


def test_an_answer_does_not_wait_for_the_morning(store):
    talk(store, "Dạ, chào anh/chị.", now=EVENING, sent_at=EVENING)

    assert heard(store, EVENING) == ["Dạ, chào anh/chị."]


@pytest.mark.parametrize(
    ("key", "after", "read"),
    [
        ("reminder 2026-11-25", 11, True),
        ("reminder 2026-11-25", 22, False),
        ("late 2026-11-20", 24, False),
        ("state 1", 24, True),
    ],
)
def test_what_the_clock_made_news_is_told_in_time_or_not_at_all(store, key, after, read):
    citizen = following(store, a_dossier())
    tell(store, citizen, key)

    assert heard(store, MORNING + after * HOUR) == ([key] if read else [])
    assert store.deliveries.counts() == ({"sent": 1} if read else {"skipped": 1})


def while_the_lane_writes(store, monkeypatch, act):
    """Start ``act`` when a decision's message is written but not committed; return its errors."""
    errors = []

    def guarded():
        try:
            act()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=guarded)
    write = type(store.follows)._add

    def add(*what):
        written = write(store.follows, *what)
        thread.start()
        thread.join(BLOCKED)
        return written

    monkeypatch.setattr(store.follows, "_add", add)
    return thread, errors


END = {"effect": "unfollow_dossier", "code": CODE}
MUTE = {"effect": "mute_dossier", "code": CODE, "muted": True}


@pytest.mark.parametrize("effect", [END, MUTE, {"effect": "stop"}, {"effect": "erase"}])
def test_who_ends_it_while_news_are_written_gets_none(store, open_again, monkeypatch, effect):
    citizen = following(store, a_dossier())
    other = open_again()

    def ends():
        talk(other, effects=[effect], number=2, now=MORNING, sent_at=MORNING)

    thread, errors = while_the_lane_writes(store, monkeypatch, ends)
    tell(store, citizen, "state 1")
    thread.join()

    assert errors == []
    assert heard(store, MORNING) == []


def test_who_is_erased_while_news_are_written_is_gone(store, open_again, monkeypatch):
    citizen = following(store, a_dossier())
    other = open_again()
    thread, errors = while_the_lane_writes(
        store, monkeypatch, lambda: other.privacy.erase(citizen.id, MORNING)
    )
    tell(store, citizen, "state 1")
    thread.join()

    assert errors == []
    assert store.deliveries.counts() == {}
    assert store.citizens.find("zalo", "lan") is None


def test_an_import_locks_follows_in_the_order_of_all_others(store, open_again):
    """The first follow comes last in the table and in the index: only an order asked for helps."""
    codes = ["H39.21-261102-0042", CODE]
    for number, code in enumerate(codes):
        citizen = following(store, a_dossier(code=code), number=number)
    first, second = store.follows.of(citizen.id)
    store.follows.nudge("x", 0, 1, [first.key], MORNING)
    importer, errors = open_again(), []

    def nudge():
        try:
            importer.follows.nudge("x", 1, 2, [first.key, second.key], MORNING)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=nudge)
    with store._db.write() as connection:
        for follow in (first, second):
            own = select(follows.c.id).where(follows.c.id == follow.id)
            connection.execute(own.with_for_update())
            if follow is first:
                thread.start()
                thread.join(BLOCKED)
    thread.join()

    assert errors == []
    assert store.follows.position("x") == 2


def test_a_poll_does_not_undo_a_call_that_came_while_it_asked(store):
    called = following(store, a_dossier())
    key = store.follows.of(called.id)[0].key
    polled = changed(status=4, changed_at=MORNING)
    newer = changed(status=5, changed_at=MORNING + HOUR)
    store.follows.note_states({key: newer}, MORNING)
    late = following(store, a_dossier(status=2), sender="minh")

    assert store.follows.note_states({key: polled}, MORNING) == 1

    kept = [store.follows.of(each.id)[0] for each in (called, late)]
    assert [told_of(each.known).status for each in kept] == [5, 4]
    assert [each.version for each in kept] == [1, 1]
