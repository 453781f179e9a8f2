"""What became of a notice's rows: errors that stop it, doubts, the ledger, the forecast."""

from __future__ import annotations

import pytest

from bot.core.errors import SendBlocked, SendRefused
from bot.core.notices.approval import command
from bot.core.notices.forecast import Circumstances
from bot.core.notices.states import NoticeRefused, State
from bot.core.notices.stopping import IN_A_ROW
from bot.core.staff.roles import Role
from bot.core.work.delivery_lane import DeliveryLane
from bot.core.work.notice_lane import NoticeLane
from tests.contract.notice_builders import again, counts, hand, planned, render, sending, step
from tests.contract.store_builders import LEASE, NOW, follow, later, lease_deliveries
from tests.contract.test_store_broadcasts import send_all
from tests.contract.test_store_together import in_threads

LAN = command("cli:lan")


def test_too_many_errors_in_a_row_pause_a_notice(store):
    for number in range(IN_A_ROW + 2):
        follow(store, f"c{number}")
    draft = sending(store)
    lane = NoticeLane(store.broadcasts, store.notices, render)

    for row in lease_deliveries(store, limit=IN_A_ROW):
        meta = {"notice_id": again(store, draft).announcement_id}
        assert row.reply.meta == meta
        lane.note(row, NOW, failed=True)

    paused = again(store, draft)
    assert (paused.state, paused.reason) == (State.PAUSED, "errors_in_a_row")
    assert send_all(store) == []


def test_the_senders_tell_what_failed(store):
    for number in range(3):
        follow(store, f"c{number}")
    sending(store)
    told = []

    class Platform:
        name = "zalo"
        errors = [SendRefused("bad", "-201"), SendBlocked("gone", "-213"), None]

        def send(self, to, reply):
            error = self.errors.pop(0)
            if error:
                raise error
            return "m"

    def noted(delivery, now, *, failed):
        told.append(failed)

    DeliveryLane(store.deliveries, {"zalo": Platform()}, "w", noted).step(lambda: NOW)

    assert told == [True, False]  # who blocked us says nothing about the notice


def test_unsure_rows_are_listed_and_a_person_decides(store):
    for name in ("a", "b"):
        follow(store, name)
    draft = sending(store)
    for row in lease_deliveries(store):
        store.deliveries.unsure(row, "lost", NOW)
    announcement_id = again(store, draft).announcement_id
    first, second = store.unsure.rows(announcement_id)

    assert store.unsure.decide(first.delivery_id, LAN, NOW, again=False)
    assert store.unsure.decide(second.delivery_id, LAN, NOW, again=True)
    assert not store.unsure.decide(second.delivery_id, LAN, NOW, again=True)

    assert counts(store, draft) == {"sent": 1, "queued": 1}
    assert store.unsure.rows(announcement_id) == []


def test_the_ledger_is_exported_page_by_page(store):
    for number in range(5):
        follow(store, f"c{number}")
    draft = sending(store)
    (row,) = lease_deliveries(store, limit=1)
    store.deliveries.sent(row, "=cmd|' /C calc'!A0", NOW)

    pieces = list(store.broadcasts.export(again(store, draft).announcement_id, page=2))

    assert len(pieces) == 6
    assert pieces[0].startswith("\ufeffdelivery,citizen,channel,state")
    assert "'=cmd|' /C calc'!A0" in "".join(pieces)


def test_what_happened_is_kept_beside_the_forecast(store):
    follow(store, "a")
    follow(store, "b", sent_at=later(days=-9), now=later(days=-9))
    follow(store, "c", topic="khác")
    draft = planned(store)
    made = store.forecasts.make(draft.id, Circumstances(), NOW)
    assert (made.count("at_once"), made.count("never")) == (1, 2)

    step(store)
    send_all(store)
    step(store)

    kept = store.forecasts.newest(draft.id)
    assert kept.fingerprint == draft.fingerprint
    assert kept.figures == made.as_json()
    assert kept.outcome["off"] == 0
    assert kept.outcome["skipped"] == {"window_closed": 1}


def test_no_row_is_stuck_when_pauses_and_senders_meet(store, open_again):
    for number in range(30):
        follow(store, f"c{number}")
    draft = sending(store)
    stores = [open_again(), open_again()]
    sent = []

    def work(number):
        if number == 2:
            for _ in range(8):
                store.broadcasts.pause(draft.id, LAN, "", NOW)
                store.broadcasts.resume(draft.id, LAN, NOW)
                list(store.broadcasts.sweep(NOW, batch=3))
            return
        own = stores[number].deliveries
        for _ in range(12):
            for row in own.claim(NOW, f"w{number}", "zalo", 1, LEASE):
                sent.append(row.citizen.external_id)
                own.sent(row, f"m{row.id}", NOW)

    in_threads(3, work)
    list(store.broadcasts.sweep(NOW))
    sent += send_all(store, limit=30)
    step(store)

    assert sorted(sent) == sorted({f"c{number}" for number in range(30)})
    assert again(store, draft).state is State.DONE
    assert store.audit.verify() is None


def test_an_administrator_may_stop_a_notice_but_not_go_on_with_it(store):
    follow(store, "a")
    draft = sending(store)
    author = hand(store, "ad", Role.ADMIN)

    store.broadcasts.pause(draft.id, author, "Thấy sai.", NOW)
    with pytest.raises(NoticeRefused, match="role"):
        store.broadcasts.resume(draft.id, author, NOW)
    with pytest.raises(NoticeRefused, match="role"):
        store.broadcasts.cancel(draft.id, author, "x", NOW)
