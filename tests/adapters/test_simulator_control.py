"""Another process can drive the simulator and read what happened."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator import Simulator
from tests.simulator.citizens import CITIZENS, stage

PERSON = "2000000000000000001"
JPEG = b"\xff\xd8\xff\xe0"


class Desk:
    """Answers 200 and keeps what came."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def __call__(self, headers: dict[str, str], body: bytes) -> int:
        self.events.append(json.loads(body))
        return 200


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def zalo(desk: Desk) -> Iterator[Simulator]:
    with Simulator(desk) as simulator:
        yield simulator


def order(zalo: Simulator, method: str, path: str, body: Any = None) -> requests.Response:
    return requests.request(method, f"{zalo.url}/control/{path}", json=body, timeout=10)


def token_of(zalo: Simulator) -> str:
    account = zalo.account
    form = {"app_id": account.app_id, "grant_type": "refresh_token"}
    form["refresh_token"] = account.first_refresh_token
    headers = {"secret_key": account.app_secret}
    url = f"{zalo.url}/v4/oa/access_token"
    return str(requests.post(url, data=form, headers=headers, timeout=5).json()["access_token"])


def send(zalo: Simulator, token: str, text: str = "Dạ") -> requests.Response:
    body = {"recipient": {"user_id": PERSON}, "message": {"text": text}}
    url = f"{zalo.url}/v3.0/oa/message/cs"
    return requests.post(url, json=body, headers={"access_token": token}, timeout=5)


def test_twenty_citizens_stand_in_every_state(zalo: Simulator) -> None:
    stage(zalo.world)

    citizens = order(zalo, "GET", "state").json()["citizens"]

    assert len(citizens) == len(CITIZENS) == 20
    assert {one["window"] for one in citizens} == {"never", "free", "charged", "closed"}
    assert any(one["blocked"] for one in citizens)
    assert any(one["inactive"] for one in citizens)


@pytest.mark.parametrize(
    ("action", "data", "event"),
    [
        ("says", {"text": "chào"}, "user_send_text"),
        ("sticker", {}, "user_send_sticker"),
        ("location", {"latitude": 10.5, "longitude": 106.4}, "user_send_location"),
        ("follows", {}, "follow"),
        ("opens", {}, "user_click_chatnow"),
        ("submits", {"name": "An"}, "user_submit_info"),
        ("saw", {"message_ids": ["m1"]}, "user_seen_message"),
        ("reacts", {"message_id": "m1"}, "user_reacted_message"),
        ("event", {"name": "user_send_business_card"}, "user_send_business_card"),
        ("visitor", {"text": "chào"}, "anonymous_send_text"),
    ],
)
def test_a_citizen_can_be_told_what_to_do(
    zalo: Simulator, desk: Desk, action: str, data: Any, event: str
) -> None:
    told = order(zalo, "POST", f"citizens/{PERSON}/{action}", data).json()

    assert told["status"] == 200
    assert desk.events[0]["event_name"] == told["event"]["event_name"] == event


def test_a_person_can_block_and_be_changed(zalo: Simulator) -> None:
    token = token_of(zalo)
    order(zalo, "POST", f"citizens/{PERSON}/says", {"text": "chào"})

    order(zalo, "POST", f"citizens/{PERSON}/blocks", {"blocks": True})
    blocked = send(zalo, token).json()["error"]
    order(zalo, "POST", f"citizens/{PERSON}/changes", {"blocked": False, "refusal": -248})

    assert blocked == -244
    assert send(zalo, token).json()["error"] == -248
    assert order(zalo, "POST", f"citizens/{PERSON}/changes", {"colour": 1}).status_code == 404


def test_the_clock_the_rules_the_limits_and_the_account_are_knobs(zalo: Simulator) -> None:
    token = token_of(zalo)
    zalo.citizen_is_known(PERSON)
    long = "a" * 2001

    order(zalo, "PATCH", "rules", {"text-length": False})
    lenient = send(zalo, token, long).json()["error"]
    order(zalo, "PATCH", "rules", {"text-length": True})
    order(zalo, "PATCH", "clock", {"speed": 0, "advance": 90000})
    ended = send(zalo, token).json()["error"]
    order(zalo, "PATCH", "account", {"refusal": -221})

    assert (lenient, ended) == (0, -220)
    assert zalo.clock.speed == 0
    assert zalo.world.standing.refusal == -221
    assert order(zalo, "PATCH", "limits", {"rate": 10}).status_code == 204
    assert send(zalo, token, long).headers["X-RateLimit-Limit"] == "10"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "faults", {"place": "moon", "kind": "slow"}),
        ("POST", "faults", {"place": "message", "kind": "slow", "chance": 2}),
        ("PATCH", "rules", {"kindness": False}),
        ("PATCH", "webhook/style", {"duplicates": "many"}),
        ("PATCH", "account", {"balance": "much"}),
        ("PATCH", "clock", {"at": "tomorrow"}),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    zalo: Simulator, method: str, path: str, body: Any
) -> None:
    answer = order(zalo, method, path, body)

    assert answer.status_code == 400
    assert answer.json()["error"]


FAULTS = [
    ("drop_before_acting", 0),
    ("drop_after_acting", 1),
    ("garbage", 0),
    ("500", 0),
    ("cut", 1),
]


