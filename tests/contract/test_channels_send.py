"""What Zalo takes, what it refuses, and what the desk concludes from each kind of answer."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.channels.zalo import ZaloChannel, codes
from bot.channels.zalo.calls import Rate
from bot.channels.zalo.codes import error_for_status
from bot.core.errors import SendError, SendLater, SendNeedsPerson, SendRefused, SendUnsure
from bot.core.messages import Button, Reply
from tests.contract.channel_desk import CITIZEN, Clock, a_channel, a_store, some_tokens
from tests.simulator import Simulator

HELLO = Reply("Dạ, chào anh/chị.")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = a_store(tmp_path_factory.mktemp("store"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def platform():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture(scope="module")
def shared_channel(platform, store):
    clock = Clock()
    with some_tokens(platform, store, clock) as tokens, a_channel(platform, tokens, clock) as it:
        yield it


@pytest.fixture
def zalo(platform):
    platform.faults.clear()
    platform.world.sent.clear()
    platform.citizen_is_known(CITIZEN)
    platform.world.person(CITIZEN).refusal = 0
    return platform


@pytest.fixture
def channel(zalo, shared_channel):
    return shared_channel


def test_a_text_arrives(zalo, channel):
    message_id = channel.send(CITIZEN, HELLO)

    (sent,) = zalo.sent_to(CITIZEN)
    assert (sent.message_id, sent.text, sent.buttons) == (message_id, HELLO.text, ())


def test_the_three_kinds_of_button_arrive_in_the_platforms_words(zalo, channel):
    buttons = (
        Button("Tra hồ sơ", payload="/lookup_dossier"),
        Button("Cổng dịch vụ công", url="https://dichvucong.gov.vn"),
        Button("Gọi điện", phone="0272 397 9199"),
    )

    channel.send(CITIZEN, Reply("Mời anh/chị chọn", buttons))

    (sent,) = zalo.sent_to(CITIZEN)
    assert [(button["type"], button["payload"]) for button in sent.buttons] == [
        ("oa.query.hide", "/lookup_dossier"),
        ("oa.open.url", {"url": "https://dichvucong.gov.vn"}),
        ("oa.open.phone", {"phone_code": "842723979199"}),
    ]


def test_a_picture_arrives_with_its_caption(zalo, channel):
    channel.send(CITIZEN, Reply("Mã QR", image_url="https://motcua.example/q/1.png"))

    (sent,) = zalo.sent_to(CITIZEN)
    assert (sent.text, sent.image_url) == ("Mã QR", "https://motcua.example/q/1.png")


def test_whatever_fit_gives_the_platform_takes(zalo, channel):
    buttons = tuple(Button(f"Thủ tục {n} " * 20, payload=f"/ask{n}") for n in range(12))
    reply = Reply("Dạ, đây là câu trả lời dài. " * 200, buttons, "https://motcua.example/q.png")

    for part in channel.fit(reply):
        channel.send(CITIZEN, part)

    sent = zalo.sent_to(CITIZEN)
    assert [len(bubble.buttons) for bubble in sent][-3:] == [5, 5, 2]
    assert sent[0].image_url
    assert "".join(bubble.text for bubble in sent).count("câu trả lời dài") == 200


def test_a_pressed_button_comes_back_as_its_payload(zalo, channel):
    channel.send(CITIZEN, Reply("Chọn", (Button("Tra hồ sơ", payload="/lookup_dossier"),)))

    posted = zalo.citizen_presses(CITIZEN, "Tra hồ sơ")

    assert posted.event["message"]["text"] == "/lookup_dossier"


def test_a_payload_too_long_is_left_out_and_logged(channel, caplog):
    reply = Reply("Chọn", (Button("A", payload="/" + "a" * 1000), Button("B", payload="/b")))

    (part,) = channel.fit(reply)

    assert [button.title for button in part.buttons] == ["B"]
    assert "event=zalo_button_dropped" in caplog.text


def test_the_call_rate_is_noted(channel):
    channel.send(CITIZEN, HELLO)

    assert isinstance(channel.rate, Rate)
    assert channel.rate.limit == 4000


def test_too_long_a_text_is_refused_with_the_platforms_code(zalo, channel):
    with pytest.raises(SendRefused) as caught:
        channel.send(CITIZEN, Reply("a" * 2001))

    assert caught.value.code == "-210"
    assert zalo.sent_to(CITIZEN) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-32, SendLater),
        (-200, SendLater),
        (-230, SendRefused),
        (-244, SendRefused),
        (-224, SendNeedsPerson),
        (-320, SendNeedsPerson),
        (-99999, SendLater),
    ],
)
def test_an_error_in_a_200_is_an_error(zalo, channel, code, expected):
    zalo.world.person(CITIZEN).refusal = code

    with pytest.raises(expected) as caught:
        channel.send(CITIZEN, HELLO)

    assert caught.value.code == str(code)


FAULTS = [
    ("drop", False, SendUnsure, 0),
    ("drop", True, SendUnsure, 1),
    ("500", False, SendUnsure, 0),
    ("500", True, SendUnsure, 1),
    ("garbage", False, SendUnsure, 0),
    ("garbage", True, SendUnsure, 1),
    ("hang", False, SendUnsure, 0),
    ("hang", True, SendUnsure, 1),
]


@pytest.mark.parametrize(("kind", "acts", "expected", "arrived"), FAULTS)
def test_a_lost_answer_is_never_taken_for_yes_or_no(zalo, channel, kind, acts, expected, arrived):
    zalo.fail("message", kind, acts=acts)

    with pytest.raises(expected):
        channel.send(CITIZEN, HELLO)

    assert len(zalo.sent_to(CITIZEN)) == arrived


def test_a_slow_answer_in_time_is_an_answer(zalo, channel):
    zalo.fail("message", "slow", seconds=0.1)

    assert channel.send(CITIZEN, HELLO) == zalo.sent_to(CITIZEN)[0].message_id


@pytest.mark.parametrize(
    "api_url",
    ["http://127.0.0.1:1", "http://nowhere.invalid", "no-address", "https://127.0.0.1:1"],
)
def test_a_platform_that_is_not_reached_got_nothing(api_url):
    channel = unreachable(api_url)

    with pytest.raises(SendLater):
        channel.send(CITIZEN, HELLO)


def test_a_certificate_or_tls_failure_is_never_a_yes(platform):
    channel = unreachable(platform.url.replace("http://", "https://"))

    with pytest.raises((SendLater, SendUnsure)):
        channel.send(CITIZEN, HELLO)


def test_a_token_that_ended_is_replaced_and_the_message_sent_once(zalo, channel):
    before = zalo.tokens.refreshes
    channel.send(CITIZEN, HELLO)
    zalo.tokens.expire()

    channel.send(CITIZEN, HELLO)

    assert len(zalo.sent_to(CITIZEN)) == 2
    assert zalo.tokens.refreshes <= before + 2


def test_a_token_refused_twice_needs_a_person(zalo, channel):
    zalo.world.person(CITIZEN).refusal = -216

    with pytest.raises(SendNeedsPerson) as caught:
        channel.send(CITIZEN, HELLO)

    assert caught.value.code == "-216"


def test_a_success_without_an_id_is_still_a_success(zalo, channel, monkeypatch):
    monkeypatch.setattr(
        zalo.world, "take", lambda *_: ({"error": "0", "message": "Success"}, None)
    )

    assert channel.send(CITIZEN, HELLO) == ""


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, SendUnsure),
        (302, SendNeedsPerson),
        (400, SendRefused),
        (403, SendNeedsPerson),
        (404, SendNeedsPerson),
        (429, SendLater),
        (502, SendUnsure),
    ],
)
def test_an_answer_without_a_code_is_judged_by_its_status(status, expected):
    assert type(error_for_status(status)) is expected


def test_a_message_refused_at_night_waits_for_the_morning():
    late = datetime(2026, 11, 22, 16, 0, tzinfo=timezone.utc)  # 23:00 in Vietnam

    error = codes.error_for(-234, late)

    assert isinstance(error, SendLater)
    assert error.retry_after == 7 * 3600 + 60


def test_every_code_in_the_table_becomes_an_error_with_its_code():
    now = datetime(2026, 11, 22, tzinfo=timezone.utc)

    for code in codes.TABLE:
        error = codes.error_for(code, now)
        assert isinstance(error, SendError)
        assert error.code == str(code)
        assert not isinstance(error, SendUnsure)


def test_no_citizen_token_or_text_is_ever_logged():
    """Log lines of the channel name neither people nor words nor tokens."""
    folder = Path(codes.__file__).parent
    for path in folder.glob("*.py"):
        for line in re.findall(r"log\.\w+\((.*?)\)\n", path.read_text(encoding="utf-8"), re.S):
            assert not re.search(r"external_id|access_token|refresh_token\b|\.text", line), line


def unreachable(api_url):
    class AnyToken:
        def access(self):
            return "token"

        def renew(self, refused):
            return "token"

    return ZaloChannel(
        app_id="1", oa_id="2", oa_secret="s", api_url=api_url, tokens=AnyToken(), timeouts=(1, 1)
    )
