"""A new colleague enrols, logs in, looks around and leaves, on a phone and on a desk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest

from tests.desk_process import Chat, RunningDesk

PASSWORD = "trời mưa mang ô nhé"
SIZES = {"phone": (360, 740), "desk": (1280, 800)}


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def visitor(chromium: Any, size: str) -> Iterator[Any]:
    """A browser with nothing in it; an error of a script or of the policy fails the test."""
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="vi-VN", is_mobile=size == "phone"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def look(visitor: Any, size: str) -> Any:
    """Keep a picture of the page when PICTURES_DIR names a folder; nothing may stick out."""

    def look_at(name: str) -> None:
        width = SIZES[size][0]
        assert visitor.evaluate("document.documentElement.scrollWidth") <= width, name
        if folder := os.environ.get("PICTURES_DIR"):
            path = Path(folder) / f"console-{name}-{size}.png"
            visitor.screenshot(path=path, full_page=True)

    return look_at


def invitation(desk: RunningDesk, login: str) -> str:
    done = desk.flask(
        "staff", "add", "Nguyễn Thị Lan", "--login", login, "--role", "admin", "--role", "author"
    )
    assert done.returncode == 0, done.stderr
    (link,) = re.findall(r"http\S+/console/enrol/\S+", done.stdout)
    return link


def test_a_colleague_enrols_logs_in_looks_around_and_leaves(
    desk: RunningDesk, visitor: Any, look: Any, size: str
) -> None:
    visitor.goto(invitation(desk, f"lan.{size}"))
    look("enrol")
    app = pyotp.TOTP(visitor.locator(".key").inner_text().replace(" ", ""))

    visitor.fill("#password", PASSWORD)
    visitor.fill("#again", "something else entirely")
    visitor.fill("#code", app.now())
    visitor.click("button[type=submit]")
    assert "chưa giống nhau" in visitor.locator("[role=alert]").inner_text()
    look("enrol-wrong")

    visitor.fill("#password", PASSWORD)
    visitor.fill("#again", PASSWORD)
    visitor.fill("#code", app.now())
    visitor.press("#code", "Enter")
    assert visitor.locator("#codes li").count() == 10
    look("recovery")
    recovery = visitor.locator("#codes li").first.inner_text()

    visitor.click("a.main")
    look("login")
    visitor.fill("#login", f"lan.{size}")
    visitor.fill("#password", "not the password at all")
    visitor.fill("#code", "000000")
    visitor.press("#code", "Enter")
    assert "chưa đúng" in visitor.locator("[role=alert]").inner_text()
    look("login-wrong")

    visitor.click("[data-reveal=password]")
    visitor.fill("#password", PASSWORD)
    visitor.click("summary")
    visitor.fill("#recovery", recovery)
    visitor.press("#recovery", "Enter")
    visitor.wait_for_url("**/console/account*")
    assert "mã khôi phục" in visitor.locator("[role=status]").inner_text()
    look("account")

    Chat(desk.url).say("xin chào")
    visitor.click("nav a >> nth=0")
    visitor.wait_for_url("**/console/")
    assert visitor.locator("h1").inner_text() == "Tổng quan"
    assert visitor.locator("text=Đang làm việc").count() == 1
    assert "người dân" in visitor.locator(".tile").first.inner_text()
    look("overview")

    visitor.click("header .leave")
    visitor.wait_for_url("**/console/login*")
    assert "đã đăng xuất" in visitor.locator("[role=status]").inner_text()
    visitor.goto(f"{desk.url}/console/")
    assert "/console/login" in visitor.url


def test_every_step_can_be_done_with_the_keyboard(desk: RunningDesk, visitor: Any) -> None:
    visitor.goto(f"{desk.url}/console/login")

    reached = []
    for _ in range(12):
        reached.append(
            visitor.evaluate("document.activeElement.id || document.activeElement.tagName")
        )
        ring = visitor.evaluate("getComputedStyle(document.activeElement).boxShadow")
        assert reached[-1] in {"BODY"} or ring != "none", reached[-1]
        visitor.keyboard.press("Tab")

    assert {"login", "password", "code", "SUMMARY", "BUTTON"} <= set(reached)


def test_the_page_works_without_scripts(chromium: Any, desk: RunningDesk) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk.url}/console/login")
    page.fill("#login", "nobody")
    page.fill("#password", "x")
    page.click("button[type=submit]")

    assert "chưa đúng" in page.locator("[role=alert]").inner_text()
    context.close()
