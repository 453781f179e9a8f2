"""The simulated platform is as strict as the real one and agrees with the channel."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
import requests

from tests.contract.channel_samples import NOW, zalo
from tests.simulator import Simulator
from tests.simulator.checks import problem_with

CITIZEN = "2000000000000000002"
JPEG = b"\xff\xd8\xff\xe0not really a picture"


def message(**parts):
    return {"recipient": {"user_id": CITIZEN}, "message": parts}


def template(**payload):
    return {"attachment": {"type": "template", "payload": payload}}


def query(title="Chọn", payload="#a"):
    return {"title": title, "type": "oa.query.show", "payload": payload}


def media(**element):
    return template(template_type="media", elements=[element])


GOOD = [
    message(text="a" * 2000),
    message(text="Chọn", **template(buttons=[query()] * 5)),
    message(**media(media_type="image", url="https://a.vn/a.png")),
    message(text="Ảnh", **media(media_type="image", attachment_id="abc")),
]
BAD = [
    (None, -201),
    ([], -201),
    ({"recipient": {"user_id": CITIZEN}}, -201),
    ({**message(text="a"), "extra": 1}, -201),
    ({"recipient": {"user_id": 5}, "message": {"text": "a"}}, -201),
    (message(), -201),
    (message(text=""), -201),
    (message(text=5), -201),
    (message(text="a", colour="red"), -201),
    (message(text="a" * 2001), -210),
    (message(text="a", **template(buttons=[query()] * 6)), -201),
    (message(text="a", **template(buttons=[])), -201),
    (message(**template(buttons=[query()])), -201),
    (message(text="a", **template(buttons=[query(title="a" * 101)])), -201),
    (message(text="a", **template(buttons=[query(payload="a" * 1001)])), -201),
    (message(text="a", **template(buttons=[{**query(), "type": "oa.dance"}])), -201),
    (message(text="a", **template(buttons=[{**query(), "type": "oa.open.url"}])), -201),
    (message(text="a", **template(template_type="button", buttons=[query()])), -233),
    (message(**media(media_type="film", url="https://a.vn/a")), -233),
    (message(**media(media_type="image")), -201),
    (message(**media(media_type="image", url="https://a.vn/a", attachment_id="a")), -201),
    (message(**media(media_type="image", url="/a.png")), -201),
    (message(**media(media_type="gif", url="https://a.vn/a.gif")), -201),
]


@pytest.mark.parametrize("body", GOOD)
def test_a_right_message_is_taken(body):
    assert problem_with(body) is None


@pytest.mark.parametrize(("body", "code"), BAD)
def test_a_wrong_message_is_refused_with_its_code(body, code):
    assert problem_with(body)[0] == code


class Desk:
    """Receives webhooks with the real channel and keeps what it understood."""

    def __init__(self):
        self.webhooks = []

    def __call__(self, headers, body):
        self.webhooks.append(zalo().receive(headers, body, NOW))
        return self.webhooks[-1].status

    @property
    def outcomes(self):
        return [webhook.outcome for webhook in self.webhooks]

    @property
    def inbounds(self):
        return [inbound for webhook in self.webhooks for inbound in webhook.inbounds]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def platform(desk):
    with Simulator(desk) as simulator:
        yield simulator


def test_the_channel_understands_everything_a_citizen_does(platform, desk):
    platform.citizen_follows(CITIZEN)
    platform.citizen_says(CITIZEN, "Xin chào")
    platform.citizen_sends_photo(CITIZEN, JPEG)
    platform.citizen_sends_sticker(CITIZEN)
    platform.citizen_sends_location(CITIZEN, 10.5361, 106.4051)
    platform.citizen_unfollows(CITIZEN)

    kinds = [inbound.kind.value for inbound in desk.inbounds]
    assert kinds == ["follow", "text", "image", "sticker", "location", "unfollow"]
    assert len({inbound.message_id for inbound in desk.inbounds}) == 6


def test_the_console_check_is_welcome(platform, desk):
    assert platform.webhooks.check() == 200
    assert desk.outcomes == ["check"]


@pytest.mark.parametrize("style", ["ascii_json", "numeric_timestamp"])
def test_every_way_of_writing_an_event_is_understood(platform, desk, style):
    setattr(platform.style, style, True)

    platform.citizen_says(CITIZEN, "Hồ sơ của tôi đâu ạ?")

    assert [inbound.text for inbound in desk.inbounds] == ["Hồ sơ của tôi đâu ạ?"]


def test_a_duplicate_carries_the_same_id(platform, desk):
    platform.style.duplicates = 1

    platform.citizen_follows(CITIZEN)

    first, second = desk.inbounds
    assert first.message_id == second.message_id


def test_a_bad_signature_can_be_made(platform, desk):
    platform.style.bad_signature = True

    platform.citizen_says(CITIZEN, "Xin chào")

    assert desk.outcomes == ["bad_signature"]


def test_receipts_name_the_messages(platform, desk):
    platform.citizen_received(CITIZEN, "m1")
    platform.citizen_saw(CITIZEN, "m1", "m2")

    receipts = [[r.platform_message_id for r in webhook.receipts] for webhook in desk.webhooks]
    assert receipts == [["m1"], ["m1", "m2"]]


def test_a_photo_is_served_at_the_address_in_its_event(platform, desk):
    platform.citizen_sends_photo(CITIZEN, JPEG)

    assert requests.get(desk.inbounds[0].media_url, timeout=5).content == JPEG


def test_a_call_without_a_token_is_refused_in_a_200(platform):
    answer = requests.post(f"{platform.url}/v3.0/oa/message/cs", json=message(text="a"), timeout=5)

    assert (answer.status_code, answer.json()["error"]) == (200, -216)


def test_somebody_who_never_wrote_cannot_be_written_to(platform):
    token = access_token(platform)

    assert send(platform, token)["error"] == -232


def test_a_message_taken_is_answered_kept_and_echoed(platform, desk):
    token = access_token(platform)
    platform.citizen_is_known(CITIZEN)

    answer = send(platform, token)

    (sent,) = platform.wait_for(CITIZEN, 1)
    assert answer["data"]["message_id"] == sent.message_id
    platform.stop_echoes()
    assert desk.outcomes == ["ignored"]


def test_a_token_that_ended_has_its_own_code(platform):
    token = access_token(platform)
    platform.tokens.expire()

    assert send(platform, token)["error"] == -220


def test_the_page_and_its_controls_work(platform, desk):
    citizen = f"{platform.url}/simulator/citizens/{CITIZEN}"
    assert "Zalo giả lập" in requests.get(platform.url, timeout=5).text
    assert requests.get(f"{platform.url}/static/page.css", timeout=5).ok

    requests.post(f"{citizen}/says", json={"text": "Chào"}, timeout=5)
    requests.post(f"{citizen}/photo", files={"image": io.BytesIO(JPEG)}, timeout=5)
    unknown = requests.post(f"{citizen}/dances", timeout=5)

    assert [inbound.kind.value for inbound in desk.inbounds] == ["text", "image"]
    assert unknown.status_code == 404
    talk = requests.get(f"{citizen}/talk", timeout=5).json()["talk"]
    assert [line["from"] for line in talk] == ["citizen", "citizen"]


def test_faults_can_be_ordered_from_outside(platform):
    fault = {"place": "token", "kind": "500"}

    assert requests.post(f"{platform.url}/simulator/faults", json=fault, timeout=5).ok
    wrong = requests.post(f"{platform.url}/simulator/faults", json={"kind": "x"}, timeout=5)

    assert wrong.status_code == 400
    assert requests.post(f"{platform.url}/v4/oa/access_token", timeout=5).status_code == 500


def test_the_log_holds_every_call_and_no_token(desk, tmp_path):
    path = tmp_path / "log.jsonl"
    with Simulator(desk, log_path=path) as platform:
        token = access_token(platform)
        platform.citizen_says(CITIZEN, "Xin chào")
        send(platform, token)

    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["direction"] for line in lines[:3]] == ["in", "out", "in"]
    assert token not in path.read_text(encoding="utf-8")


def test_the_simulator_imports_nothing_of_the_desk():
    code = "import tests.simulator, sys; print([m for m in sys.modules if m.split('.')[0]=='bot'])"
    command = [sys.executable, "-c", code]

    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def access_token(platform):
    account = platform.account
    form = {
        "refresh_token": account.first_refresh_token,
        "app_id": account.app_id,
        "grant_type": "refresh_token",
    }
    headers = {"secret_key": account.app_secret}
    url = f"{platform.url}/v4/oa/access_token"
    return requests.post(url, data=form, headers=headers, timeout=5).json()["access_token"]


def send(platform, token):
    headers = {"access_token": token}
    url = f"{platform.url}/v3.0/oa/message/cs"
    return requests.post(url, json=message(text="Dạ"), headers=headers, timeout=5).json()
