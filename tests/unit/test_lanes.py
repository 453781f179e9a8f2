"""The worker's lanes: every outcome of a platform ends in one state, every message in one turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.errors import (
    Reach,
    SendBlocked,
    SendLater,
    SendNeedsPerson,
    SendRefused,
    SendUnsure,
    SendWait,
    StoreUnavailable,
)
from bot.core.messages import Citizen, Claimed, Delivery, InboundKind, Reply, Turn
from bot.core.work.conversation_lane import ConversationLane
from bot.core.work.delivery_lane import DeliveryLane
from tests.builders import NOW, a_claim

SOMEBODY = Citizen(1, "zalo", "x")
HOUR = timedelta(hours=1)
MONEY = SendNeedsPerson("no money", "-320", "top up", Reach.NOTICES)


class FakeDeliveries:
    """Hands out rows and notes what became of them."""

    def __init__(self, *rows: Delivery) -> None:
        self.rows = list(rows)
        self.fates: list[tuple[Any, ...]] = []
        self.most_taken = 0
        self.pauses: set[str] = set()

    def claim(
        self, now: datetime, owner: str, channel: str, limit: int, lease: timedelta
    ) -> Sequence[Delivery]:
        taken = [row for row in self.rows if row.citizen.channel == channel][:limit]
        self.rows = [row for row in self.rows if row not in taken]
        self.most_taken = max(self.most_taken, len(taken))
        return taken

    def sent(self, delivery: Delivery, message_id: str | None, now: datetime) -> bool:
        self.fates.append(("sent", message_id))
        return True

    def sent_and_next(
        self, delivery: Delivery, message_id: str | None, now: datetime, owner: str, channel: str,
        lease: timedelta,
    ) -> Sequence[Delivery]:  # fmt: skip
        self.sent(delivery, message_id, now)
        return self.claim(now, owner, channel, 1, lease)

    def retry(self, delivery: Delivery, due_at: datetime, code: str) -> bool:
        self.fates.append(("retry", due_at - NOW, code))
        return True

    def put_back(self, delivery: Delivery, due_at: datetime, code: str) -> bool:
        self.fates.append(("put back", due_at - NOW, code))
        return True

    def failed(self, delivery: Delivery, code: str, now: datetime) -> bool:
        self.fates.append(("failed", code))
        return True

    def unsure(self, delivery: Delivery, code: str, now: datetime) -> bool:
        self.fates.append(("unsure", code))
        return True

    def blocked(self, delivery: Delivery, code: str, now: datetime) -> bool:
        self.fates.append(("blocked", code))
        return True

    def pause(
        self, channel: str, reach: str, code: str, now: datetime, until: datetime, person: bool
    ) -> bool:
        self.fates.append(("pause", reach, until - NOW, person))
        news = reach not in self.pauses
        self.pauses.add(reach)
        return news

    def resume(self, channel: str, reach: str) -> bool:
        self.fates.append(("resume", reach))
        return reach in self.pauses


class Platform:
    """A platform that answers as told."""

    name = "zalo"

    def __init__(self, outcome: Exception | str) -> None:
        self._outcome = outcome

    def send(self, external_id: str, reply: Reply) -> str:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        return (reply, reply)


def a_delivery(
    number: int = 1,
    attempts: int = 1,
    kind: str = "reply",
    probe: str = "",
    age: timedelta = HOUR,
) -> Delivery:
    return Delivery(number, SOMEBODY, Reply("Dạ"), kind, attempts, NOW - age, probe=probe)


@pytest.mark.parametrize(
    ("outcome", "fate"),
    [
        ("m1", ("sent", "m1")),
        (SendUnsure("lost", ""), ("unsure", "lost")),
        (SendRefused("no", "-230"), ("failed", "-230")),
        (SendBlocked("no", "-244"), ("blocked", "-244")),
        (SendLater("busy", "-32", 60), ("retry", timedelta(seconds=60), "-32")),
        (SendWait("tomorrow", "-218", NOW + 9 * HOUR, NOW), ("retry", 9 * HOUR, "-218")),
        (StoreUnavailable(), ("retry", timedelta(seconds=30), "store_unavailable")),
    ],
)
def test_every_outcome_ends_in_one_state(outcome: Exception | str, fate: tuple[Any, ...]) -> None:
    deliveries = FakeDeliveries(a_delivery())

    DeliveryLane(deliveries, {"zalo": Platform(outcome)}, "w").step(lambda: NOW)  # type: ignore

    assert deliveries.fates == [fate]


@pytest.mark.parametrize(
    ("outcome", "kind", "pause", "retry_in"),
    [
        (SendNeedsPerson("off", "-204"), "reply", ("account", HOUR / 12, True), HOUR * 0),
        (SendNeedsPerson("off", "-204"), "notice", ("account", HOUR / 12, True), HOUR * 0),
        (MONEY, "notice", ("notices", HOUR / 12, True), HOUR * 0),
        (MONEY, "reply", ("notices", HOUR / 12, True), HOUR / 12),
        (
            SendWait("rate", "-32", NOW + HOUR / 60, NOW, Reach.ACCOUNT),
            "reply",
            ("account", HOUR / 60, False),
            HOUR * 0,
        ),
    ],
)
def test_what_stops_others_too_pauses_them_and_holds_the_row(
    outcome: Exception, kind: str, pause: tuple[Any, ...], retry_in: timedelta
) -> None:
    deliveries = FakeDeliveries(a_delivery(kind=kind, attempts=50))

    DeliveryLane(deliveries, {"zalo": Platform(outcome)}, "w").step(lambda: NOW)  # type: ignore

    assert deliveries.fates == [("pause", *pause), ("put back", retry_in, outcome.code)]  # type: ignore


def test_an_alarm_is_one_line_for_each_change(caplog: pytest.LogCaptureFixture) -> None:
    deliveries = FakeDeliveries(*(a_delivery(number, kind="notice") for number in range(3)))

    DeliveryLane(deliveries, {"zalo": Platform(MONEY)}, "w").step(lambda: NOW)  # type: ignore

    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "code=-320" in line.getMessage()
    assert "advice='top up'" in line.getMessage()


def test_a_probe_that_gets_through_ends_its_pause(caplog: pytest.LogCaptureFixture) -> None:
    deliveries = FakeDeliveries(a_delivery(probe="account"))
    deliveries.pauses.add("account")

    DeliveryLane(deliveries, {"zalo": Platform("m")}, "w").step(lambda: NOW)  # type: ignore

    assert deliveries.fates == [("sent", "m"), ("resume", "account")]
    assert "event=channel_resumed channel=zalo reach=account" in caplog.text


@pytest.mark.parametrize(
    ("attempts", "age", "fate"),
    [(8, 2 * HOUR, "failed"), (7, 3 * HOUR, "retry"), (9, 2 * HOUR - HOUR / 60, "retry")],
)
def test_a_row_is_given_up_after_many_attempts_and_hours(
    attempts: int, age: timedelta, fate: str
) -> None:
    deliveries = FakeDeliveries(a_delivery(attempts=attempts, age=age))

    DeliveryLane(deliveries, {"zalo": Platform(SendLater("x", "-32"))}, "w").step(  # type: ignore
        lambda: NOW
    )

    assert [each[0] for each in deliveries.fates] == [fate]


def test_only_the_row_being_sent_is_ever_marked_as_such() -> None:
    deliveries = FakeDeliveries(*(a_delivery(number) for number in range(5)))

    handled = DeliveryLane(deliveries, {"zalo": Platform("m")}, "w").step(lambda: NOW)  # type: ignore

    assert handled == 5
    assert deliveries.most_taken == 1


def test_a_row_found_calls_other_senders_once_for_those_that_follow() -> None:
    calls: list[int] = []
    for rows in (3, 0):
        deliveries = FakeDeliveries(*(a_delivery(number) for number in range(rows)))
        lane = DeliveryLane(
            deliveries, {"zalo": Platform("m")}, "w", found=lambda rows=rows: calls.append(rows)
        )
        lane.step(lambda: NOW)

    assert calls == [3]


def test_accounts_take_turns_so_a_broadcast_of_one_does_not_hold_up_the_other() -> None:
    order: list[str] = []

    class Account(Platform):
        def __init__(self, name: str) -> None:
            super().__init__(name)
            self.name = name

        def send(self, external_id: str, reply: Reply) -> str:
            order.append(self.name)
            return super().send(external_id, reply)

    rows = [
        Delivery(number, Citizen(number, name, "x"), Reply("Dạ"), "notice", 1, NOW)
        for number, name in enumerate(["one"] * 4 + ["two"] * 2)
    ]
    channels = {name: Account(name) for name in ("one", "two")}

    handled = DeliveryLane(FakeDeliveries(*rows), channels, "w").step(  # type: ignore[arg-type]
        lambda: NOW, limit=3
    )

    assert order == ["one", "two", "one", "two", "one"]
    assert handled == 5


class FakeJournal:
    """Holds one message and notes how it ended."""

    def __init__(self, claimed: Claimed) -> None:
        self.waiting = [claimed]
        self.ends: list[tuple[str, int]] = []

    def claim(self, *_: object) -> Sequence[Claimed]:
        taken, self.waiting = self.waiting, []
        return taken

    def settle(self, claimed: Claimed, turn: Turn, now: datetime) -> bool:
        self.ends.append(("settled", len(turn.replies)))
        return True

    def release(self, claimed: Claimed, now: datetime, retry_at: datetime) -> bool:
        self.ends.append(("released", int((retry_at - now).total_seconds())))
        return True

    def set_aside(self, claimed: Claimed, turn: Turn, now: datetime) -> bool:
        self.ends.append(("set aside", len(turn.replies)))
        return True


def lane(journal: FakeJournal, answer: Any, told: list[int], **more: Any) -> ConversationLane:
    return ConversationLane(
        journal,
        answer,
        lambda claimed: Turn((Reply("xin lỗi"),)),
        {"web": Platform("m")},  # type: ignore[dict-item]
        "w",
        lambda claimed: told.append(claimed.id),
        **more,
    )


def test_a_turn_is_fitted_to_its_channel_settled_and_told() -> None:
    journal, told = FakeJournal(a_claim("chào")), []

    assert lane(journal, lambda *_: Turn((Reply("Dạ"),)), told).step(lambda: NOW)

    assert journal.ends == [("settled", 2)]
    assert told == [1]


def test_a_failed_turn_is_given_back() -> None:
    def fail(*_: object) -> Turn:
        raise ValueError("a citizen's words")

    journal, told = FakeJournal(a_claim("chào")), []
    lane(journal, fail, told).step(lambda: NOW)

    assert journal.ends == [("released", 2)]
    assert told == []


def test_a_message_that_failed_too_often_is_set_aside_with_an_apology_and_told() -> None:
    claimed = Claimed(1, SOMEBODY, a_claim("chào").inbound, 4, {})
    journal, told = FakeJournal(claimed), []

    lane(journal, lambda *_: Turn(()), told).step(lambda: NOW)

    assert journal.ends == [("set aside", 2)]
    assert told == [1]


def test_what_is_slow_goes_aside_and_words_do_not_wait() -> None:
    aside: list[Any] = []

    def take(claimed: Claimed, work: Any) -> bool:
        aside.append(work)
        return claimed.inbound.kind is InboundKind.IMAGE

    photo, told = FakeJournal(a_claim(kind=InboundKind.IMAGE)), []
    lane(photo, lambda *_: Turn(()), told, aside=take).step(lambda: NOW)
    assert photo.ends == []

    aside[0]()
    assert photo.ends == [("settled", 0)]
