"""A slip scanned with a phone: the page, and the way from it into the chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.settings import Settings
from bot.store import open_store
from bot.wiring.slips import build_slips
from tests.desk_process import RunningDesk

CODE = "000.00.19.H39-260915-0001"
WAIT = 20_000  # milliseconds


@pytest.fixture
def token(desk: RunningDesk) -> Iterator[str]:
    settings = Settings(data_dir=desk.data_dir, secret_key=desk.environ["MOTCUA_SECRET_KEY"])
    store = open_store(settings.store_url)
    yield build_slips(settings, store).sign(DossierCode(CODE))
    store.close()


def test_the_page_fits_a_small_phone(page: Any, desk: RunningDesk, token: str) -> None:
    page.goto(f"{desk.url}/q/{token}")

    assert page.locator(".number").inner_text() == CODE
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator(".track").is_visible()
    assert not page.locator(".drawn").is_visible()
    for door in page.locator(".door").all():
        assert door.bounding_box()["height"] >= 44


def test_a_desk_screen_shows_the_drawing(page: Any, desk: RunningDesk, token: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{desk.url}/q/{token}")

    drawn = page.locator(".drawn")
    drawn.scroll_into_view_if_needed()
    width = drawn.evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert width == 720
    assert drawn.is_visible()


def test_the_chat_opens_with_the_code_written(page: Any, desk: RunningDesk, token: str) -> None:
    page.goto(f"{desk.url}/q/{token}")

    page.click(".door.main")

    page.wait_for_function("document.querySelector('#text').value !== ''", timeout=WAIT)
    assert page.input_value("#text") == CODE
    assert "#" not in page.url
    page.click("#send")
    page.locator(".msg.theirs").first.wait_for(timeout=WAIT)
    assert page.locator(".msg.mine .says").first.inner_text() == CODE
    assert CODE in page.locator(".msg.theirs").first.inner_text()


def test_a_link_cannot_write_anything_but_a_code(page: Any, desk: RunningDesk) -> None:
    page.goto(f"{desk.url}/q/x")
    page.goto(f"{desk.url}/#ho-so=<b>xin%20chao</b>")
    page.wait_for_timeout(300)

    assert page.input_value("#text") == ""
