"""Rows in doubt: found among many, decided once, one by one or all of a notice."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.core.notices.approval import command
from bot.core.notices.states import NoticeRefused
from bot.core.staff.roles import Role
from bot.store import unsure
from bot.store.unsure import TALK
from tests.contract.notice_builders import again, counts, hand, sending
from tests.contract.store_builders import NOW, follow, later, lease_deliveries, talk
from tests.contract.test_store_broadcasts import send_all
from tests.contract.test_store_together import in_threads

TAM = command("cli:tam")


def doubtful(store, people: int = 3, now=NOW):
    for number in range(people):
        follow(store, f"c{number}")
    draft = sending(store)
    for row in lease_deliveries(store, limit=people, now=now):
        store.deliveries.unsure(row, "lost", now)
    return again(store, draft)


def test_they_are_listed_by_notice_page_by_page(store):
    draft = doubtful(store)
    (group,) = store.unsure.groups()
    assert (group.announcement_id, group.draft_id) == (draft.announcement_id, draft.id)
    assert (group.count, group.title) == (3, draft.notice.title)

    first = store.unsure.rows(draft.announcement_id, limit=2)
    rest = store.unsure.rows(draft.announcement_id, first[-1].delivery_id, limit=2)

    assert (len(first), len(rest), store.unsure.count()) == (2, 1, 3)
    assert {row.again for row in first} == {True}


def test_all_of_a_notice_are_sent_once_more_by_two_people_at_once(store, open_again, monkeypatch):
    monkeypatch.setattr(unsure, "BATCH", 2)
    draft = doubtful(store, 7)
    stores = [open_again(), open_again()]
    decided = []

    def decide(number):
        of = stores[number].unsure
        decided.append(
            of.decide_all(draft.announcement_id, TAM, NOW, later(minutes=1), again=True)
        )

    in_threads(2, decide)

    assert sum(decided) == 7
    assert counts(store, draft) == {"queued": 7}
    assert len(send_all(store, now=later(minutes=2))) == 7
    assert send_all(store, now=later(minutes=3)) == []
    assert store.audit.verify() is None


def test_what_came_into_doubt_after_the_look_is_left(store):
    draft = doubtful(store, 2, later(minutes=5))
    of = store.unsure

    assert of.decide_all(draft.announcement_id, TAM, NOW, later(minutes=6), again=False) == 0
    until = later(minutes=5)
    assert of.decide_all(draft.announcement_id, TAM, until, later(minutes=6), again=False) == 2
    assert counts(store, draft) == {"sent": 2}


def test_an_answer_of_a_talk_is_never_sent_again(store):
    talk(store, "Dạ, hồ sơ đang giải quyết ạ.")
    (row,) = lease_deliveries(store)
    store.deliveries.unsure(row, "lost", NOW)
    (group,) = store.unsure.groups()
    assert (group.announcement_id, group.draft_id) == (TALK, None)
    (listed,) = store.unsure.rows(TALK)
    assert not listed.again

    assert not store.unsure.decide(row.id, TAM, NOW, again=True)
    assert store.unsure.decide_all(TALK, TAM, NOW, NOW, again=True) == 0
    assert store.unsure.decide(row.id, TAM, NOW, again=False)
    assert store.unsure.groups() == []


def test_of_a_cancelled_notice_nothing_is_sent_again(store):
    draft = doubtful(store, 1)
    store.broadcasts.cancel(draft.id, TAM, "Sai.", NOW)
    (row,) = store.unsure.rows(draft.announcement_id)

    assert not row.again
    assert not store.unsure.decide(row.delivery_id, TAM, NOW, again=True)


def test_an_administrator_alone_does_not_decide(store):
    draft = doubtful(store, 1)
    admin = hand(store, "ad", Role.ADMIN)
    (row,) = store.unsure.rows(draft.announcement_id)

    with pytest.raises(NoticeRefused, match="role"):
        store.unsure.decide(row.delivery_id, admin, NOW, again=True)
    with pytest.raises(NoticeRefused, match="role"):
        store.unsure.decide_all(draft.announcement_id, admin, NOW, NOW, again=False)
    assert store.unsure.count() == 1


def test_a_late_answer_of_the_first_try_does_not_settle_the_second(store):
    follow(store, "a")
    draft = sending(store)
    (first,) = lease_deliveries(store)
    store.deliveries.unsure(first, "lost", NOW)
    assert store.unsure.decide(first.id, TAM, NOW, again=True)
    (second,) = lease_deliveries(store)

    assert not store.deliveries.sent(first, "late", NOW)
    assert store.deliveries.sent(second, "m2", NOW)
    assert counts(store, draft) == {"sent": 1}


def test_they_are_found_by_their_own_index(store):
    if store._db.is_sqlite:
        query = "EXPLAIN QUERY PLAN SELECT count(*) FROM deliveries WHERE state = 'unsure'"
        with store._db.read() as connection:
            plan = str(connection.execute(text(query)).all())
        assert "ix_deliveries_unsure" in plan


def test_seen_is_more_than_delivered_and_delivered_more_than_sent(store):
    for name in ("a", "b", "c"):
        follow(store, name)
    draft = sending(store)
    for row in lease_deliveries(store):
        store.deliveries.sent(row, f"m{row.citizen.external_id}", NOW)
    assert store.deliveries.settle_receipts("zalo", ["ma"], later(minutes=1)) == 1

    assert store.deliveries.settle_seen("zalo", ["ma", "mb"], later(minutes=2)) == 2
    assert store.deliveries.settle_seen("zalo", ["ma"], later(minutes=3)) == 0
    assert store.deliveries.settle_seen("web", ["mc"], later(minutes=3)) == 0
    tally = store.tallies.of(again(store, draft).announcement_id)
    assert (tally.states, tally.seen) == ({"sent": 1, "delivered": 2}, 2)
    assert (tally.first_at, tally.planned) == (NOW, True)
    exported = store.privacy.export(1)["deliveries"]
    assert {"delivered_at", "seen_at"} <= set().union(*exported)


@pytest.mark.parametrize("swept", [True, False], ids=["by the sweep", "by a sender"])
def test_a_second_try_that_is_called_off_leaves_the_doubt_of_the_first(store, swept):
    draft = doubtful(store, 2)
    (first, _) = store.unsure.rows(draft.announcement_id)
    assert store.unsure.decide(first.delivery_id, TAM, NOW, again=True)
    store.broadcasts.cancel(draft.id, TAM, "Sai.", NOW)

    if swept:
        list(store.broadcasts.sweep(NOW))
    assert lease_deliveries(store, now=NOW) == []

    assert counts(store, draft) == {"unsure": 2}
    assert first.delivery_id in {
        row.delivery_id for row in store.unsure.rows(draft.announcement_id)
    }


def test_a_second_try_that_comes_too_late_leaves_the_doubt_of_the_first(store):
    draft = doubtful(store, 1)
    (row,) = store.unsure.rows(draft.announcement_id)
    assert store.unsure.decide(row.delivery_id, TAM, NOW, again=True)

    assert lease_deliveries(store, now=later(days=8)) == []  # the platform's window is shut

    assert counts(store, draft) == {"unsure": 1}
