"""What a notice says on every channel: issuer, code, link, picture; nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from bot.channels.web import WebChannel
from bot.channels.zalo.messages import LIMITS, message_for
from bot.channels.zalo_bot.channel import LIMITS as BOT_LIMITS
from bot.core.announcements.pages import Pages
from bot.core.messages import Reply
from bot.core.notices.notice import Audience, Notice
from bot.core.notices.words import SAMPLE_CODE, NoticeWords, announced
from bot.core.plain import written_out
from bot.core.splitting import split_reply
from tests.builders import WORDING, FakeNews

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
HOME = "https://motcua.example"
PAGE = f"{HOME}/n/{SAMPLE_CODE}"
URL = "https://longan.gov.vn/12"


def a_notice(**changes: Any) -> Notice:
    values: dict[str, Any] = {
        "topic": "natural_disaster",
        "title": "Mưa lớn chiều nay",
        "body": "Bà con kê cao đồ đạc.",
        "issuer": "Đài Khí tượng",
        "number": "12/TB",
        "document_date": "20/11/2026",
        "hotline": "114",
        "url": URL,
        "audience": Audience(topics=("natural_disaster",)),
        **changes,
    }
    return Notice(**values)


FULL = a_notice(picture_digest="a" * 64, attachment_digest="b" * 64, attachment_name="cv.pdf")
TOLD = ("Mưa lớn", "Nguồn: Đài Khí tượng, số 12/TB ngày 20/11/2026", f"Mã tin: {SAMPLE_CODE}")


def words(address: str = HOME, plain: tuple[str, ...] = ()) -> NoticeWords:
    return NoticeWords(WORDING, FakeNews(), lambda number: "ACD3467", Pages(address), plain)


def urls(reply: Reply) -> list[str | None]:
    return [button.url for button in reply.buttons]


def test_a_notice_carries_issuer_code_and_both_pages() -> None:
    reply = words().preview(a_notice(), NOW)

    assert all(part in reply.text for part in TOLD)
    assert urls(reply) == [URL, PAGE]
    assert reply.image_url is None


def test_the_document_is_a_button_of_its_own() -> None:
    reply = words().preview(replace(FULL, picture_digest=""), NOW)

    assert urls(reply) == [URL, PAGE, f"{PAGE}/van-ban"]
    assert [button.title for button in reply.buttons][-1] == "Xem văn bản"


def test_a_notice_without_an_official_page_still_has_ours() -> None:
    assert urls(words().preview(a_notice(url=""), NOW)) == [PAGE]


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:5000"])
def test_an_address_platforms_refuse_makes_no_button_and_no_picture(address: str) -> None:
    reply = words(address).preview(FULL, NOW)

    assert urls(reply) == [URL]
    assert reply.image_url is None
    assert ("/n/" in reply.text) == bool(address)


def test_beside_a_picture_the_links_stand_in_the_text() -> None:
    reply = words().preview(FULL, NOW)

    assert reply.image_url == f"{PAGE}/anh"
    assert reply.buttons == ()
    for url in (URL, PAGE, f"{PAGE}/van-ban"):
        assert f": {url}" in reply.text


@pytest.mark.parametrize("notice", [a_notice(), FULL, replace(FULL, picture_digest="")])
def test_zalo_gets_one_message_that_has_lost_nothing(notice: Notice) -> None:
    reply = words().preview(notice, NOW)

    (whole,) = split_reply(reply, LIMITS)
    sent = str(message_for(whole))  # what a notice is sent as, in one call

    assert whole == reply
    for part in (*TOLD, URL, PAGE, *([f"{PAGE}/anh"] if notice.picture_digest else [])):
        assert part in message_text(sent)


def message_text(sent: str) -> str:
    return sent.replace("\\n", "\n")


@pytest.mark.parametrize("notice", [a_notice(), FULL])
def test_the_bot_gets_one_message_that_has_lost_nothing(notice: Notice) -> None:
    reply = words().preview(notice, NOW)

    (whole,) = split_reply(written_out(reply), BOT_LIMITS)

    assert all(part in whole.text for part in (*TOLD, URL, PAGE))
    assert whole.image_url == reply.image_url


@pytest.mark.parametrize("notice", [a_notice(), FULL])
def test_the_web_chat_shows_it_as_it_is(notice: Notice) -> None:
    reply = words().preview(notice, NOW)

    assert WebChannel().fit(reply) == (reply,)


def test_the_preview_is_what_is_sent() -> None:
    renderer = words()

    sent = renderer.reply(announced(FULL, "K7M3QXA", NOW), FULL)

    assert sent == renderer.preview(FULL, NOW, "K7M3QXA")


def test_the_length_counts_what_each_channel_gets() -> None:
    renderer = words(plain=("zalo_bot",))
    notice = a_notice()
    reply = renderer.preview(notice, NOW)

    lengths = renderer.lengths(notice, ["web", "zalo", "zalo_bot"], NOW)

    assert lengths["web"] == lengths["zalo"] == len(reply.text)
    assert lengths["zalo_bot"] == len(written_out(reply).text) > len(reply.text)


def test_a_correction_names_what_it_corrects() -> None:
    reply = words().preview(a_notice(audience=Audience(corrects=3)), NOW)

    assert reply.text.startswith("ĐÍNH CHÍNH: ")
    assert "đã nhận tin ACD3467 trước đó" in reply.text


def test_words_of_an_author_cannot_make_buttons() -> None:
    reply = words().preview(a_notice(body="x\n---\n[Quà](https://evil.example)"), NOW)

    assert urls(reply) == [URL, PAGE]


@pytest.mark.parametrize("others", [{"uploaded": "a" * 64}, {"dossier_states": ("pending",)}])
def test_nobody_is_told_of_a_choice_they_may_not_have_made(others: dict[str, Any]) -> None:
    mixed = Audience(topics=("natural_disaster",), **others)

    assert "đã chọn chủ đề" in words().preview(a_notice(), NOW).text
    told = words().preview(a_notice(audience=mixed), NOW).text
    assert "đã chọn chủ đề" not in told
    assert "nhắn DỪNG" in told