@pytest.mark.parametrize(("kind", "arrived"), FAULTS)
def test_the_next_two_calls_fail_as_ordered(zalo: Simulator, kind: str, arrived: int) -> None:
    token = token_of(zalo)
    zalo.citizen_is_known(PERSON)
    order(zalo, "POST", "faults", {"place": "message", "kind": kind, "times": 2})

    for _ in range(2):
        with pytest.raises((requests.RequestException, ValueError)):
            send(zalo, token).json()

    assert send(zalo, token).json()["error"] == 0
    assert len(zalo.sent_to(PERSON)) == 2 * arrived + 1


def test_a_fault_can_be_a_code_of_the_platform_with_a_chance(zalo: Simulator) -> None:
    token = token_of(zalo)
    zalo.citizen_is_known(PERSON)
    zalo.fail("*", "code", times=0, code=-204, chance=0.5)

    codes = {send(zalo, token).json()["error"] for _ in range(40)}
    order(zalo, "DELETE", "faults")

    assert codes == {0, -204}
    assert send(zalo, token).json()["error"] == 0


def test_a_code_is_told_in_the_words_of_the_bot(zalo: Simulator) -> None:
    zalo.fail("bot", "code", code=-429)

    answer = requests.get(f"{zalo.url}/bot{zalo.account.bot_token}/getMe", timeout=5)

    assert (answer.status_code, answer.json()["error_code"]) == (429, 429)


def test_the_recording_is_a_readable_file_without_secrets(desk: Desk, tmp_path: Path) -> None:
    first, second = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    with Simulator(desk, log_path=first) as zalo:
        token = token_of(zalo)
        zalo.citizen_says(PERSON, "Xin chào")
        send(zalo, token, "a" * 2001)
        order(zalo, "PUT", "recording", {"path": str(second)})
        requests.get(f"{zalo.url}/bot{zalo.account.bot_token}/getMe", timeout=5)

    lines = [json.loads(line) for line in first.read_text(encoding="utf-8").splitlines()]
    assert [(line["n"], line["direction"]) for line in lines] == [(1, "in"), (2, "out"), (3, "in")]
    assert lines[1]["event"]["message"]["text"] == "Xin chào"
    assert (lines[2]["answer"]["error"], lines[2]["rule"]) == (-210, "text-length")
    assert all(line["at"].endswith("+07:00") and line["ms"] >= 0 for line in lines)
    whole = first.read_text(encoding="utf-8") + second.read_text(encoding="utf-8")
    account = zalo.account
    for secret in (token, zalo.tokens.refresh_token, account.bot_token, account.app_secret):
        assert secret not in whole
    assert "refresh-first" not in whole
    assert "getMe" in second.read_text(encoding="utf-8")


def test_a_picture_is_served_until_its_address_ends(zalo: Simulator) -> None:
    url = zalo.citizen_sends_photo(PERSON, JPEG).event["message"]["attachments"][0]["payload"][
        "url"
    ]

    answers = [requests.get(url, timeout=5)]
    zalo.advance(3600)
    answers += [requests.get(url, timeout=5), requests.get(f"{zalo.url}/media/no.jpg", timeout=5)]

    assert [answer.status_code for answer in answers] == [200, 403, 404]
    assert answers[0].content == JPEG


def test_what_the_page_shows_is_neither_logged_nor_broken(zalo: Simulator) -> None:
    event = zalo.citizen_sends_photo(PERSON, JPEG).event
    url = event["message"]["attachments"][0]["payload"]["url"]
    zalo.fail("media", "500")
    before = len(zalo.requests)

    assert requests.get(f"{url}?page", timeout=5).content == JPEG
    assert len(zalo.requests) == before
    assert requests.get(url, timeout=5).status_code == 500


@pytest.mark.parametrize("path", ["/v3.0/oa/upload/image", "/v2.0/oa/dance"])
def test_an_address_the_platform_does_not_have_is_404(zalo: Simulator, path: str) -> None:
    assert requests.post(zalo.url + path, timeout=5).status_code == 404


def test_receipts_follow_what_was_sent_once_switched_on(zalo: Simulator, desk: Desk) -> None:
    token = token_of(zalo)
    zalo.citizen_is_known(PERSON)
    order(zalo, "PATCH", "webhook/style", {"receipts": True, "seen": True})

    message_id = send(zalo, token).json()["data"]["message_id"]
    zalo.stop_echoes()
    order(zalo, "POST", f"citizens/{PERSON}/reads", {})

    names = [event["event_name"] for event in desk.events]
    assert names == ["oa_send_text", "user_received_message", "user_seen_message"]
    assert desk.events[2]["message"]["msg_ids"] == [message_id]


class Hook(BaseHTTPRequestHandler):
    calls: list[tuple[str, Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.calls.append((self.headers["X-Bot-Api-Secret-Token"], json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Stay silent."""


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_bots_webhook_carries_its_secret_flat_or_wrapped(
    zalo: Simulator, wrapped: bool
) -> None:
    Hook.calls.clear()
    zalo.style.bot_wrapped = wrapped
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        bot = f"{zalo.url}/bot{zalo.account.bot_token}"
        form = {"url": url, "secret_token": "s" * 8}
        assert requests.post(f"{bot}/setWebhook", data=form, timeout=5).json()["ok"]
        assert zalo.bot.says(PERSON, "chào") == 200
        server.shutdown()

    ((secret, update),) = Hook.calls
    assert secret == "s" * 8
    flat = update["result"] if wrapped else update
    assert flat["event_name"] == "message.text.received"
