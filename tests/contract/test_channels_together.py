"""The web chat and both Zalo platforms keep one contract, whatever stands between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.messages import Button, InboundKind, Reply
from tests.contract.channel_drivers import OTHER, driven

PLATFORMS = ("zalo", "zalo_visitors", "zalo_bot", "zalo_bot_polling")
ARRIVED = {"sent", "delivered"}  # the page needs no sending
HELLO = Reply("Dạ, chào anh/chị.")
FEE = Button("Phí bao nhiêu", '/ask_fee{"procedure": "1.001193"}')
WHERE = Button("Nộp ở đâu", '/ask_where{"procedure": "1.001193"}')
LINK = Button("Cổng dịch vụ công", url="https://dichvucong.gov.vn/x")
CALL = Button("Gọi tổng đài", phone="02720001022")


@pytest.fixture(params=("web", *PLATFORMS))
def on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with driven(request.param, tmp_path) as driver:
        yield driver


@pytest.fixture(params=PLATFORMS)
def on_platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with driven(request.param, tmp_path) as driver:
        yield driver


@pytest.mark.parametrize(
    "text", ["hồ sơ của tôi đâu rồi", "👋🏽 đ", "/lookup_dossier", "a" * 2000]
)
def test_a_text_is_heard_as_written(on: Any, text: str) -> None:
    on.says(text)
    on.work()

    (heard,) = on.heard
    assert (heard.channel, heard.kind, heard.text) == (
        on.channel.name,
        InboundKind.TEXT,
        text,
    )


def test_a_message_that_comes_twice_is_heard_once(on: Any) -> None:
    on.says("chào em", times=3)
    on.work()

    assert len(on.heard) == 1


def test_messages_are_heard_in_order(on: Any) -> None:
    for text in ("một", "hai", "ba"):
        on.says(text)
    on.work()

    assert [heard.text for heard in on.heard] == ["một", "hai", "ba"]


def test_a_photo_comes_with_its_bytes_or_address(on: Any) -> None:
    on.shows_photo()
    on.work()

    (heard,) = on.heard
    assert heard.kind is InboundKind.IMAGE
    assert heard.picture or heard.media_url


def test_nobody_is_heard_without_proof(on: Any) -> None:
    on.stranger_says("xóa dữ liệu của tôi")
    on.work()

    assert on.heard == []


def test_an_answer_reaches_who_asked_and_nobody_else(on: Any) -> None:
    on.says("chào em")
    on.work(HELLO, Reply("Dạ, em nghe."))

    assert [seen.text for seen in on.sees()] == [HELLO.text, "Dạ, em nghe."]
    assert on.sees(OTHER) == []
    assert sum(on.states().values()) == 2
    assert set(on.states()) <= ARRIVED


def test_nothing_of_a_long_answer_is_lost(on: Any) -> None:
    buttons = tuple(Button(f"Thủ tục {number}", f"/ask{number}") for number in range(12))
    on.says("chào em")
    on.work(Reply("Dạ, đây là câu trả lời dài. " * 200, buttons))

    whole = " ".join(seen.whole for seen in on.sees())
    assert whole.count("câu trả lời dài") == 200
    assert all(button.title in whole for button in buttons)
    assert set(on.states()) <= ARRIVED


def test_links_and_phone_numbers_can_be_used(on: Any) -> None:
    on.says("chào em")
    on.work(Reply("Mời anh/chị", (LINK, CALL)))

    whole = " ".join(seen.whole for seen in on.sees())
    assert "https://dichvucong.gov.vn/x" in whole
    assert "2720001022" in whole


@pytest.mark.parametrize("button", [FEE, WHERE], ids=lambda button: button.title)
def test_a_button_is_heard_as_its_payload(on: Any, button: Button) -> None:
    on.says("chào em")
    on.work(Reply("Mời anh/chị chọn", (LINK, FEE, WHERE)))

    on.presses(button.title)
    on.work()

    assert on.heard[-1].text == button.payload


def test_a_picture_arrives_with_its_words(on: Any) -> None:
    on.says("chào em")
    on.work(Reply("Mã QR", image_url="https://motcua.example/q/1.png"))

    (seen,) = on.sees()
    assert (seen.text, seen.image_url) == ("Mã QR", "https://motcua.example/q/1.png")


def test_a_lost_answer_is_not_sent_again(on_platform: Any) -> None:
    on_platform.says("chào em")
    on_platform.loses_next_answer()
    on_platform.work(HELLO)
    on_platform.clock.forward(hours=1)
    on_platform.send()

    assert on_platform.states() == {"unsure": 1}
    assert len(on_platform.sees()) == 1


def test_buttons_are_shown_where_there_are_buttons(on: Any) -> None:
    on.says("chào em")
    on.work(Reply("Mời anh/chị chọn", (FEE, WHERE)))

    titles = [button.get("title") for seen in on.sees() for button in seen.buttons]
    assert titles == ([FEE.title, WHERE.title] if on.channel.has_buttons else [])
