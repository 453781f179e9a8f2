"""How the simulator posts events: its schedule, its limits, its tricks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from bot.channels.zalo import ZaloChannel
from tests.simulator import Simulator
from tests.simulator.events import BUILDERS
from tests.simulator.webhooks import RETRIES, RETRY_AFTER, SIGNATURE, sign

PERSON = "2000000000000000001"


class Desk:
    """Answers what it is told to and keeps what came."""

    def __init__(self) -> None:
        self.status = 200
        self.calls: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, headers: dict[str, str], body: bytes) -> int:
        self.calls.append((headers, body))
        return self.status

    @property
    def texts(self) -> list[str]:
        return [json.loads(body)["message"]["text"] for _, body in self.calls]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def zalo(desk: Desk) -> Iterator[Simulator]:
    simulator = Simulator(desk)
    simulator.clock.set(speed=0)
    yield simulator
    simulator.close()


def test_a_failed_event_is_repeated_on_the_platforms_schedule(zalo: Simulator, desk: Desk) -> None:
    desk.status = 503
    zalo.citizen_says(PERSON, "một")
    began = zalo.clock.now()

    moments = []
    while due := zalo.timetable.moments():
        zalo.advance(due[0] - zalo.clock.now())
        moments.append(zalo.clock.now() - began)

    assert moments == pytest.approx([30, 330, 1230, 3030, 6630])
    assert [headers.get(RETRIES) for headers, _ in desk.calls] == [None, "1", "2", "3", "4", "5"]
    assert len({body for _, body in desk.calls}) == 1
    assert len({headers[SIGNATURE] for headers, _ in desk.calls}) == 1


def test_the_last_failure_disables_the_webhook_until_somebody_enables_it(
    zalo: Simulator, desk: Desk
) -> None:
    desk.status = 500
    zalo.citizen_says(PERSON, "một")
    zalo.advance(sum(RETRY_AFTER))
    desk.status = 200

    lost = zalo.citizen_says(PERSON, "hai")
    zalo.webhooks.enable()
    zalo.citizen_says(PERSON, "ba")

    assert (lost.status, lost.why) == (None, "disabled")
    assert desk.texts[-1] == "ba"
    assert "hai" not in desk.texts


def test_a_desk_that_recovers_gets_the_event_once_more_and_no_longer(
    zalo: Simulator, desk: Desk
) -> None:
    desk.status = 500
    zalo.citizen_says(PERSON, "một")
    desk.status = 200

    zalo.advance(2 * 3600)

    assert len(desk.calls) == 2
    assert not zalo.webhooks.disabled


def test_a_faster_clock_repeats_by_itself() -> None:
    came_again = threading.Event()

    def desk(headers: dict[str, str], body: bytes) -> int:
        if RETRIES in headers:
            came_again.set()
        return 200 if RETRIES in headers else 500

    with Simulator(desk) as zalo:
        zalo.clock.set(speed=3000)
        zalo.citizen_says(PERSON, "một")

        assert came_again.wait(10)


@pytest.mark.parametrize(("knob", "value"), [("retry", False), ("retry_on", ("connect",))])
def test_retries_can_be_switched_off_or_limited(
    zalo: Simulator, desk: Desk, knob: str, value: Any
) -> None:
    setattr(zalo.style, knob, value)
    desk.status = 500

    zalo.citizen_says(PERSON, "một")
    zalo.advance(2 * 3600)

    assert len(desk.calls) == 1


def test_nobody_listening_is_a_failed_connection() -> None:
    simulator = Simulator("http://127.0.0.1:1/")

    posted = simulator.citizen_says(PERSON, "một")

    assert posted.status is None
    assert simulator.requests[-1]["problem"] == "connect"
    assert len(simulator.timetable.moments()) == 1
    simulator.close()


def test_an_address_is_saved_only_if_it_answers_the_check(zalo: Simulator, desk: Desk) -> None:
    other = Desk()
    other.status = 401

    assert zalo.webhooks.register(other) is False
    zalo.citizen_says(PERSON, "một")
    other.status = 200
    assert zalo.webhooks.register(other) is True
    zalo.citizen_says(PERSON, "hai")

    assert desk.texts == ["một"]
    assert other.calls[0] == ({"Content-Type": "application/json"}, b"{}")
    assert json.loads(other.calls[2][1])["message"]["text"] == "hai"


def test_events_come_twice_late_or_in_another_order(zalo: Simulator, desk: Desk) -> None:
    zalo.style.duplicates = 1
    zalo.citizen_says(PERSON, "một")
    zalo.style.duplicates, zalo.style.delay = 0, 60.0
    zalo.citizen_says(PERSON, "hai")
    zalo.style.delay, zalo.style.reorder = 0.0, 2
    zalo.citizen_says(PERSON, "ba")
    zalo.citizen_says(PERSON, "bốn")
    zalo.advance(60)

    assert desk.texts == ["một", "một", "bốn", "ba", "hai"]


@pytest.mark.parametrize(("kind", "is_right"), [("app_id", True), ("bare", False)])
def test_the_signature_is_written_as_told(
    zalo: Simulator, desk: Desk, kind: str, is_right: bool
) -> None:
    zalo.style.change({"signature": kind})

    zalo.citizen_says(PERSON, "một")

    headers, body = desk.calls[0]
    right = sign(zalo.account, body, json.loads(body)["timestamp"])
    assert (headers[SIGNATURE] == right) is is_right
    assert right.endswith(headers[SIGNATURE].removeprefix("mac="))


def test_a_knob_that_does_not_exist_is_refused(zalo: Simulator) -> None:
    with pytest.raises(ValueError, match="no such knob"):
        zalo.style.change({"duplicates": "many"})
    with pytest.raises(ValueError, match="no such signature"):
        zalo.style.change({"signature": "hmac"})


def test_the_console_can_switch_events_and_filter_texts(zalo: Simulator, desk: Desk) -> None:
    zalo.webhooks.switched_off.add("follow")
    zalo.style.hash_only = True

    reasons = [zalo.citizen_follows(PERSON).why, zalo.citizen_says(PERSON, "một").why]
    zalo.citizen_says(PERSON, "#mot")

    assert reasons == ["switched_off", "filtered"]
    assert desk.texts == ["#mot"]


def test_a_person_writes_from_the_tool_and_the_echo_names_them(
    zalo: Simulator, desk: Desk
) -> None:
    zalo.staff_says(PERSON, "Chào cô")

    assert json.loads(desk.calls[0][1])["sender"]["admin_id"]


class NoTokens:
    def access(self) -> str:
        raise AssertionError

    def renew(self, refused: str) -> str:
        raise AssertionError


@pytest.mark.parametrize("name", BUILDERS)
def test_the_desk_understands_or_ignores_every_event_there_is(
    zalo: Simulator, desk: Desk, name: str
) -> None:
    account = zalo.account
    channel = ZaloChannel(
        app_id=account.app_id,
        oa_id=account.oa_id,
        oa_secret=account.oa_secret,
        api_url=zalo.url,
        tokens=NoTokens(),
    )

    zalo.event(name, PERSON)

    (headers, body) = desk.calls[0]
    webhook = channel.receive(headers, body, datetime.now(timezone.utc))
    assert json.loads(body)["event_name"] == name
    assert webhook.status == 200
    assert webhook.outcome in ("accepted", "ignored")
