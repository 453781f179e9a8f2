"""The editor under somebody's hands: the preview follows, the last good one stays, blanks fill."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from bot.core.staff.roles import Role
from tests.adapters.editor_parts import NEW, EditorPages

SIZES = {"phone": (360, 740), "desk": (1280, 800)}
PDF = {"name": "Thông báo.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}


@pytest.fixture
def console(tmp_path: Path) -> Iterator[EditorPages]:
    made = EditorPages(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def address(console: EditorPages) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, console.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=list(SIZES))
def editor(
    request: pytest.FixtureRequest, chromium: Any, console: EditorPages, address: str
) -> Iterator[Any]:
    """The empty editor; an error of a script or of the policy fails the test."""
    cookie = console.logged_in("lan", [Role.AUTHOR]).client.get_cookie("motcua_staff")
    assert cookie
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Policy" in said.text else None)
    page.goto(address + NEW)
    yield page
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    context.close()
    assert errors == []


def write(page: Any) -> None:
    page.fill("#title", "Mưa lớn ở xã Một chiều nay")
    page.fill("#body", "Bà con kê cao đồ đạc.")
    page.select_option("#topic", "flood")


def test_the_preview_follows_what_is_written(editor: Any) -> None:
    write(editor)
    expect(editor.locator(".bubble").first).to_contain_text("Bà con kê cao đồ đạc.")
    expect(editor.locator("[data-preview-status]")).to_have_text("Đã cập nhật")

    editor.locator("label[for=shown-zalo]").click()
    editor.fill("#body", "Gọi 114 khi cần.")

    shown = editor.locator(".tab:visible .bubble")
    expect(shown).to_contain_text("Gọi 114 khi cần.")
    expect(editor.locator("#shown-zalo")).to_be_checked()
    expect(editor.locator(".measure:visible")).to_contain_text("/ 2.000 ký tự")
    expect(editor.locator("[data-count=body]")).to_have_text("16 / 3.500")


def test_a_form_in_doubt_keeps_the_last_good_preview(editor: Any) -> None:
    write(editor)
    expect(editor.locator(".bubble").first).to_contain_text("Bà con kê cao đồ đạc.")

    editor.fill("#areas", "xã Lạ Lùng")

    expect(editor.locator("[data-preview-status]")).to_have_text("Chưa cập nhật: có ô chưa đúng")
    expect(editor.locator(".bubble").first).to_contain_text("Bà con kê cao đồ đạc.")


def test_only_the_last_of_quick_changes_is_asked_for(editor: Any) -> None:
    write(editor)
    expect(editor.locator("[data-preview-status]")).to_have_text("Đã cập nhật")
    asked: list[str] = []
    editor.on("request", lambda sent: asked.append(sent.url) if "preview" in sent.url else None)

    editor.locator("#body").press_sequentially("Bà con chú ý theo dõi.", delay=10)

    expect(editor.locator(".bubble").first).to_contain_text("Bà con chú ý theo dõi.")
    assert len(asked) <= 3


def test_a_template_is_filled_blank_by_blank(editor: Any, address: str) -> None:
    editor.goto(f"{address}{NEW}?template=storm")
    expect(editor.locator(".bubble mark").first).to_have_text("«số»")
    count = editor.locator(".only mark, .tab:visible mark").count()

    editor.locator("[data-next-blank]").click()
    editor.keyboard.type("5")

    expect(editor.locator("#title")).to_have_value(
        "Bão số 5 gây mưa to, gió giật cấp «cấp gió» ở «tên xã, phường» từ «giờ, ngày»"
    )
    expect(editor.locator(".only mark, .tab:visible mark")).to_have_count(count - 1)


def test_a_chosen_file_is_kept_by_a_look_and_saved(editor: Any, console: EditorPages) -> None:
    write(editor)
    editor.set_input_files("#attachment_file", PDF)
    editor.click("[name=only_preview]")
    expect(editor.locator(".kept a")).to_have_text("Thông báo.pdf")

    editor.click(".save .main")

    expect(editor.locator("h1")).to_have_text("Mưa lớn ở xã Một chiều nay")
    assert console.draft().notice.attachment_name == "Thông báo.pdf"


def test_enter_in_a_field_saves_and_asks_for_nothing_else(
    editor: Any, console: EditorPages
) -> None:
    write(editor)
    editor.press("#title", "Enter")

    expect(editor.locator("h1")).to_have_text("Mưa lớn ở xã Một chiều nay")
    assert console.draft().notice.topic == "flood"
