"""A browser on the ready desk; these tests only run with ``--browser``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from bot.core.messages import Reply
from bot.settings import Settings
from bot.store import open_store
from tests.desk_process import RunningDesk

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, desk: RunningDesk) -> Iterator[Any]:
    """Return the chat page on a small phone; any script error fails the test."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
    )
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(desk.url)
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def send_notice(desk: RunningDesk) -> Callable[[str, str], None]:
    """Return what information staff do: publish an announcement and plan its notices."""

    def _send(topic: str, text: str) -> None:
        store = open_store(Settings(data_dir=desk.data_dir).store_url)
        now = datetime.now(timezone.utc)
        title, _, body = text.partition("\n")
        announcement = store.announcements.publish(
            topic=topic, title=title, body=body, issuer="UBND", now=now
        )
        for _ in store.notices.plan(
            announcement, Reply(text, meta={"notice_id": announcement.id}), now
        ):
            pass
        store.close()

    return _send
