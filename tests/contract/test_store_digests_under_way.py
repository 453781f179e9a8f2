"""Digests on their way: what was decided meanwhile holds, and notices share the true fate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.core.channel import Echo
from bot.core.notices.approval import command
from bot.store import Store
from bot.store.schema import deliveries
from bot.store.unsure import TALK
from tests.contract.digest_builders import MORNING, NUMBERS, SUNDAY, follow, local, look, out, send
from tests.contract.notice_builders import again, counts, hand, step
from tests.contract.store_builders import LEASE, talk
from tests.contract.test_store_digests import corrected

TAM = command("cli:tam")
SOON = MORNING + timedelta(minutes=2)


def being_sent(store: Store, channel: str = "web") -> Any:
    look(store, MORNING)
    (row,) = store.deliveries.claim(MORNING, "lane", channel, 5, LEASE)
    return row


def pause(store: Store, draft: Any) -> None:
    store.broadcasts.pause(draft.id, hand(store, "lan"), "xem lại", MORNING)


def cancel(store: Store, draft: Any) -> None:
    store.broadcasts.cancel(draft.id, hand(store, "lan"), "nhầm", MORNING)


@pytest.mark.parametrize("decide", [pause, cancel])
def test_a_decision_made_while_it_was_being_sent_holds_for_the_next_try(
    store: Store, decide: Callable[[Store, Any], None]
) -> None:
    follow(store, "lan")
    stopped = out(store, "sai")
    out(store, "còn")
    row = being_sent(store)
    decide(store, stopped)
    step(store, MORNING)
    store.deliveries.put_back(row, MORNING, "busy")

    assert send(store, MORNING) == []
    look(store, MORNING)
    assert send(store, MORNING) == ["còn"]


@pytest.mark.parametrize("decide", [pause, cancel])
def test_a_decision_holds_before_anybody_swept(
    store: Store, decide: Callable[[Store, Any], None]
) -> None:
    follow(store, "lan")
    stopped = out(store, "sai")
    look(store, MORNING)
    decide(store, stopped)

    assert send(store, MORNING) == []


def test_what_was_put_right_while_it_was_being_sent_comes_with_the_mark(store: Store) -> None:
    follow(store, "lan")
    follow(store, "minh", "at_once")
    draft = out(store, "Mưa")
    assert send(store, SUNDAY) == ["Mưa"]  # Minh's
    row = being_sent(store)
    made = corrected(store, draft, MORNING)
    assert send(store, MORNING) == ["Sửa lại"]
    store.deliveries.put_back(row, MORNING, "busy")
    told = send(store, MORNING)
    for _ in range(2):
        step(store, MORNING)
        look(store, MORNING)
        told += send(store, MORNING)

    assert told == [f"Mưa (đính chính: {again(store, made).code})"]


def test_what_expired_before_the_digest_left_is_taken_out(store: Store) -> None:
    follow(store, "lan")
    draft = out(store, "hết hạn", expires_at=local(23, 8))
    out(store, "còn")
    look(store, MORNING)

    assert send(store, local(23, 9)) == []
    look(store, local(23, 9))
    assert send(store, local(23, 9)) == ["còn"]
    assert counts(store, draft) == {"skipped": 1}


def on_zalo(store: Store, title: str = "Mưa") -> Any:
    """A notice of which a daily digest is being sent on Zalo."""
    effect = {"effect": "subscribe", "topic": "thien-tai", "pace": "daily"}
    talk(store, sender="xa", number=next(NUMBERS), effects=[effect], now=SUNDAY)
    return out(store, title)


def lost(store: Store) -> tuple[Any, Any]:
    """A digest whose answer was lost, and the notice in it."""
    draft = on_zalo(store)
    row = being_sent(store, "zalo")
    store.deliveries.unsure(row, "lost", MORNING)
    look(store, MORNING)
    assert counts(store, draft) == {"unsure": 1}
    return draft, row


def answered(store: Store, row: Any) -> None:
    assert store.deliveries.sent(row, "m1", SOON)


def echoed(store: Store, row: Any) -> None:
    echo = Echo("m1", "xa", "Mưa", MORNING, by_staff=False)
    assert store.echoes.of_our_own("zalo", [echo], SOON) == 1


def looked_up(store: Store, row: Any) -> None:
    assert store.unsure.decide_all(TALK, TAM, MORNING, SOON, again=False) == 1


@pytest.mark.parametrize("tell", [answered, echoed, looked_up])
def test_who_hears_later_what_became_of_a_digest_tells_its_notices(
    store: Store, tell: Callable[[Store, Any], None]
) -> None:
    draft, row = lost(store)
    tell(store, row)
    look(store, SOON)

    assert counts(store, draft) == {"sent": 1}
    assert store.unsure.count() == 0


def test_what_a_person_decided_about_a_notice_is_left(store: Store) -> None:
    draft, row = lost(store)
    number = again(store, draft).announcement_id
    assert store.unsure.decide_all(number, TAM, MORNING, SOON, again=False) == 1
    store.deliveries.failed(row, "refused", SOON)
    look(store, SOON)

    assert counts(store, draft) == {"sent": 1}


def test_a_digest_that_was_not_taken_after_all_is_sent_once_more(store: Store) -> None:
    draft, row = lost(store)
    store.deliveries.retry(row, SOON, "busy")
    look(store, SOON)
    (row,) = store.deliveries.claim(SOON, "lane", "zalo", 5, LEASE)
    store.deliveries.sent(row, "m2", SOON)
    look(store, SOON)

    assert counts(store, draft) == {"sent": 1}


def test_one_that_was_not_taken_and_is_taken_apart_leaves_nothing_in_doubt(store: Store) -> None:
    draft, row = lost(store)
    store.deliveries.retry(row, SOON, "busy")
    pause(store, draft)
    assert store.deliveries.claim(SOON, "lane", "zalo", 5, LEASE) == []

    assert counts(store, draft) == {"queued": 1}
    assert store.unsure.count() == 0


def test_receipts_of_a_digest_are_those_of_its_notices(store: Store) -> None:
    draft = on_zalo(store)
    row = being_sent(store, "zalo")
    store.deliveries.sent(row, "m1", MORNING)
    look(store, MORNING)
    assert store.deliveries.settle_receipts("zalo", ["m1"], SOON) == 1
    assert counts(store, draft) == {"delivered": 1}
    assert store.deliveries.settle_seen("zalo", ["m1"], SOON) == 1
    assert store.tallies.of(again(store, draft).announcement_id).seen == 1


def test_a_receipt_faster_than_our_look_is_shared_with_its_time(store: Store) -> None:
    draft = on_zalo(store)
    row = being_sent(store, "zalo")
    store.deliveries.sent(row, "m1", MORNING)
    store.deliveries.settle_seen("zalo", ["m1"], SOON)
    look(store, SOON)

    number = again(store, draft).announcement_id
    its = select(deliveries).where(deliveries.c.announcement_id == number)
    with store._db.read() as connection:
        item = connection.execute(its).one()
    assert (item.state, item.sent_at) == ("delivered", MORNING)
    assert (item.delivered_at, item.seen_at) == (SOON, SOON)


def test_the_rows_of_a_batch_are_found_by_their_citizens(store: Store) -> None:
    """Read from the index of all gathered rows, a million would be read for every thousand."""
    follow(store, "lan")
    out(store, "Mưa")
    if not store._db.is_sqlite:
        return  # it plans by what it counted, and four rows are nothing
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if "deliveries.citizen_id IN" in statement:
            raw = connection.connection.dbapi_connection
            plans.extend(raw.execute(f"EXPLAIN QUERY PLAN {statement}", given).fetchall())

    event.listen(store._db.engine, "before_cursor_execute", explain)
    try:
        look(store, MORNING)
    finally:
        event.remove(store._db.engine, "before_cursor_execute", explain)
    assert "ix_deliveries_citizen_id_seq" in str(plans)
    assert "ix_deliveries_gathered" not in str(plans)


def test_a_look_that_finds_nothing_keeps_nobody_from_writing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(store, "lan")
    pause(store, out(store, "Mưa"))
    step(store, MORNING)
    monkeypatch.setattr(store._db, "write", lambda: pytest.fail("a write transaction"))

    assert look(store, MORNING) == 0


def test_a_second_correction_takes_the_place_of_the_first_one(store: Store) -> None:
    follow(store, "lan")
    follow(store, "minh", "at_once")
    draft = out(store, "Mưa")
    send(store, SUNDAY)
    corrected(store, draft, SUNDAY)
    send(store, SUNDAY)
    row = being_sent(store)  # it tells of the first one
    second = corrected(store, draft, MORNING)
    store.deliveries.put_back(row, MORNING, "busy")
    told = send(store, MORNING)
    look(store, MORNING)
    told += send(store, MORNING)

    mark = f"Mưa (đính chính: {again(store, second).code})"
    assert [each for each in told if each.startswith("Mưa")] == [mark]
