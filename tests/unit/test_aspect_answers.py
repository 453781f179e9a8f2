"""Help with the portal, complaints and privacy: the part of the matter that was asked about."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.conversation.aspects import AspectAnswers
from bot.core.conversation.payloads import parse_payload
from bot.core.desk import Answer
from bot.core.phrases import Aspects
from bot.wiring.desk import read_words
from tests.builders import WORDING, an_ask

TOPICS = {"portal": {}, "complaints": {}, "privacy": {"text_hours": 24, "row_days": 90}}
LISTS = {topic: Aspects.from_lists(read_words(f"{topic}/aspects")) for topic in TOPICS}
ANSWERS = AspectAnswers(WORDING, LISTS)


def asked(topic: str, text: str, **more: Any) -> Answer:
    return ANSWERS.about(topic, **TOPICS[topic])(an_ask(text, "ask_portal_help", **more))


def every_aspect() -> list[tuple[str, str]]:
    return [(topic, aspect) for topic in TOPICS for aspect in ["", *LISTS[topic].lists]]


@pytest.mark.parametrize(("topic", "aspect"), every_aspect())
def test_every_aspect_has_an_answer_whose_buttons_work(topic: str, aspect: str) -> None:
    answer = asked(topic, "", entities=[("aspect", aspect)])

    for reply in answer.replies:
        assert reply.text.startswith("Dạ")
        assert 0 < len(reply.buttons) <= 5
        assert all(parse_payload(b.payload) for b in reply.buttons if b.payload)


@pytest.mark.parametrize(
    ("topic", "text", "aspect"),
    [
        ("portal", "kích hoạt tài khoản định danh mức 2 làm sao", "identity"),
        ("portal", "khong dang nhap duoc vneid", "identity"),
        ("portal", "quen mat khau vneid", "password"),
        ("portal", "otp k về là s z", "password"),
        ("portal", "tải tệp 15MB lên báo quá 10MB", "upload"),
        ("portal", "công ty tôi cần tài khoản định danh tổ chức", "organisation"),
        ("portal", "chữ ký số báo hết hạn", "signature"),
        ("portal", "hệ thống báo lỗi 500 lúc nộp", "form"),
        ("portal", "tới bước thanh toán thì nó đứng", "payment"),
        ("portal", "tui già hổng rành, nộp trên mạng mần sao", "helper"),
        ("portal", "hướng dẫn nộp hồ sơ trực tuyến từ đầu", None),
        ("complaints", "bot ngu quá", "bot"),
        ("complaints", "thái độ cán bộ quá tệ", "staff"),
        ("complaints", "nộp đơn tố cáo ở chỗ nào", "formal"),
        ("complaints", "đưa phong bì mới giải quyết là sao", "bribe"),
        ("complaints", "chờ lâu quá, bực rồi đó", "delay"),
        ("complaints", "máy lạnh phòng một cửa hư", "facility"),
        ("complaints", "bực mình", None),
        ("privacy", "ảnh tôi gửi có bị giữ lại không", "picture"),
        ("privacy", "người khác biết mã hồ sơ có xem được tên tôi không", "code"),
        ("privacy", "có ai đọc không", "who"),
        ("privacy", "cho tôi bản sao dữ liệu của tôi", "copy"),
        ("privacy", "lưu tin nhắn bao lâu", None),
    ],
)
def test_the_words_choose_the_aspect(topic: str, text: str, aspect: str | None) -> None:
    assert LISTS[topic].of(text) == aspect


def test_saying_it_again_repeats_the_same_aspect() -> None:
    answer = asked("portal", "quên mật khẩu")

    assert answer.context["again"] == '/ask_portal_help{"aspect": "password"}'


def test_an_aspect_nobody_knows_is_the_general_answer() -> None:
    assert asked("portal", "", entities=[("aspect", "../talk/menu")]) == asked("portal", "")


def test_what_is_kept_and_how_long_is_told_in_numbers() -> None:
    text = asked("privacy", "lưu gì vậy").replies[0].text

    assert "24 giờ" in text
    assert "90 ngày" in text


def test_anger_at_the_bot_gets_an_apology_and_a_person() -> None:
    reply = asked("complaints", "bot ngu").replies[0]

    assert "xin lỗi" in reply.text
    assert reply.buttons[0].payload == "/request_human"
