"""The chat page as citizens use it, against the real web and worker processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WAIT = 20_000  # milliseconds


def say(page: Any, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def replies(page: Any) -> Any:
    return page.locator(".msg.theirs")


def wait_for_replies(page: Any, number: int) -> None:
    replies(page).nth(number - 1).wait_for(timeout=WAIT)


def a_photo(folder: Path) -> str:
    from tests.receipts import a_receipt

    path = folder / "receipt.png"
    path.write_bytes(a_receipt())
    return str(path)


def test_a_text_is_answered_and_a_reload_keeps_the_talk(page: Any) -> None:
    say(page, "H53.16-260916-0012")

    wait_for_replies(page, 1)
    assert page.locator("#typing").is_hidden()
    answer = replies(page).first.inner_text()
    page.reload()
    wait_for_replies(page, 1)
    assert page.locator(".msg.mine .says").first.inner_text() == "H53.16-260916-0012"
    assert replies(page).first.inner_text() == answer


def test_a_tapped_button_shows_its_title_not_its_payload(page: Any) -> None:
    page.click(".menu button >> nth=1")

    wait_for_replies(page, 1)
    assert page.locator(".msg.mine .says").inner_text() == "Thủ tục và dịch vụ công"
    page.reload()
    wait_for_replies(page, 1)
    assert not page.locator(".msg.mine .says").inner_text().startswith("/")


def test_a_long_answer_is_read_from_its_beginning(page: Any) -> None:
    page.click(".menu button >> nth=1")

    wait_for_replies(page, 1)
    talk = page.locator("#talk").bounding_box()
    assert replies(page).first.bounding_box()["y"] >= talk["y"]


def test_a_photo_is_shown_sent_and_answered(page: Any, tmp_path: Path) -> None:
    page.set_input_files("#photo", a_photo(tmp_path))

    page.locator(".msg.mine img").wait_for(timeout=WAIT)
    wait_for_replies(page, 1)
    assert page.locator(".msg.failed").count() == 0


def test_a_file_that_is_no_photo_stays_here_with_a_reason(page: Any, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("xin chào")

    page.set_input_files("#photo", str(path))

    state = page.locator(".msg.failed .state")
    state.wait_for(timeout=WAIT)
    assert "không phải ảnh" in state.inner_text()


def test_a_notice_arrives_without_a_reload(page: Any, send_notice: Any) -> None:
    say(page, '/subscribe_topic{"topic": "disaster"}')
    wait_for_replies(page, 1)

    send_notice("disaster", "Cảnh báo mưa lớn\nBà con kê cao tài sản.")

    notice = page.locator(".msg.notice")
    notice.wait_for(timeout=WAIT)
    assert notice.locator(".headline").inner_text() == "Cảnh báo mưa lớn"


def test_text_never_becomes_html(page: Any) -> None:
    say(page, "<img src=x onerror=alert(1)> https://dichvucong.gov.vn.")

    wait_for_replies(page, 1)
    mine = page.locator(".msg.mine .says")
    assert mine.locator("img").count() == 0
    assert mine.locator("a").get_attribute("href") == "https://dichvucong.gov.vn"


def test_a_lost_network_is_said_and_the_message_can_be_sent_again(page: Any) -> None:
    say(page, "xin chào")
    wait_for_replies(page, 1)
    page.context.set_offline(True)

    say(page, "H53.16-260916-0012")

    again = page.locator(".msg.failed .again")
    again.wait_for(timeout=WAIT)
    assert page.locator("#banner").is_visible()
    page.context.set_offline(False)
    again.click()
    wait_for_replies(page, 2)
    assert page.locator(".msg.failed").count() == 0


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_sticks_out_sideways(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    say(page, "a" * 300 + " https://example.gov.vn/" + "b" * 200)
    wait_for_replies(page, 1)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    talk = page.locator("#talk")
    assert talk.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_the_page_works_by_keyboard_alone(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.type("xin chào")
    page.keyboard.press("Enter")

    wait_for_replies(page, 1)
    assert page.locator("#log").get_attribute("role") == "log"
