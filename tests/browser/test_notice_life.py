"""The whole life of a notice, by three people in three browsers, to a crowd on a platform.

Lan writes, Minh approves, Hoa sends. On a desk and on a phone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import expect

from tests.broadcast import Zalo, environ, gather, platform_process
from tests.desk_process import RunningDesk, free_port, running_desk

PASSWORD = "trời mưa mang ô nhé"
SIZES = {"phone": (360, 740), "desk": (1280, 800)}
CROWD = 24
RATE = 120  # calls a minute: slow enough for a person to pause in the middle
TITLE = "Mưa lớn tại xã Bến Lức chiều nay"
BODY = """Từ 15 giờ đến 19 giờ hôm nay, xã Bến Lức có mưa rất to, gió giật mạnh.

Bà con không ra đồng, ra sông.
Ngắt điện, kê cao đồ đạc ở nhà thấp."""


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def zalo(tmp_path: Path) -> Iterator[tuple[Zalo, int]]:
    port = free_port()
    with platform_process(tmp_path / "zalo.log", port, CROWD) as platform:
        yield platform, port


@pytest.fixture
def own_desk(tmp_path: Path, zalo: tuple[Zalo, int]) -> Iterator[RunningDesk]:
    platform, port = zalo
    settings = environ(platform.url, RATE)
    with running_desk(tmp_path / "desk", settings, port) as desk:
        gather(desk.data_dir, CROWD, "disaster")
        yield desk


class Person:
    """Somebody of the staff at a browser of their own."""

    def __init__(self, desk: RunningDesk, context: Any, login: str, name: str, role: str) -> None:
        self.desk, self.login = desk, login
        self.page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)
        done = desk.flask("staff", "add", name, "--login", login, "--role", role)
        assert done.returncode == 0, done.stderr
        (self._link,) = re.findall(r"http\S+/console/enrol/\S+", done.stdout)

    def _note(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def enter(self) -> None:
        page = self.page
        page.goto(self._link)
        app = pyotp.TOTP(page.locator(".key").inner_text().replace(" ", ""))
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.fill("#code", app.now())
        page.press("#code", "Enter")
        recovery = page.locator("#codes li").first.inner_text()
        page.goto(f"{self.desk.url}/console/login")
        page.fill("#login", self.login)
        page.fill("#password", PASSWORD)
        page.click("summary")
        page.fill("#recovery", recovery)
        page.press("#recovery", "Enter")
        page.wait_for_url("**/console/account*")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.desk.url}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def state(self) -> str:
        return str(self.page.locator(".heading .chip").first.inner_text())

    def wait_for_state(self, state: str, path: str, seconds: float = 60) -> None:
        for _ in range(int(seconds * 2)):
            self.open(path)
            if self.state == state:
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"{self.state}, not {state}: {self.desk.log('worker')[-2000:]}")


@pytest.fixture
def people(chromium: Any, own_desk: RunningDesk, size: str) -> Iterator[list[Person]]:
    width, height = SIZES[size]
    roles = (("lan", "Lan", "author"), ("minh", "Minh", "approver"), ("hoa", "Hoa", "operator"))
    contexts = [
        chromium.new_context(
            viewport={"width": width, "height": height}, locale="vi-VN", is_mobile=size == "phone"
        )
        for _ in roles
    ]
    staff = [
        Person(own_desk, context, *each) for context, each in zip(contexts, roles, strict=True)
    ]
    for person in staff:
        person.enter()
    yield staff
    for context in contexts:
        context.close()
    assert [error for person in staff for error in person.errors] == []


@pytest.fixture
def look(size: str) -> Callable[[Person, str], None]:
    """Keep a picture of the page when PICTURES_DIR names a folder; nothing may stick out."""

    def look_at(person: Person, name: str) -> None:
        width = SIZES[size][0]
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width, name
        if folder := os.environ.get("PICTURES_DIR"):
            path = Path(folder) / f"life-{name}-{size}.png"
            person.page.screenshot(path=path, full_page=True)

    return look_at


def told(zalo: Zalo, words: str) -> list[str]:
    """Return who was delivered a message with these words, once for each time."""
    return [
        line["request"]["recipient"]["user_id"]
        for line in zalo.calls()
        if line.get("answer", {}).get("error") == 0
        and words in json.dumps(line["request"], ensure_ascii=False)
    ]


def test_a_notice_lives_from_draft_to_erratum(
    zalo: tuple[Zalo, int], people: list[Person], look: Callable[[Person, str], None]
) -> None:
    platform, _ = zalo
    lan, minh, hoa = people

    # Lan writes, sees it as on a phone, keeps and submits it.
    lan.open("/console/notices/new")
    lan.page.fill("#title", TITLE)
    lan.page.fill("#body", BODY)
    lan.page.fill("#hotline", "0272 3 838 383")
    lan.page.check("input[name=urgency][value=urgent]")
    lan.page.select_option("#topic", "disaster")
    lan.press("Xem trước")
    expect(lan.page.locator(".remarks")).to_contain_text("(cần sửa)")  # nobody could check it
    lan.page.fill("#number", "12/CĐ-UBND")
    lan.page.fill("#document_date", "22/11/2026")
    lan.press("Xem trước")
    expect(lan.page.get_by_text("(cần sửa)")).to_have_count(0)
    expect(lan.page.locator(".phone").first).to_contain_text(TITLE)
    look(lan, "preview")
    lan.press("Lưu bản nháp")
    path = lan.page.url.removeprefix(lan.desk.url).partition("?")[0]
    assert lan.state == "Bản nháp"
    lan.press("Trình duyệt")
    assert lan.state == "Chờ duyệt"
    assert lan.page.get_by_role("button", name="Duyệt thông báo này").count() == 0

    # Minh reads it and returns it with a reason, which may not be empty.
    minh.open(path)
    look(minh, "to-approve")
    minh.page.get_by_text("Trả lại người soạn").click()
    minh.press("Trả lại")
    assert minh.state == "Chờ duyệt"
    minh.page.fill("#reason-give_back", "Thêm số nhà người dân gọi khi cần giúp.")
    minh.press("Trả lại")
    assert minh.state == "Trả lại"

    # Lan reads why, mends it, submits it again.
    lan.open(path)
    assert "Thêm số nhà người dân gọi" in lan.page.content()
    look(lan, "returned")
    lan.page.get_by_role("link", name="Sửa", exact=True).click()
    lan.page.fill("#body", f"{BODY}\nCần giúp gọi ngay 0272 3 838 383.")
    lan.press("Lưu thay đổi")
    lan.press("Trình duyệt")

    # Minh approves it, Hoa lets it go and pauses it when some have it.
    minh.open(path)
    minh.press("Duyệt thông báo này")
    assert minh.state == "Đã duyệt"
    look(minh, "approved")
    hoa.open(path)
    hoa.press("Cho gửi")
    hoa.wait_for_state("Đang gửi", path)
    for _ in range(60):
        if len(told(platform, TITLE)) >= 3:
            break
        hoa.page.wait_for_timeout(250)
    hoa.page.fill("#reason-pause", "Chờ xác nhận giờ mưa.")
    hoa.press("Tạm dừng gửi")
    assert hoa.state == "Tạm dừng"
    hoa.page.wait_for_timeout(1500)  # what was under way has arrived
    held = len(told(platform, TITLE))
    hoa.page.wait_for_timeout(3000)
    assert 3 <= len(told(platform, TITLE)) == held < CROWD
    hoa.open(path)
    look(hoa, "paused")
    hoa.press("Gửi tiếp")
    look(hoa, "sending")
    hoa.wait_for_state("Đã gửi xong", path)
    look(hoa, "done")
    once = told(platform, TITLE)
    assert len(once) == len(set(once)) == CROWD

    # Lan corrects it; the same rules hold, and exactly the same people hear of it.
    lan.open(path)
    lan.press("Soạn đính chính")
    lan.page.fill("#title", "Mưa lớn dời sang tối nay tại xã Bến Lức")
    lan.page.fill("#body", BODY.replace("15 giờ đến 19 giờ", "19 giờ đến 23 giờ"))
    look(lan, "erratum")
    lan.press("Lưu thay đổi")
    erratum = lan.page.url.removeprefix(lan.desk.url).partition("?")[0]
    assert erratum != path
    lan.press("Trình duyệt")
    minh.open(erratum)
    minh.press("Duyệt thông báo này")
    hoa.open(erratum)
    hoa.press("Cho gửi")
    hoa.wait_for_state("Đã gửi xong", erratum)
    assert sorted(told(platform, "Mưa lớn dời sang tối nay")) == sorted(once)
    hoa.open(path)
    expect(hoa.page.locator(".tie")).to_contain_text("Đã có tin đính chính")
    look(hoa, "corrected")
    hoa.page.locator(".tie a").click()
    expect(hoa.page.locator(".tie")).to_contain_text("Tin này đính chính")

    # What anybody sees of both, without an account.
    code = hoa.page.locator(".tie .mono").inner_text()
    hoa.open(f"/n/{code}")
    expect(hoa.page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(hoa.page.locator("main")).to_contain_text("đính chính")
    look(hoa, "public")
    hoa.open("/thong-bao/disaster")
    expect(hoa.page.locator("main")).to_contain_text("Mưa lớn dời sang tối nay")
    look(hoa, "public-list")
    hoa.open("/console/notices")
    look(hoa, "list")
