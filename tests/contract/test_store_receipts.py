"""Receipts that come before our own note that the message was sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.channel import Echo
from bot.store import Store
from bot.store.receipts import EARLY_LIFE
from bot.store.schema import deliveries
from bot.store.schema_receipts import early_receipts
from tests.contract.store_builders import NOW, follow, later, lease_deliveries
from tests.contract.test_store_unsure import sending


def row_of(store: Store) -> Any:
    with store._db.read() as connection:
        return connection.execute(
            select(deliveries).where(deliveries.c.announcement_id.isnot(None))
        ).one()


def kept(store: Store) -> int:
    with store._db.read() as connection:
        return len(connection.execute(select(early_receipts)).all())


def leased(store: Store) -> Any:
    follow(store, "lan")
    sending(store)
    (row,) = lease_deliveries(store)
    return row


@pytest.mark.parametrize("named_by_echo", [False, True])
def test_a_receipt_that_overtakes_our_note_is_not_lost(store: Store, named_by_echo: bool) -> None:
    row = leased(store)
    if named_by_echo:
        echo = Echo("m1", "lan", row.reply.text, NOW, by_staff=False)
        store.echoes.of_our_own("zalo", [echo], NOW)
    assert store.deliveries.settle_receipts("zalo", ["m1"], later(seconds=1)) == 0
    assert store.deliveries.settle_seen("zalo", ["m1"], later(seconds=2)) == 0
    assert store.deliveries.meet_receipts(later(seconds=3)) == 0  # the answer is still under way
    store.deliveries.sent(row, "m1", later(seconds=4))

    assert store.deliveries.meet_receipts(later(seconds=5)) == 1
    found = row_of(store)
    assert (found.state, found.delivered_at) == ("delivered", later(seconds=1))
    assert found.seen_at == later(seconds=2)
    assert (store.deliveries.meet_receipts(later(seconds=6)), kept(store)) == (0, 0)


def test_a_receipt_of_another_message_settles_nothing(store: Store) -> None:
    row = leased(store)
    store.deliveries.settle_receipts("zalo", ["m2"], NOW)
    store.deliveries.settle_receipts("zalo_bot", ["m1"], NOW)
    store.deliveries.sent(row, "m1", NOW)

    assert store.deliveries.meet_receipts(later(minutes=1)) == 0
    assert row_of(store).state == "sent"


def test_what_stays_unknown_is_forgotten_and_what_is_known_never_kept(store: Store) -> None:
    row = leased(store)
    store.deliveries.sent(row, "m1", NOW)
    for _ in range(3):  # the platform repeats itself
        store.deliveries.settle_receipts("zalo", ["m1", "staff1"], NOW)
    assert kept(store) == 1
    store.deliveries.meet_receipts(NOW + EARLY_LIFE)
    assert kept(store) == 1
    store.deliveries.meet_receipts(NOW + EARLY_LIFE + timedelta(seconds=1))

    assert kept(store) == 0
