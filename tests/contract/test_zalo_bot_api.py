"""What the Bot Platform takes, and what the desk concludes from each kind of answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import zalo_bot
from bot.channels.zalo_bot import ZaloBotChannel, events
from bot.channels.zalo_bot.channel import check_keys
from bot.core.channel import Channel
from bot.core.errors import (
    Reach,
    SendError,
    SendLater,
    SendNeedsPerson,
    SendRefused,
    SendUnsure,
    SendWait,
    SettingsError,
)
from bot.core.messages import Button, Reply
from tests.contract.channel_desk import TIMEOUTS, Clock
from tests.contract.channel_samples import BOT_SECRET, CHANNELS, NOW
from tests.contract.zalo_stub import Stub
from tests.simulator import Simulator

PERSON = "2000000000000000002"
A_TOKEN = "1:a"
HELLO = Reply("Dạ, chào anh/chị.")
OUTCOMES = {"accepted", "malformed", "ignored"}


@pytest.fixture(scope="module")
def platform() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def bot(platform: Simulator) -> Simulator:
    platform.faults.clear()
    platform.world.bot.sent.clear()
    platform.world.bot.hear(PERSON)
    return platform


@pytest.fixture
def channel(bot: Simulator) -> Iterator[ZaloBotChannel]:
    made = a_bot(bot.url, bot.account.bot_token)
    yield made
    made.close()


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with Stub().running() as running:
        yield running


def a_bot(url: str, token: str = A_TOKEN) -> ZaloBotChannel:
    return ZaloBotChannel(
        token=token, secret=BOT_SECRET, api_url=url, timeouts=TIMEOUTS, clock=Clock()
    )


def chat(bot: Simulator) -> str:
    return str(bot.world.bot.chat_of(PERSON))


def test_a_text_arrives(bot: Simulator, channel: ZaloBotChannel) -> None:
    message_id = channel.send(chat(bot), HELLO)

    (sent,) = bot.bot.sent_to(PERSON)
    assert (sent.message_id, sent.values["text"]) == (message_id, HELLO.text)


def test_a_picture_arrives_with_its_caption(bot: Simulator, channel: ZaloBotChannel) -> None:
    channel.send(chat(bot), Reply("Mã QR", image_url="https://motcua.example/q/1.png"))

    (sent,) = bot.bot.sent_to(PERSON)
    assert sent.method == "sendPhoto"
    assert sent.values["photo"] == "https://motcua.example/q/1.png"
    assert sent.values["caption"] == "Mã QR"


def test_a_notice_that_was_never_fitted_loses_no_link(
    bot: Simulator, channel: ZaloBotChannel
) -> None:
    channel.send(chat(bot), Reply("Tin bão", (Button("Xem", url="https://longan.gov.vn/tin"),)))

    assert bot.bot.sent_to(PERSON)[0].values["text"] == "Tin bão\n\nXem: https://longan.gov.vn/tin"


def test_too_long_a_text_is_refused_before_it_leaves(
    bot: Simulator, channel: ZaloBotChannel
) -> None:
    with pytest.raises(SendRefused):
        channel.send(chat(bot), Reply("a" * 2001))

    assert bot.bot.sent_to(PERSON) == []


@pytest.mark.parametrize("kind", ["drop", "500", "garbage", "hang"])
@pytest.mark.parametrize("acts", [False, True])
def test_a_lost_answer_is_never_taken_for_yes_or_no(
    bot: Simulator, channel: ZaloBotChannel, kind: str, acts: bool
) -> None:
    bot.fail("bot", kind, acts=acts)

    with pytest.raises(SendUnsure):
        channel.send(chat(bot), HELLO)

    assert len(bot.bot.sent_to(PERSON)) == acts


def refusal(code: int, status: int | None = None) -> tuple[int, bytes]:
    body = {"ok": False, "error_code": code, "description": "ordered"}
    return (status or code, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (refusal(400), SendRefused, "400"),
        (refusal(401), SendNeedsPerson, "401"),
        (refusal(403), SendLater, "403"),
        (refusal(404), SendNeedsPerson, "404"),
        (refusal(408), SendLater, "408"),
        (refusal(429), SendWait, "429"),
        (refusal(401, status=200), SendNeedsPerson, "401"),
        (refusal(418), SendLater, "418"),
        (refusal(500), SendUnsure, "500"),
        ((401, b""), SendNeedsPerson, "401"),
        ((429, b"slow down"), SendWait, "429"),
        ((302, b""), SendNeedsPerson, "http_302"),
        ((403, b"<html>"), SendNeedsPerson, "http_403"),
        ((408, b"<html>"), SendUnsure, "http_408"),
        ((502, b"<html>"), SendUnsure, "http_502"),
        ((200, b"[]"), SendUnsure, "http_200"),
        ((200, b'{"ok": "yes"}'), SendUnsure, "http_200"),
    ],
)
def test_every_kind_of_answer_has_its_meaning(
    stub: Stub, answer: tuple[int, bytes], expected: type[SendError], code: str
) -> None:
    stub.answer(answer)

    with pytest.raises(SendError) as caught:
        a_bot(stub.url).send("c", HELLO)

    assert (type(caught.value), caught.value.code) == (expected, code)


def test_a_used_up_quota_lets_everything_wait_a_minute(stub: Stub) -> None:
    stub.answer(refusal(429))

    with pytest.raises(SendWait) as caught:
        a_bot(stub.url).send("c", HELLO)

    assert (caught.value.reach, caught.value.retry_after) == (Reach.ACCOUNT, 60.0)


@pytest.mark.parametrize("result", [{"ok": True}, {"ok": True, "result": []}])
def test_a_success_without_an_id_is_still_a_success(stub: Stub, result: Any) -> None:
    stub.answer(result)

    assert a_bot(stub.url).send("c", HELLO) == ""


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nowhere.invalid", "no-address"])
def test_a_platform_that_is_not_reached_got_nothing(url: str) -> None:
    with pytest.raises(SendLater):
        a_bot(url).send("c", HELLO)


def test_no_error_shows_the_token(stub: Stub) -> None:
    for url, answer in ((stub.url, refusal(401)), (stub.url, None), ("http://127.0.0.1:1", None)):
        stub.answer(answer)
        with pytest.raises(SendError) as caught:
            a_bot(url, "1:very-secret").send("c", HELLO)
        error = caught.value
        assert "very-secret" not in f"{error} {error.code} {error.reason} {error.__context__!r}"


def test_nothing_personal_is_ever_logged() -> None:
    for path in Path(str(zalo_bot.__file__)).parent.glob("*.py"):
        assert "description" not in path.read_text(encoding="utf-8"), "the platform may quote"


def test_the_webhook_is_set_told_and_deleted(bot: Simulator, channel: ZaloBotChannel) -> None:
    api = channel.api
    assert api.webhook_url() == ""
    assert api.me()["account_type"] == "BASIC"

    api.set_webhook("https://motcua.example/webhooks/zalo_bot", BOT_SECRET)
    try:
        assert api.webhook_url() == "https://motcua.example/webhooks/zalo_bot"
        with pytest.raises(SendRefused):
            api.update(0)
    finally:
        api.delete_webhook()
    assert api.webhook_url() == ""


def test_a_short_secret_is_refused_before_it_leaves(channel: ZaloBotChannel) -> None:
    with pytest.raises(SendRefused):
        channel.api.set_webhook("https://motcua.example", "short")


def test_a_call_that_may_be_repeated_is_only_late(stub: Stub) -> None:
    stub.answer(None)

    with pytest.raises(SendLater):
        a_bot(stub.url).api.me()


@pytest.mark.parametrize(
    ("token", "secret", "named"),
    [
        ("abc", "", "TOKEN"),
        ("12:", "", "TOKEN"),
        ("1:a/b", "", "TOKEN"),
        ("1:a", "short", "SECRET"),
        ("1:a", "s" * 257, "SECRET"),
    ],
)
def test_keys_that_cannot_be_right_stop_the_start(token: str, secret: str, named: str) -> None:
    with pytest.raises(SettingsError, match=f"MOTCUA_ZALO_BOT_{named}"):
        check_keys(token, secret)


def test_keys_may_be_missing() -> None:
    check_keys("", "")
    check_keys("1:a", "")


def test_without_a_secret_no_webhook_call_is_ours() -> None:
    open_bot: Channel = ZaloBotChannel(token="1:a", secret="")

    for headers in ({}, {"X-Bot-Api-Secret-Token": ""}):
        assert open_bot.receive(headers, b"{}", NOW).outcome == "bad_signature"


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
names = st.sampled_from(("id", "chat_type", "text", "is_bot", "url"))
values = st.recursive(leaves, lambda i: st.lists(i) | st.dictionaries(names, i), max_leaves=6)
parts = ("message_id", "date", "text", "photo", "photo_url", "caption", "from", "chat")
messages = st.dictionaries(st.sampled_from(parts), values) | values


@settings(max_examples=300, deadline=None)
@given(st.sampled_from((*events.TABLE, *events.IGNORED, "x")) | values, messages, st.booleans())
def test_nonsense_with_the_right_secret_gets_an_answer(
    name: Any, message: Any, wrapped: bool
) -> None:
    update = {"event_name": name, "message": message}
    body = json.dumps({"ok": True, "result": update} if wrapped else update).encode()

    webhook = CHANNELS["zalo_bot"]().receive({"X-Bot-Api-Secret-Token": BOT_SECRET}, body, NOW)

    assert webhook.outcome in OUTCOMES
    for inbound in webhook.inbounds:
        inbound.text.encode()  # fit for a database
        assert inbound.sent_at <= NOW
